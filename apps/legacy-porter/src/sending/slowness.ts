import type { Pace } from './pace.js';

/** Why a target is driven slower than it may be. */
export type SlowReason = 'breaker-open' | 'asked-to-wait' | 'latency' | 'failures';

export const SLOW_REASONS = [
  'breaker-open',
  'asked-to-wait',
  'latency',
  'failures',
] as const satisfies readonly SlowReason[];

export interface Slowness {
  readonly reason: SlowReason;
  /** For people: `legacy answers in 840 ms, objective 300 ms: 12 of 100 calls at once`. */
  readonly words: string;
}

export interface Driven {
  /** `legacy`, `billing` */
  readonly target: string;
  readonly max: number;
  readonly objectiveMs: number | undefined;
  readonly monotonicMs: number;
  /** Wall clock, of the same moment. */
  readonly nowMs: number;
}

/** What holds a target back now, the strictest first; undefined = nothing. Pure. */
export function slownessOf({ faults, latency }: Pace, driven: Driven): Slowness | undefined {
  const { target, max, objectiveMs, monotonicMs, nowMs } = driven;
  const { breaker, askedUntilMs, said = 'no answer' } = faults;
  const most = `${Math.min(faults.limit, latency.limit)} of ${max} calls at once`;
  if (monotonicMs < askedUntilMs) {
    const left = seconds(askedUntilMs - monotonicMs);
    return { reason: 'asked-to-wait', words: `${target} asked to wait, ${left} more (${said})` };
  }
  if (breaker !== undefined) {
    const since = new Date(nowMs - (monotonicMs - breaker.sinceMs)).toISOString();
    const left = breaker.untilMs - monotonicMs;
    const next = left > 0 ? `next try in ${seconds(left)}` : 'one call tries whether it answers again';
    const words = `breaker of ${target} open since ${since} after ${faults.run} failures in a row, the last: ${said}; ${next}`;
    return { reason: 'breaker-open', words };
  }
  if (latency.limit < max && latency.limit <= faults.limit) {
    const times = `${target} answers in ${Math.round(latency.p95Ms ?? 0)} ms, objective ${objectiveMs ?? 0} ms`;
    return { reason: 'latency', words: `${times}: ${most}` };
  }
  if (faults.limit < max) return { reason: 'failures', words: `calls to ${target} failed, the last: ${said}: ${most}` };
  return undefined;
}

/** 200 ms are said as 1 s: nobody looks so closely, and 0 s would be none. */
function seconds(ms: number): string {
  return `${Math.max(1, Math.ceil(ms / 1_000))} s`;
}
