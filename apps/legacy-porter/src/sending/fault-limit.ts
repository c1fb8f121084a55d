/** What failures say of how hard a target may be driven. Pure; times are on the monotonic clock, milliseconds. */
export interface FaultLimit {
  /** Sends in flight at most. */
  readonly limit: number;
  /** When it was cut last: one cut per round, since whatever had begun before says the same once more. */
  readonly cutAtMs: number;
  /** The target asked to be left alone until then. */
  readonly askedUntilMs: number;
  /** Failures in a row, over all keys. */
  readonly run: number;
  /** Whose they are; two are as good as many. */
  readonly runOf: readonly string[];
  /** What the last of them said. */
  readonly said: string | undefined;
  /** undefined = closed. */
  readonly breaker: Breaker | undefined;
}

/** What an attempt says of its target. */
export type TargetResult =
  | { readonly type: 'ok' }
  | { readonly type: 'failed'; readonly reason: string; readonly retryAfterMs?: number }
  /** Nothing was learned of the target. */
  | { readonly type: 'none' };

/** Nothing is begun before `untilMs`; then one send at a time is, until one of them is answered. */
export interface Breaker {
  readonly sinceMs: number;
  readonly untilMs: number;
  /** How often it was opened without an answer in between. */
  readonly times: number;
}

/** One attempt that is over. */
export interface AttemptEnd {
  readonly result: TargetResult;
  /** Whose it is: a consumer and a key. */
  readonly key: string;
  readonly begunMs: number;
  readonly endedMs: number;
}

/** So many failures in a row, of more than one key, are the target's trouble; those of one key have that key's own back-off. */
const RUN = 5;
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 5_000;

export function noFaults(max: number): FaultLimit {
  const never = Number.NEGATIVE_INFINITY;
  return {
    limit: max,
    cutAtMs: never,
    askedUntilMs: never,
    run: 0,
    runOf: [],
    said: undefined,
    breaker: undefined,
  };
}

/**
 * One more slot per answer, half of them per round in which something failed. A Retry-After stops the target for that time. A run of
 * other failures opens the breaker; one send at a time then tries whether it answers again.
 */
export function afterAttempt(
  faults: FaultLimit,
  { result, key, begunMs, endedMs }: AttemptEnd,
  max: number,
): FaultLimit {
  if (result.type === 'none') return faults;
  const asked = result.type === 'failed' && result.retryAfterMs !== undefined;
  // What had begun before the breaker opened is of the trouble that opened it; only what was begun as a trial tells of an end.
  if (faults.breaker !== undefined && begunMs < faults.breaker.sinceMs && !asked) return faults;
  if (result.type === 'ok') {
    // A slot that had begun before a cut was one of too many.
    const limit = begunMs < faults.cutAtMs ? faults.limit : Math.min(max, faults.limit + 1);
    return { ...faults, limit, run: 0, runOf: [], breaker: undefined };
  }
  const cut = begunMs < faults.cutAtMs ? faults : { ...faults, limit: halfOf(faults.limit), cutAtMs: endedMs };
  if (result.retryAfterMs !== undefined) {
    const askedUntilMs = Math.max(faults.askedUntilMs, endedMs + result.retryAfterMs);
    // It speaks, so it is there: what it asks for is what counts.
    return { ...cut, said: result.reason, askedUntilMs, run: 0, runOf: [], breaker: undefined };
  }
  const runOf = faults.runOf.length >= 2 || faults.runOf.includes(key) ? faults.runOf : [...faults.runOf, key];
  const failed = { ...cut, said: result.reason, run: faults.run + 1, runOf };
  if (faults.breaker !== undefined) return { ...failed, limit: 1, breaker: openedAgain(faults.breaker, endedMs) };
  if (failed.run < RUN || runOf.length < 2) return failed;
  return { ...failed, limit: 1, breaker: { sinceMs: endedMs, untilMs: endedMs + FIRST_PAUSE_MS, times: 1 } };
}

function openedAgain({ sinceMs, times }: Breaker, nowMs: number): Breaker {
  const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(times, 20));
  return { sinceMs, untilMs: nowMs + pauseMs, times: times + 1 };
}

function halfOf(limit: number): number {
  return Math.max(1, Math.floor(limit / 2));
}
