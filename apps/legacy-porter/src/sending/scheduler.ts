import { type Clock, isBanyanError, sleep, systemTimers, type Timers } from '@banyan/core';
import { atMost } from '@banyan/service';
import { startRounds } from '../rounds.js';
import type { Work } from '../store/work.js';
import type { Answer } from './latency-limit.js';
import { afterAnswers, afterResult, aheadOf, bounded, fullPace, limitAt, type TargetResult } from './pace.js';
import { type Entry, type MayEnter, Places } from './places.js';
import { type Slowness, slownessOf } from './slowness.js';

export interface SchedulerOptions {
  /** Where the sends go, in words. */
  readonly target: string;
  /** Sends at the target at most, as it is now. */
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
  /** Whether one more of a port may turn to the target now. Default: it may. */
  readonly mayEnter?: (consumer: string, inside: (consumer: string) => number) => MayEnter;
  /** One attempt and its settlement. */
  readonly process: (work: Work, place: Place) => Promise<void>;
  readonly onError: (error: unknown, what: string) => void;
  /** How often to look for work that nobody announced (retries due, other instances'), milliseconds. Default 250. */
  readonly pollMs?: number;
}

/** A send's place at its target. */
export interface Place {
  /** Waits for it; once, when all is ready, right before the target is asked. */
  enter(): Promise<Entry>;
  /**
   * The target has answered, or was not asked. From then on its place is free and what it said counts, while the result is written: however slow
   * the store is, it makes no target look slow, away for longer, or back later.
   */
  answered(result: TargetResult): void;
}

export interface Scheduler {
  /** There may be work. */
  wake(): void;
  /** How hard the target is driven now. */
  drive(): Drive;
  /** Sends that the target was asked for, and has not answered. @param consumer only those of this port */
  inFlight(consumer?: string): number;
  /** Begins nothing new; resolves when everything in flight is settled, or after `timeoutMs`. */
  stop(timeoutMs: number): Promise<void>;
}

export interface Drive {
  /** Sends that the target was asked for, and has not answered. */
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

/**
 * Keeps as many sends at the target as it bears, and half as many again ready to follow; each key's in order, since a key's next one is only free behind
 * the last.
 */
export function startScheduler(options: SchedulerOptions): Scheduler {
  const { target, clock, concurrency, onError, objectiveMs, timers = systemTimers } = options;
  const flights = new Set<Promise<void>>();
  /** Those of them that are on their way to the target, or there. */
  let unanswered = 0;
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

  const places = new Places({
    clock,
    limit: () => limitAt(pace, clock.monotonic()),
    mayEnter: options.mayEnter ?? (() => 'now'),
  });

  const fly = async (work: Work): Promise<void> => {
    const { consumer } = work;
    let isUnanswered = true;
    /** What the target says of a send is of the time from here on. */
    let begunMs: number | undefined;
    unanswered += 1;
    const enter = async (): Promise<Entry> => {
      const entry = await places.enter(consumer);
      if (entry !== 'dismissed') begunMs = clock.monotonic();
      return entry;
    };
    const answered = (result: TargetResult): void => {
      if (!isUnanswered) return;
      isUnanswered = false;
      unanswered -= 1;
      if (begunMs !== undefined) {
        places.leave(consumer);
        pace = afterResult(pace, { result, key: `${consumer} ${work.key}`, begunMs, endedMs: clock.monotonic() }, max);
      }
      look();
      places.admit();
      if (more) rounds.wake();
    };
    try {
      await options.process(work, { enter, answered });
    } catch (error) {
      onError(error, `${consumer} ${work.key}`);
    } finally {
      answered({ type: 'none' });
    }
  };

  const begin = async (): Promise<void> => {
    look();
    places.admit();
    const limit = limitAt(pace, clock.monotonic());
    // With those whose results wait for the store no more than twice as many: a store that is slow is given nothing further to do.
    const most = Math.min(limit + aheadOf(limit) - unanswered, 2 * max - flights.size);
    const room = options.mayBegin() ? Math.max(0, most) : 0;
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
    drive: () => ({
      inFlight: places.taken,
      limit: limitAt(pace, clock.monotonic()),
      max,
      answerMs: pace.latency.p95Ms,
      objectiveMs,
      slow: slowness(),
    }),
    inFlight: (consumer) => (consumer === undefined ? places.taken : places.inside(consumer)),
    async stop(timeoutMs) {
      places.close();
      const stopped = rounds.stop().then(() => Promise.all(flights));
      await atMost(timeoutMs, stopped, timers);
    },
  };
}
