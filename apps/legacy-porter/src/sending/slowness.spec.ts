import { describe, expect, it } from '@jest/globals';
import type { FaultLimit } from './fault-limit.js';
import { fullPace, type Pace } from './pace.js';
import { slownessOf } from './slowness.js';

const NOW = Date.UTC(2026, 10, 24, 10, 0, 30);
const driven = { target: 'legacy', max: 100, objectiveMs: 300, monotonicMs: 50_000, nowMs: NOW };
const pace = (faults: Partial<FaultLimit>, latency: Partial<Pace['latency']> = {}): Pace => {
  const full = fullPace(100);
  return { faults: { ...full.faults, ...faults }, latency: { ...full.latency, ...latency } };
};
const open = { sinceMs: 20_000, untilMs: 53_500, times: 4 };

describe('why a target is slow', () => {
  it('is told of nothing that runs as it may', () => {
    expect(slownessOf(fullPace(100), driven)).toBeUndefined();
    expect(slownessOf(pace({ askedUntilMs: 50_000 }), driven)).toBeUndefined();
  });

  it.each([
    [
      'latency',
      pace({}, { limit: 12, p95Ms: 840 }),
      'legacy answers in 840 ms, objective 300 ms: 12 of 100 calls at once',
    ],
    [
      'asked-to-wait',
      pace({ askedUntilMs: 69_400, said: 'HTTP 429: later' }),
      'legacy asked to wait, 20 s more (HTTP 429: later)',
    ],
    [
      'failures',
      pace({ limit: 50, said: 'HTTP 500: oops' }),
      'calls to legacy failed, the last: HTTP 500: oops: 50 of 100 calls at once',
    ],
    [
      'breaker-open',
      pace({ limit: 1, run: 5, said: 'HTTP 503', breaker: open }),
      'breaker of legacy open since 2026-11-24T10:00:00.000Z after 5 failures in a row, the last: HTTP 503; next try in 4 s',
    ],
    [
      'breaker-open',
      pace({ limit: 1, run: 5, said: 'HTTP 503', breaker: { ...open, untilMs: 50_000 } }),
      'breaker of legacy open since 2026-11-24T10:00:00.000Z after 5 failures in a row, the last: HTTP 503; one call tries whether it answers again',
    ],
  ] as const)('is said: %s', (reason, slow, words) => {
    expect(slownessOf(slow, driven)).toEqual({ reason, words });
  });

  it('names the limit that holds, where both do', () => {
    expect(slownessOf(pace({ limit: 50 }, { limit: 12, p95Ms: 840 }), driven)?.reason).toBe('latency');
    expect(slownessOf(pace({ limit: 6 }, { limit: 12, p95Ms: 840 }), driven)?.reason).toBe('failures');
  });
});
