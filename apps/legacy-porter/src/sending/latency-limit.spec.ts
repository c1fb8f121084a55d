import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type Answer, afterAnswer, type LatencyBounds, type LatencyLimit, noLatency } from './latency-limit.js';

const MAX = 100;
const BOUNDS: LatencyBounds = { max: MAX, objectiveMs: 300 };

/** Answers that took so long, each begun when the one before it had ended. */
function answered(from: LatencyLimit, took: readonly number[], bounds = BOUNDS): LatencyLimit {
  let nowMs = Math.max(0, from.sinceMs);
  return took.reduce((latency, tookMs) => {
    const answer = { begunMs: nowMs, tookMs };
    nowMs += tookMs;
    return afterAnswer(latency, answer, bounds);
  }, from);
}

const times = (count: number, tookMs: number) => Array<number>(count).fill(tookMs);

describe('the limit by latency', () => {
  it('shrinks in proportion when a window is above the objective, by half at most, by a tenth at least', () => {
    expect(answered(noLatency(MAX), times(99, 400)).limit).toBe(100);
    expect(answered(noLatency(MAX), times(100, 400)).limit).toBe(75);
    expect(answered(noLatency(MAX), times(100, 9_000)).limit).toBe(50);
    expect(answered(noLatency(MAX), times(100, 301)).limit).toBe(90);
  });

  it('goes down to one, and no further', () => {
    expect(answered(noLatency(MAX), times(2_000, 840))).toMatchObject({ limit: 1, p95Ms: 840 });
  });

  it('grows by a twentieth of the bound per window within the objective, up to the bound', () => {
    const slow: LatencyLimit = { ...noLatency(MAX), limit: 1 };
    expect(answered(slow, times(20, 300)).limit).toBe(6);
    expect(answered(slow, times(40, 300)).limit).toBe(11);
    expect(answered(slow, times(5_000, 300)).limit).toBe(100);
  });

  it('looks at the 95th percentile: one slow answer of twenty is no reason, two are', () => {
    const few: LatencyLimit = { ...noLatency(MAX), limit: 10 };
    expect(answered(few, [...times(19, 10), 5_000])).toMatchObject({ limit: 15, p95Ms: 10 });
    expect(answered(few, [...times(18, 10), 5_000, 5_000])).toMatchObject({ limit: 5, p95Ms: 5_000 });
  });

  it('does not cut twice for one cause: what was begun under the old limit does not count', () => {
    const cut = answered(noLatency(MAX), times(100, 400));
    const late: Answer[] = times(200, 400).map((tookMs) => ({ begunMs: cut.sinceMs - 1, tookMs }));
    expect(late.reduce((latency, one) => afterAnswer(latency, one, BOUNDS), cut)).toBe(cut);
  });

  it('is measured and changes nothing without an objective', () => {
    const free = answered(noLatency(MAX), times(100, 4_000), { max: MAX, objectiveMs: undefined });
    expect(free).toMatchObject({ limit: MAX, p95Ms: 4_000 });
  });

  it('never shrinks by answers within the objective, and never grows by answers above it', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ begunMs: fc.nat(10_000), tookMs: fc.nat(600) }), { maxLength: 300 }),
        fc.integer({ min: 1, max: MAX }),
        (answers, limit) => {
          const sorted = answers.toSorted((a, b) => a.begunMs - b.begunMs);
          let latency: LatencyLimit = { ...noLatency(MAX), limit };
          for (const answer of sorted) {
            const before = latency;
            latency = afterAnswer(latency, answer, BOUNDS);
            const p95Ms = latency.p95Ms ?? 0;
            if (latency.limit < before.limit) expect(p95Ms).toBeGreaterThan(300);
            if (latency.limit > before.limit) expect(p95Ms).toBeLessThanOrEqual(300);
          }
        },
      ),
    );
  });

  it('settles where a target with one server answers in time, and leaves it busy', () => {
    // Each call waits for those before it: 10 ms times as many as are under way. 30 of them take 300 ms.
    let latency = noLatency(MAX);
    const limits: number[] = [];
    for (let nowMs = 0; limits.length < 400; ) {
      const under = latency.limit;
      const begunMs = nowMs;
      nowMs += under * 10;
      for (let turn = 1; turn <= under; turn += 1)
        latency = afterAnswer(latency, { begunMs, tookMs: turn * 10 }, BOUNDS);
      limits.push(latency.limit);
    }
    const settled = limits.slice(100);
    expect(Math.max(...settled)).toBeLessThanOrEqual(37);
    expect(Math.min(...settled)).toBeGreaterThanOrEqual(25);
  });
});
