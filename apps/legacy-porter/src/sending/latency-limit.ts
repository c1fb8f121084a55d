/** One call that a target answered, whatever it said. Milliseconds, on the monotonic clock. */
export interface Answer {
  readonly begunMs: number;
  readonly tookMs: number;
}

/** What a target's own answer times say of how hard it may be driven. Pure. */
export interface LatencyLimit {
  /** Sends in flight at most. */
  readonly limit: number;
  /** Of the answers since the last look, milliseconds. */
  readonly window: readonly number[];
  /** Calls begun before it met a target that was driven otherwise. */
  readonly sinceMs: number;
  /** 95th percentile of the last whole window; undefined = there was none yet. */
  readonly p95Ms: number | undefined;
}

export interface LatencyBounds {
  readonly max: number;
  /** undefined = answer times are measured, and change nothing. */
  readonly objectiveMs: number | undefined;
}

/** With fewer the percentile is the slowest one; of so many it is the second slowest, so that a single slow answer is no reason. */
const SMALLEST_WINDOW = 20;
const PERCENTILE = 0.95;
/** A window above the objective takes at least a tenth, and at most half; one within it gives back a twentieth of the whole. */
const LEAST_CUT = 0.9;
const LARGEST_CUT = 0.5;
const STEPS_BACK = 20;

export function noLatency(max: number): LatencyLimit {
  return { limit: max, window: [], sinceMs: Number.NEGATIVE_INFINITY, p95Ms: undefined };
}

/**
 * One look per window of answers, which is a round of the sends in flight: above the objective the limit shrinks in proportion, within it
 * it grows by a fixed step. What was begun under the old limit does not count for the new one: it would be cut twice for one cause.
 *
 * The percentile, and no mean: an objective is what callers may expect, and one hanging table among many quick ones hides in a mean.
 */
export function afterAnswer(latency: LatencyLimit, { begunMs, tookMs }: Answer, bounds: LatencyBounds): LatencyLimit {
  if (begunMs < latency.sinceMs) return latency;
  const window = [...latency.window, tookMs];
  if (window.length < Math.max(SMALLEST_WINDOW, latency.limit)) return { ...latency, window };
  const p95Ms = percentile(window);
  const limit = nextLimit(latency.limit, p95Ms, bounds);
  // Growing, too, is judged by what is begun with it; an unchanged limit needs no new beginning.
  const sinceMs = limit === latency.limit ? latency.sinceMs : begunMs + tookMs;
  return { limit, window: [], sinceMs, p95Ms };
}

function nextLimit(limit: number, p95Ms: number, { max, objectiveMs }: LatencyBounds): number {
  if (objectiveMs === undefined) return max;
  if (p95Ms <= objectiveMs) return Math.min(max, limit + Math.ceil(max / STEPS_BACK));
  const cut = Math.min(LEAST_CUT, Math.max(LARGEST_CUT, objectiveMs / p95Ms));
  return Math.max(1, Math.floor(limit * cut));
}

function percentile(window: readonly number[]): number {
  const sorted = window.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * PERCENTILE) - 1] ?? 0;
}
