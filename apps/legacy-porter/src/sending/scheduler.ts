import { type Clock, isBanyanError } from '@banyan/core';
import type { Work } from '../store/work.js';
import { afterResult, fullPace, type Pace, roomFor, type TargetResult } from './pace.js';

export interface SchedulerOptions {
  /** Sends in flight at most. */
  readonly concurrency: number;
  readonly clock: Clock;
  readonly mayBegin: () => boolean;
  /** Claims up to `limit` sends that may begin now, at most one per key. */
  readonly claim: (limit: number) => Promise<readonly Work[]>;
  /** One attempt and its settlement; answers what was learned of the target. */
  readonly process: (work: Work) => Promise<TargetResult>;
  readonly onError: (error: unknown, what: string) => void;
  /** How often to look for work that nobody announced (retries due, other instances'), milliseconds. Default 250. */
  readonly pollMs?: number;
}

export interface Scheduler {
  /** There may be work. */
  wake(): void;
  pace(): Pace;
  inFlight(): number;
  /** Begins nothing new; resolves when everything in flight is settled, or after `timeoutMs`. */
  stop(timeoutMs: number): Promise<void>;
}

/** Keeps as many sends in flight as the target bears, each key's in order, since a key's next one is only free behind the last. */
export function startScheduler(options: SchedulerOptions): Scheduler {
  const { clock, concurrency, onError } = options;
  const flights = new Set<Promise<void>>();
  let pace = fullPace(concurrency);
  let stopping = false;
  let announced = false;
  let wakeUp: () => void = () => {};

  const fly = async (work: Work): Promise<void> => {
    try {
      pace = afterResult(pace, await options.process(work), concurrency, clock.monotonic());
    } catch (error) {
      onError(error, `${work.consumer} ${work.key}`);
    }
  };

  const round = async (): Promise<boolean> => {
    const room = options.mayBegin() ? roomFor(pace, flights.size, clock.monotonic()) : 0;
    if (room === 0) return false;
    const claimed = await options.claim(room);
    for (const work of claimed) {
      const flight = fly(work).finally(() => {
        flights.delete(flight);
        wake();
      });
      flights.add(flight);
    }
    return claimed.length > 0;
  };

  const wake = (): void => {
    announced = true;
    wakeUp();
  };

  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });

  const run = async (): Promise<void> => {
    while (!stopping) {
      announced = false;
      try {
        await round();
      } catch (error) {
        onError(error, 'claiming');
        // A database that is away is asked again after a while; nothing that is announced meanwhile makes it come back sooner.
        await new Promise((resolve) => setTimeout(resolve, isBanyanError(error) && error.retryable ? 500 : 2_000));
      }
      if (!announced && !stopping) await rest(options.pollMs ?? 250);
    }
  };
  const running = run();

  return {
    wake,
    pace: () => pace,
    inFlight: () => flights.size,
    async stop(timeoutMs) {
      stopping = true;
      wakeUp();
      const deadline = new Promise<void>((resolve) => setTimeout(resolve, timeoutMs).unref());
      await Promise.race([running.then(() => Promise.all(flights)), deadline]);
    },
  };
}
