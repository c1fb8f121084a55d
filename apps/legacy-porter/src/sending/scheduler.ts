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
  /**
   * One attempt and its settlement. `answered`: the target has. From then on its place is free and what it said counts, while the result is
   * written: however slow the store is, it makes no target look slow, away for longer, or back later.
   */
  readonly process: (work: Work, answered: (result: TargetResult) => void) => Promise<void>;
  readonly onError: (error: unknown, what: string) => void;
  /** How often to look for work that nobody announced (retries due, other instances'), milliseconds. Default 250. */
  readonly pollMs?: number;
}

export interface Scheduler {
  /** There may be work. */
  wake(): void;
  /** How hard the target is driven now. */
  drive(): Drive;
  /** Sends that the target has not answered. */
  inFlight(): number;
  /** Begins nothing new; resolves when everything in flight is settled, or after `timeoutMs`. */
  stop(timeoutMs: number): Promise<void>;
}

export interface Drive {
  /** Sends that the target has not answered. */
  readonly inFlight: number;
  /** So many at most, now; 0 = it is left alone. */
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
  /** Those of them that the target has not answered. */
  let underWay = 0;
  /** There may be more to claim than there was room for. */
  let more = false;
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

  /** @param begunMs when it was given its place: what the target says while it is claimed comes later */
  const fly = async (work: Work, begunMs: number): Promise<void> => {
    let isUnderWay = true;
    underWay += 1;
    const answered = (result: TargetResult): void => {
      if (!isUnderWay) return;
      isUnderWay = false;
      underWay -= 1;
      const key = `${work.consumer} ${work.key}`;
      pace = afterResult(pace, { result, key, begunMs, endedMs: clock.monotonic() }, max);
      look();
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
    const nowMs = clock.monotonic();
    // Results that wait for the store may become as many again, and no more.
    const places = Math.min(roomFor(pace, underWay, nowMs), 2 * max - flights.size);
    const room = options.mayBegin() ? Math.max(0, places) : 0;
    const claimed = room === 0 ? [] : await options.claim(room);
    more = claimed.length === room;
    for (const work of claimed) {
      const flight = fly(work, nowMs).finally(() => {
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
      inFlight: underWay,
      limit: limitAt(pace, clock.monotonic()),
      max,
      answerMs: pace.latency.p95Ms,
      objectiveMs,
      slow: slowness(),
    }),
    inFlight: () => underWay,
    async stop(timeoutMs) {
      const stopped = rounds.stop().then(() => Promise.all(flights));
      await atMost(timeoutMs, stopped, timers);
    },
  };
}
