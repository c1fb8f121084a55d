import { type AttemptEnd, afterAttempt, type FaultLimit, noFaults } from './fault-limit.js';
import { type Answer, afterAnswer, type LatencyBounds, type LatencyLimit, noLatency } from './latency-limit.js';

/**
 * How hard one legacy target may be driven now: as its failures and its answer times allow, each by a limit of its own, of which the
 * smaller holds. Pure; times are on the monotonic clock, milliseconds.
 */
export interface Pace {
  readonly faults: FaultLimit;
  readonly latency: LatencyLimit;
}

export type { TargetResult } from './fault-limit.js';

export function fullPace(max: number): Pace {
  return { faults: noFaults(max), latency: noLatency(max) };
}

export function afterResult(pace: Pace, end: AttemptEnd, max: number): Pace {
  const faults = afterAttempt(pace.faults, end, max);
  return faults === pace.faults ? pace : { ...pace, faults };
}

export function afterAnswers(pace: Pace, answers: readonly Answer[], bounds: LatencyBounds): Pace {
  if (answers.length === 0) return pace;
  return { ...pace, latency: answers.reduce((latency, one) => afterAnswer(latency, one, bounds), pace.latency) };
}

/**
 * The bound was changed from `was` to `is`: a target that bore the old one is given the new one at once, one that is slowed down keeps
 * what it bears.
 */
export function bounded({ faults, latency }: Pace, was: number, is: number): Pace {
  const moved = (limit: number) => (limit >= was ? is : Math.min(limit, is));
  return {
    faults: { ...faults, limit: moved(faults.limit) },
    latency: { ...latency, limit: moved(latency.limit) },
  };
}

/** Sends in flight at most, now: 0 while the target is left alone, 1 while it is tried whether it answers again. */
export function limitAt({ faults, latency }: Pace, nowMs: number): number {
  if (nowMs < faults.askedUntilMs) return 0;
  if (faults.breaker !== undefined) return nowMs < faults.breaker.untilMs ? 0 : 1;
  return Math.min(faults.limit, latency.limit);
}

/**
 * How many sends are made ready beyond those at the target, so that a place that becomes free is taken at once. One that is tried, or driven
 * with a single send, has none.
 */
export function aheadOf(limit: number): number {
  return Math.floor(limit / 2);
}

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 30_000;

/** How long a key waits before its next attempt. @param attempts failed so far, this one included */
export function retryAfterAttempts(attempts: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(Math.max(attempts - 1, 0), 20));
}
