import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AttemptEnd } from './fault-limit.js';
import {
  afterAnswers,
  afterResult,
  bounded,
  fullPace,
  limitAt,
  type Pace,
  retryAfterAttempts,
  type TargetResult,
} from './pace.js';

const MAX = 16;
const OK: TargetResult = { type: 'ok' };
const FAILED: TargetResult = { type: 'failed', reason: 'HTTP 503' };
const asked = (retryAfterMs: number): TargetResult => ({ type: 'failed', reason: 'HTTP 429', retryAfterMs });

/** One attempt after the other, each begun when the one before it has ended, 10 ms apart, each of another key. */
function inTurn(pace: Pace, results: readonly TargetResult[], { from = 0, key = (turn: number) => `k${turn}` } = {}) {
  return results.reduce((now, result, turn) => {
    const begunMs = from + turn * 10;
    return afterResult(now, { result, key: key(turn), begunMs, endedMs: begunMs + 9 }, MAX);
  }, pace);
}

/** All at once: begun at `begunMs`, ended one after the other. */
function atOnce(pace: Pace, results: readonly TargetResult[], begunMs = 0) {
  return results.reduce(
    (now, result, turn) => afterResult(now, { result, key: `k${turn}`, begunMs, endedMs: begunMs + 1 + turn }, MAX),
    pace,
  );
}

const times = (count: number, result: TargetResult) => Array<TargetResult>(count).fill(result);

describe('the pace of a target that fails', () => {
  it('begins full', () => {
    expect(limitAt(fullPace(MAX), 0)).toBe(MAX);
  });

  it('halves per round that fails, never below one, and grows by one with each answer', () => {
    expect(limitAt(inTurn(fullPace(MAX), [FAILED]), 100)).toBe(8);
    expect(limitAt(inTurn(fullPace(MAX), times(4, FAILED)), 100)).toBe(1);
    expect(limitAt(inTurn(fullPace(MAX), [FAILED, OK, OK]), 100)).toBe(10);
    expect(limitAt(inTurn(fullPace(MAX), [OK]), 100)).toBe(MAX);
  });

  it('is cut once by all that was under way when it was cut', () => {
    expect(limitAt(atOnce(fullPace(MAX), times(4, FAILED)), 100)).toBe(8);
    expect(limitAt(atOnce(fullPace(MAX), [FAILED, OK, OK]), 100)).toBe(8);
  });

  it('opens at a run of five failures of more than one key, longer each time, at most 5 s', () => {
    expect(limitAt(inTurn(fullPace(MAX), times(4, FAILED)), 40)).toBe(1);
    let pace = inTurn(fullPace(MAX), times(5, FAILED));
    const pauses: number[] = [];
    for (let now = 49; pauses.length < 7; ) {
      const { untilMs = now } = pace.faults.breaker ?? {};
      pauses.push(untilMs - now);
      expect([limitAt(pace, untilMs - 1), limitAt(pace, untilMs)]).toEqual([0, 1]);
      now = untilMs + 9;
      pace = afterResult(pace, { result: FAILED, key: 'k', begunMs: untilMs, endedMs: now }, MAX);
    }
    expect(pauses).toEqual([200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  });

  it('does not open for one key that fails again and again', () => {
    const pace = inTurn(fullPace(MAX), times(50, FAILED), { key: () => 'one' });
    expect(limitAt(pace, 500)).toBe(1);
  });

  it('does not open for failures with an answer in between, or a Retry-After', () => {
    for (const between of [OK, asked(0)]) {
      const { faults } = inTurn(fullPace(MAX), [...times(4, FAILED), between, ...times(4, FAILED)]);
      expect([faults.run, faults.breaker]).toEqual([4, undefined]);
    }
  });

  it('closes with the first answer to what was begun since it opened, and goes on with few', () => {
    const open = inTurn(fullPace(MAX), times(5, FAILED));
    const late = afterResult(open, { result: OK, key: 'k', begunMs: 40, endedMs: 100 }, MAX);
    expect(limitAt(late, 100)).toBe(0);
    const closed = afterResult(open, { result: OK, key: 'k', begunMs: 260, endedMs: 270 }, MAX);
    expect(limitAt(closed, 270)).toBe(2);
  });

  it('is not held longer by failures of what was under way when it opened', () => {
    const open = inTurn(fullPace(MAX), times(5, FAILED));
    const late = afterResult(open, { result: FAILED, key: 'k', begunMs: 40, endedMs: 5_000 }, MAX);
    expect(late).toEqual(open);
  });

  it('keeps a Retry-After although requests that were under way are answered', () => {
    const pace = inTurn(fullPace(MAX), [asked(3_000), OK, OK]);
    expect([limitAt(pace, 3_008), limitAt(pace, 3_009)]).toEqual([0, 10]);
  });

  it('takes the longest Retry-After, also with the breaker open, which it closes', () => {
    const pace = inTurn(fullPace(MAX), [...times(5, FAILED), asked(60_000), asked(10)]);
    expect(pace.faults.breaker).toBeUndefined();
    expect([limitAt(pace, 60_058), limitAt(pace, 60_059)]).toEqual([0, 1]);
  });

  it('takes a new bound at once where it bore the old one, and keeps what a slow target bears', () => {
    expect(limitAt(bounded(fullPace(MAX), MAX, 40), 0)).toBe(40);
    expect(limitAt(bounded(fullPace(MAX), MAX, 2), 0)).toBe(2);
    const slow = inTurn(fullPace(MAX), [FAILED]);
    expect(limitAt(bounded(slow, MAX, 40), 100)).toBe(8);
    expect(limitAt(bounded(slow, MAX, 3), 100)).toBe(3);
  });

  it('learns nothing from an attempt that did not ask the target', () => {
    const pace = inTurn(fullPace(MAX), [FAILED]);
    expect(inTurn(pace, [{ type: 'none' }])).toBe(pace);
  });

  it('lets a key wait longer with each attempt, at most 30 s', () => {
    expect([1, 2, 3, 50].map(retryAfterAttempts)).toEqual([200, 400, 800, 30_000]);
  });
});

/** What may happen to a target: an attempt that ends or calls that are answered, a while after the last; and how long it was under way. */
const anyEvent = fc.record({
  laterMs: fc.nat(2_000),
  tookMs: fc.nat(3_000),
  key: fc.constantFrom('a', 'b', 'c'),
  what: fc.oneof(
    fc.constant(OK),
    fc.constant(FAILED),
    fc.nat(10_000).map(asked),
    fc.constant<TargetResult>({ type: 'none' }),
    fc.array(fc.nat(2_000), { maxLength: 60 }),
  ),
});

type Happened = typeof anyEvent extends fc.Arbitrary<infer T> ? T : never;

interface Moment {
  readonly pace: Pace;
  readonly nowMs: number;
  readonly end: AttemptEnd | undefined;
}

function lived(events: readonly Happened[], max: number, objectiveMs: number | undefined): readonly Moment[] {
  let pace = fullPace(max);
  let nowMs = 0;
  return events.map(({ laterMs, tookMs, key, what }) => {
    nowMs += laterMs;
    if (Array.isArray(what)) {
      const answers = what.map((took) => ({ begunMs: nowMs - took, tookMs: took }));
      pace = afterAnswers(pace, answers, { max, objectiveMs });
      return { pace, nowMs, end: undefined };
    }
    const end = { result: what, key, begunMs: nowMs - tookMs, endedMs: nowMs };
    pace = afterResult(pace, end, max);
    return { pace, nowMs, end };
  });
}

describe('the pace of a target, whatever happens', () => {
  const anyLife = [
    fc.array(anyEvent, { maxLength: 80 }),
    fc.integer({ min: 1, max: 40 }),
    fc.option(fc.nat(1_000), { nil: undefined }),
  ] as const;

  it('stays between one and its bound, and lets nothing begin before the target wants it', () => {
    fc.assert(
      fc.property(...anyLife, (events, max, objectiveMs) => {
        let askedUntilMs = 0;
        for (const { pace, nowMs, end } of lived(events, max, objectiveMs)) {
          for (const { limit } of [pace.faults, pace.latency]) {
            expect(limit).toBeGreaterThanOrEqual(1);
            expect(limit).toBeLessThanOrEqual(max);
          }
          if (end?.result.type === 'failed' && end.result.retryAfterMs !== undefined)
            askedUntilMs = Math.max(askedUntilMs, nowMs + end.result.retryAfterMs);
          if (nowMs < askedUntilMs) expect(limitAt(pace, nowMs)).toBe(0);
          if (pace.faults.breaker !== undefined) expect(limitAt(pace, nowMs)).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('opens only for a run of five failures that no answer interrupts', () => {
    fc.assert(
      fc.property(...anyLife, (events, max, objectiveMs) => {
        let run = 0;
        let wasOpen = false;
        for (const { pace, end } of lived(events, max, objectiveMs)) {
          if (end?.result.type === 'failed') run = end.result.retryAfterMs === undefined ? run + 1 : 0;
          if (end?.result.type === 'ok') run = 0;
          const open = pace.faults.breaker !== undefined;
          if (open && !wasOpen) expect(run).toBeGreaterThanOrEqual(5);
          wasOpen = open;
        }
      }),
      { numRuns: 500 },
    );
  });

  it('comes back to its bound in the end, when everything is answered in time', () => {
    fc.assert(
      fc.property(...anyLife, (events, max, objectiveMs) => {
        let { pace, nowMs } = lived(events, max, objectiveMs).at(-1) ?? { pace: fullPace(max), nowMs: 0 };
        for (let round = 0; round < 20_000 && limitAt(pace, nowMs) < max; round += 1) {
          nowMs += 50;
          if (limitAt(pace, nowMs) === 0) continue;
          const begunMs = nowMs;
          nowMs += 1;
          pace = afterResult(pace, { result: OK, key: 'a', begunMs, endedMs: nowMs }, max);
          pace = afterAnswers(pace, [{ begunMs, tookMs: 0 }], { max, objectiveMs });
        }
        expect(limitAt(pace, nowMs)).toBe(max);
      }),
      { numRuns: 100 },
    );
  });
});
