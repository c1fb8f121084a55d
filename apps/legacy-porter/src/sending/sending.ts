import type { Clock, Timers } from '@banyan/core';
import { keepLease, type Lease } from '../instance/lease.js';
import { createJournal } from '../store/journal.js';
import type { PorterStore } from '../store/porter-store.js';
import type { Holder } from '../store/work.js';
import { Claims } from './claims.js';
import type { Lanes } from './lanes.js';
import { type Scheduler, type SchedulerOptions, startScheduler } from './scheduler.js';
import { type SendWorkOptions, sendWork } from './send-work.js';
import type { SendingPort } from './sending-port.js';
import type { Slowness } from './slowness.js';

/** A legacy backend, and the ports that send to it. */
export interface SendingTarget {
  readonly name: string;
  readonly ports: readonly SendingPort[];
  /** Sends there at most, of each of its ports and together, as it is now. */
  readonly lanes: Lanes;
  /** Its answer times since the last call. Default: nobody measures. */
  readonly answers?: SchedulerOptions['answers'];
  /** Of its answer times, milliseconds. Default: none. */
  readonly objectiveMs?: number | undefined;
}

export interface SendingOptions {
  readonly holder: Holder;
  /** When it was registered, by `clock.monotonic()` taken before: the lease here must never outlive the one that others see. */
  readonly since: number;
  readonly store: PorterStore;
  /** On a connection of its own, for the lease alone: a beat that queued behind the sends would let it lapse under load. */
  readonly leaseStore: PorterStore;
  readonly targets: readonly SendingTarget[];
  /** Whether anything may begin, beside the lease. Default: it may. */
  readonly mayBegin?: () => boolean;
  readonly clock: Clock;
  /** Default: the machine's. */
  readonly timers?: Timers;
  /** Aborted when the process stops waiting for the store. */
  readonly stopping: AbortSignal;
  readonly onVerdict: SendWorkOptions['onVerdict'];
  /** A target is driven slower, for another reason, or no longer. Must not throw. */
  readonly onSlow?: (target: string, slow: Slowness | undefined) => void;
  /** Another process has the name: this one sends nothing any more. */
  readonly onLost: () => void;
  readonly onError: (error: unknown, doing: string) => void;
}

export interface Sending {
  readonly lease: Lease;
  /** By target. Each has its own pace: one that is away or slow holds up nobody else's sends. */
  readonly schedulers: ReadonlyMap<string, Scheduler>;
  /** Sends of a port that its target was asked for here, and has not answered. */
  inFlight(consumer: string): number;
}

/** One process's sending: its lease, its claims and as many attempts at a time as each target bears. Stop the schedulers, then the lease. */
export function startSending(options: SendingOptions): Sending {
  const { holder, since, store, leaseStore, targets, clock, timers, stopping, onError } = options;
  const timing = { clock, ...(timers === undefined ? {} : { timers }) };
  const lease = keepLease({
    holder,
    since,
    ...timing,
    beat: () => leaseStore.alone.heartbeat(holder),
    onError: (error) => onError(error, 'renewing the lease'),
    onLost: options.onLost,
  });
  const process = sendWork({
    store,
    holder,
    ...timing,
    journal: createJournal(store, holder),
    ports: new Map(targets.flatMap(({ ports }) => ports.map((port) => [port.consumer, port] as const))),
    mayWrite: lease.holds,
    stopping,
    onVerdict: options.onVerdict,
  });
  const senders = targets.map(({ name, lanes, answers, objectiveMs }) => {
    const claims = new Claims({ store, lanes, holder, clock });
    const scheduler = startScheduler({
      target: name,
      ...(answers === undefined ? {} : { answers }),
      objectiveMs,
      onSlow: (slow) => options.onSlow?.(name, slow),
      concurrency: () => lanes.total(),
      ...timing,
      mayBegin: () => lease.holds() && (options.mayBegin?.() ?? true),
      claim: claims.claim,
      mayEnter: lanes.mayEnter,
      process: (work, { enter, answered }) =>
        claims.hold(work, (ended) =>
          process(work, {
            enter,
            answered: (target) => {
              ended();
              answered(target);
            },
          }),
        ),
      onError,
    });
    return { name, scheduler };
  });
  return {
    lease,
    schedulers: new Map(senders.map(({ name, scheduler }) => [name, scheduler])),
    inFlight: (consumer) => senders.reduce((sum, { scheduler }) => sum + scheduler.inFlight(consumer), 0),
  };
}
