import { type Clock, isBanyanError, sleep, systemTimers, type Timers } from '@banyan/core';
import { atMost } from '@banyan/service';
import { startRounds } from '../rounds.js';
import type { Work } from '../store/work.js';
import type { Answer } from './latency-limit.js';
import { afterAnswers, afterResult, bounded, fullPace, limitAt, roomFor, type TargetResult } from './pace.js';
import { type Slowness, slownessOf } from './slowness.js';

export interface SchedulerOptions {
  /** Where the sends go, in words. */
  readonly target: string;
  /** Sends in flight at most, as it is now. */
  readonly concurrency: () => number;
  /** How long the target took for the calls that it answered since this was asked last. Default: nobody measures. */
  readonly answers?: () => readonly Answer[];
  /** How long 95 of 100 of its answers should take at most, milliseconds; where they take longer, it is driven slower. Default: as long as they like. */
  readonly objectiveMs?: number | undefined;
  /** It is driven slower, for another reason, or no longer. Must not throw. */
  readonly onSlow?: (slow: Slowness | undefined) => void;
  readonly clock: Clock;
  /** Default: the machine's. */
  readonly timers?: Timers;
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
  /** How hard the target is driven now. */
  drive(): Drive;
  inFlight(): number;
  /** Begins nothing new; resolves when everything in flight is settled, or after `timeoutMs`. */
  stop(timeoutMs: number): Promise<void>;
}

export interface Drive {
  readonly inFlight: number;
  /** Sends in flight at most, now; 0 = it is left alone. */
  readonly limit: number;
  /** The same of a target that nothing slows down. */
  readonly max: number;
  /** 95 of 100 of its answers took no longer, in the last window of them, milliseconds; undefined = too few came. */
  readonly answerMs: number | undefined;
  readonly objectiveMs: number | undefined;
  /** undefined = nothing slows it down. */
  readonly slow: Slowness | undefined;
}

/** Keeps as many sends in flight as the target bears, each key's in order, since a key's next one is only free behind the last. */
export function startScheduler(options: SchedulerOptions): Scheduler {
  const { target, clock, concurrency, onError, objectiveMs, timers = systemTimers } = options;
  const flights = new Set<Promise<void>>();
  let max = concurrency();
  let pace = fullPace(max);
  let told: Slowness | undefined;
  const slowness = () =>
    slownessOf(pace, { target, max, objectiveMs, monotonicMs: clock.monotonic(), nowMs: clock.now() });
  const look = (): void => {
    const is = concurrency();
    pace = is === max ? pace : bounded(pace, max, is);
    max = is;
    pace = afterAnswers(pace, options.answers?.() ?? [], { max, objectiveMs });
    const slow = slowness();
    if (slow?.reason !== told?.reason) options.onSlow?.(slow);
    told = slow;
  };

  const fly = async (work: Work): Promise<void> => {
    const begunMs = clock.monotonic();
    try {
      const result = await options.process(work);
      const key = `${work.consumer} ${work.key}`;
      pace = afterResult(pace, { result, key, begunMs, endedMs: clock.monotonic() }, max);
      look();
    } catch (error) {
      onError(error, `${work.consumer} ${work.key}`);
    }
  };

  const begin = async (): Promise<void> => {
    look();
    const room = options.mayBegin() ? roomFor(pace, flights.size, clock.monotonic()) : 0;
    if (room === 0) return;
    for (const work of await options.claim(room)) {
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
    drive: () => ({
      inFlight: flights.size,
      limit: limitAt(pace, clock.monotonic()),
      max,
      answerMs: pace.latency.p95Ms,
      objectiveMs,
      slow: slowness(),
    }),
    inFlight: () => flights.size,
    async stop(timeoutMs) {
      const stopped = rounds.stop().then(() => Promise.all(flights));
      await atMost(timeoutMs, stopped, timers);
    },
  };
}
