import { type Clock, isBanyanError, systemTimers, type Timers } from '@banyan/core';
import type { Holder } from '../store/work.js';
import { LEASE_MS } from './lease-time.js';

export interface Lease {
  /** Whether a write may begin now. Cheap, synchronous, by the monotonic clock: asked right before the socket write. */
  holds(): boolean;
  /** A later incarnation came up under this name: this process writes nothing any more. */
  lost(): boolean;
  stop(): void;
}

export interface LeaseOptions {
  readonly holder: Holder;
  /** When the instance was registered, by `clock.monotonic()` taken before the registration. */
  readonly since: number;
  readonly beat: () => Promise<boolean>;
  readonly clock: Clock;
  readonly onLost: () => void;
  /** A renewal failed for another reason than that the database is away. */
  readonly onError: (error: unknown) => void;
  /** Default 1,000 ms. */
  readonly intervalMs?: number;
  /** Default: the machine's. */
  readonly timers?: Timers;
}

/**
 * Keeps the right to write alive. Each renewal counts from before it was asked for, so this process always stops at or before the
 * moment at which others take it for dead: a process that was stopped (SIGSTOP, a long pause) finds its lease lapsed when it
 * comes back, without having to ask anybody.
 */
export function keepLease(options: LeaseOptions): Lease {
  const { beat, clock, onError, onLost, intervalMs = 1_000, timers = systemTimers } = options;
  let validUntil = options.since + LEASE_MS;
  let lost = false;
  let stopped = false;

  const renew = async (): Promise<void> => {
    const asked = clock.monotonic();
    try {
      if (await beat()) validUntil = asked + LEASE_MS;
      else lost = true;
    } catch (error) {
      // The lease runs out by itself, and comes back with the next renewal.
      if (!isBanyanError(error) || !error.retryable) onError(error);
    }
    if (lost) onLost();
    else if (!stopped) renewLater();
  };
  const renewLater = (): void => {
    callOff = timers.after(intervalMs, () => void renew());
  };
  let callOff = (): void => undefined;
  renewLater();

  return {
    holds: () => !lost && !stopped && clock.monotonic() < validUntil,
    lost: () => lost,
    stop: () => {
      stopped = true;
      callOff();
    },
  };
}
