import { type Clock, isBanyanError, sleep, systemTimers, type Timers } from '@banyan/core';
import { atMost } from '@banyan/service';
import { startRounds } from '../rounds.js';
import type { Work } from '../store/work.js';
import { afterResult, bounded, fullPace, type Pace, roomFor, type TargetResult } from './pace.js';

export interface SchedulerOptions {
  /** Sends in flight at most, as it is now. */
  readonly concurrency: () => number;
  readonly clock: Clock;
  /** Default: the machine's. */
  readonly timers?: Timers;
  readonly mayBegin: () => boolean;
  /** Claims up to `limit` sends that may begin now, at most one per key. */
  readonly claim: (limit: number) => Promise<readonly Work[]>;
  /** One attempt and its settlement. `answered`: the target has, and its place is free while the result is written. */
  readonly process: (work: Work, answered: (result: TargetResult) => void) => Promise<void>;
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
  const { clock, concurrency, onError, timers = systemTimers } = options;
  const flights = new Set<Promise<void>>();
  /** Those of them that the target has not answered. */
  let underWay = 0;
  /** There may be more to claim than there was room for. */
  let more = false;
  let max = concurrency();
  let pace = fullPace(max);
  const look = (): void => {
    const is = concurrency();
    pace = is === max ? pace : bounded(pace, max, is);
    max = is;
  };

  const fly = async (work: Work): Promise<void> => {
    let isUnderWay = true;
    underWay += 1;
    const answered = (result: TargetResult): void => {
      if (!isUnderWay) return;
      isUnderWay = false;
      underWay -= 1;
      look();
      pace = afterResult(pace, result, max, clock.monotonic());
      if (more) rounds.wake();
    };
    try {
      await options.process(work, answered);
    } catch (error) {
      onError(error, `${work.consumer} ${work.key}`);
    } finally {
      answered({ type: 'none' });
    }
  };

  const begin = async (): Promise<void> => {
    look();
    // Results that wait for the store may become as many again, and no more.
    const places = Math.min(roomFor(pace, underWay, clock.monotonic()), 2 * max - flights.size);
    const room = options.mayBegin() ? Math.max(0, places) : 0;
    const claimed = room === 0 ? [] : await options.claim(room);
    more = claimed.length === room;
    for (const work of claimed) {
      const flight = fly(work).finally(() => {
        flights.delete(flight);
        rounds.wake();
      });
      flights.add(flight);
    }
  };

  const rounds = startRounds(
    async () => {
      try {
        await begin();
      } catch (error) {
        onError(error, 'claiming');
        // A database that is away is asked again after a while; nothing that is announced meanwhile makes it come back sooner.
        await sleep(isBanyanError(error) && error.retryable ? 500 : 2_000, timers);
      }
      return false;
    },
    options.pollMs ?? 250,
    timers,
  );

  return {
    wake: rounds.wake,
    pace: () => pace,
    inFlight: () => underWay,
    async stop(timeoutMs) {
      const stopped = rounds.stop().then(() => Promise.all(flights));
      await atMost(timeoutMs, stopped, timers);
    },
  };
}
