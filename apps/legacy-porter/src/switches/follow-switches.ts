import { type Control, type ControlState, portMode, portSubject } from '@banyan/control';
import { sleep, systemTimers, type Timers } from '@banyan/core';
import type { PortSwitch } from '../store/porter-store.js';

export interface FollowSwitchesOptions {
  readonly control: Pick<Control, 'state' | 'onChange'>;
  /** `order.backend`, … */
  readonly consumers: readonly string[];
  /** Stores one; repeatable. */
  readonly apply: (change: PortSwitch) => Promise<void>;
  readonly onError: (error: unknown, consumer: string) => void;
  /** After a failure, milliseconds. Default 1,000. */
  readonly retryMs?: number;
  /** Default: the machine's. */
  readonly timers?: Timers;
}

/**
 * Carries what the control log says of these ports into the porter's own database, one after the other, until it is there; of
 * several that came in the meantime only the last. @returns how to stop, after what is under way
 */
export function followSwitches(options: FollowSwitchesOptions): () => Promise<void> {
  const { control, consumers, apply, onError, retryMs = 1_000, timers = systemTimers } = options;
  const applied = new Map<string, number>();
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  const next = (): PortSwitch | undefined =>
    switchesOf(control.state(), consumers).find(({ consumer, version }) => version > (applied.get(consumer) ?? 0));

  const run = async (): Promise<void> => {
    for (let one = next(); one !== undefined && !stopping.signal.aborted; one = next()) {
      try {
        await apply(one);
        applied.set(one.consumer, one.version);
      } catch (error) {
        onError(error, one.consumer);
        await sleep(retryMs, timers, stopping.signal);
      }
    }
  };
  const look = (): void => {
    running ??= run().finally(() => {
      running = undefined;
      // Told between the last look and now.
      if (next() !== undefined && !stopping.signal.aborted) look();
    });
  };
  const unsubscribe = control.onChange(look);
  look();
  return async () => {
    unsubscribe();
    stopping.abort();
    await running;
  };
}

/** The ports that somebody has ever switched. Pure. */
export function switchesOf(state: ControlState, consumers: readonly string[]): readonly PortSwitch[] {
  return consumers.flatMap((consumer) => {
    const version = state.versions[portSubject(consumer)] ?? 0;
    return version === 0 ? [] : [{ consumer, mode: portMode(state, consumer), version }];
  });
}
