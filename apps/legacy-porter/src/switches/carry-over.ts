import type { Control, ControlState } from '@banyan/control';
import { sleep, systemTimers, type Timers } from '@banyan/core';

/** What the control log says of one consumer. */
export interface Said {
  readonly consumer: string;
  /** The subject's version in the control log. */
  readonly version: number;
}

export interface CarryOverOptions<S extends Said> {
  readonly control: Pick<Control, 'state' | 'onChange'>;
  /** All that is said now; a consumer of which nothing was ever said is not in it. */
  readonly said: (state: ControlState) => readonly S[];
  /** Stores one; repeatable. */
  readonly apply: (one: S) => Promise<void>;
  readonly onError: (error: unknown, consumer: string) => void;
  /** After a failure, milliseconds. Default 1,000. */
  readonly retryMs?: number;
  /** Default: the machine's. */
  readonly timers?: Timers;
}

/**
 * Carries what the control log says into the porter's own database, one after the other, until it is there; of several that came in the
 * meantime only the last. @returns how to stop, after what is under way
 */
export function carryOver<S extends Said>(options: CarryOverOptions<S>): () => Promise<void> {
  const { control, said, apply, onError, retryMs = 1_000, timers = systemTimers } = options;
  const applied = new Map<string, number>();
  const stopping = new AbortController();
  let running: Promise<void> | undefined;

  const next = (): S | undefined =>
    said(control.state()).find(({ consumer, version }) => version > (applied.get(consumer) ?? 0));

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
