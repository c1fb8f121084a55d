/** How hard one legacy target may be driven now. Pure; times are on the monotonic clock, milliseconds. */
export interface Pace {
  /** Requests in flight at most. */
  readonly limit: number;
  /** Nothing is begun before this. */
  readonly pausedUntil: number;
  /** Failed attempts in a row, over all keys. */
  readonly failures: number;
  /** Why it is slow, for people; undefined = it is not. */
  readonly reason: string | undefined;
}

export type TargetResult =
  | { readonly type: 'ok' }
  | { readonly type: 'failed'; readonly reason: string; readonly retryAfterMs?: number }
  /** Nothing was learned of the target. */
  | { readonly type: 'none' };

/** So many failures in a row are one key's trouble; more are the target's. */
const FAILURES_OF_ONE_KEY = 3;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

export function fullPace(max: number): Pace {
  return { limit: max, pausedUntil: Number.NEGATIVE_INFINITY, failures: 0, reason: undefined };
}

/** One more slot per success, half of them per failure. A Retry-After stops the target at once, a row of failures after the third. */
export function afterResult(pace: Pace, result: TargetResult, max: number, nowMs: number): Pace {
  if (result.type === 'none') return pace;
  if (result.type === 'ok') {
    const limit = Math.min(max, pace.limit + 1);
    const slow = limit < max || nowMs < pace.pausedUntil;
    return { limit, pausedUntil: pace.pausedUntil, failures: 0, reason: slow ? pace.reason : undefined };
  }
  const failures = pace.failures + 1;
  const doublings = failures - FAILURES_OF_ONE_KEY;
  const pauseMs =
    result.retryAfterMs ??
    (doublings < 0 ? 0 : Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(doublings, 20)));
  return {
    limit: Math.max(1, Math.floor(pace.limit / 2)),
    pausedUntil: Math.max(pace.pausedUntil, nowMs + pauseMs),
    failures,
    reason: result.reason,
  };
}

/**
 * The bound was changed from `was` to `is`: a target that bore the old one is given the new one at once, one that is slowed down keeps
 * what it bears.
 */
export function bounded(pace: Pace, was: number, is: number): Pace {
  return { ...pace, limit: pace.limit >= was ? is : Math.min(pace.limit, is) };
}

/** How many sends may be begun now. */
export function roomFor(pace: Pace, inFlight: number, nowMs: number): number {
  return nowMs < pace.pausedUntil ? 0 : Math.max(0, pace.limit - inFlight);
}

const FIRST_RETRY_MS = 200;
const LONGEST_RETRY_MS = 30_000;

/** How long a key waits before its next attempt. @param attempts failed so far, this one included */
export function retryAfterAttempts(attempts: number): number {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(Math.max(attempts - 1, 0), 20));
}
