import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { firstPace, nextPace, type SliceBounds, type SliceOutcome, type SlicePace } from './slice-size.js';

const BOUNDS: SliceBounds = { maxRecords: 1_000, slowMs: 500 };

/** A pace that some slices, none larger than it said, have led to. */
const played = fc
  .record({
    bounds: fc.record({ maxRecords: fc.integer({ min: 1, max: 5_000 }), slowMs: fc.integer({ min: 1, max: 5_000 }) }),
    slices: fc.array(
      fc.record({
        share: fc.double({ min: 0.001, max: 1, noNaN: true }),
        tookMs: fc.double({ min: 0, max: 20_000, noNaN: true }),
        failed: fc.boolean(),
      }),
      { minLength: 1, maxLength: 30 },
    ),
  })
  .map(({ bounds, slices }) => {
    const steps: { before: SlicePace; outcome: SliceOutcome; after: SlicePace }[] = [];
    let pace = firstPace(bounds);
    for (const { share, tookMs, failed } of slices) {
      const outcome = { records: Math.max(1, Math.floor(pace.size * share)), tookMs, failed };
      const after = nextPace(pace, outcome, bounds);
      steps.push({ before: pace, outcome, after });
      pace = after;
    }
    return { bounds, steps };
  });

/** The sizes that a store leads to which takes so long for so many records. */
function sizesOf(tookMs: (records: number) => number, { from = 250, slices = 40 } = {}): number[] {
  const sizes: number[] = [];
  let pace: SlicePace = { size: from };
  for (let times = 0; times < slices; times += 1) {
    pace = nextPace(pace, { records: pace.size, tookMs: tookMs(pace.size), failed: false }, BOUNDS);
    sizes.push(pace.size);
  }
  return sizes;
}

describe('the size of the next slice', () => {
  it('is a whole number from 1 to its bound', () => {
    fc.assert(
      fc.property(played, ({ bounds, steps }) => {
        for (const { after } of steps) {
          expect(Number.isInteger(after.size)).toBe(true);
          expect(after.size).toBeGreaterThanOrEqual(1);
          expect(after.size).toBeLessThanOrEqual(bounds.maxRecords);
        }
      }),
    );
  });

  it('is half of what has failed at most', () => {
    fc.assert(
      fc.property(played, ({ steps }) => {
        for (const { outcome, after } of steps) {
          if (outcome.failed) expect(after.size).toBeLessThanOrEqual(Math.max(1, outcome.records / 2));
        }
      }),
    );
  });

  it('grows by full slices only, to four times at most, and is never smaller behind a quick one', () => {
    fc.assert(
      fc.property(played, ({ bounds, steps }) => {
        for (const { before, outcome, after } of steps) {
          if (after.size > before.size) expect(outcome.records).toBe(before.size);
          const isQuick = !outcome.failed && outcome.tookMs * 2 < bounds.slowMs;
          const isVeryQuick = !outcome.failed && outcome.tookMs * 8 < bounds.slowMs;
          expect(after.size).toBeLessThanOrEqual(before.size * (isVeryQuick ? 4 : 2));
          if (isQuick) expect(after.size).toBeGreaterThanOrEqual(before.size);
        }
      }),
    );
  });

  it('is not smaller behind a slow trickle: few records tell nothing about the size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 99 }), fc.integer({ min: 100, max: 1_000 }), (records, size) => {
        expect(nextPace({ size }, { records, tookMs: 60_000, failed: false }, BOUNDS).size).toBe(size);
      }),
    );
  });

  it('settles where a slice takes about what it should, where its time is that of its records', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.double({ min: 0.01, max: 4, noNaN: true }), (from, msEach) => {
        for (const size of sizesOf((records) => records * msEach, { from }).slice(12)) {
          // Below 200 a doubled slice is tried again and again: what fewer than 100 take tells nothing.
          if (size >= 200) expect(size * msEach).toBeLessThan(BOUNDS.slowMs + 0.001);
          if (size < BOUNDS.maxRecords) expect(size * msEach * 4).toBeGreaterThanOrEqual(BOUNDS.slowMs);
        }
      }),
    );
  });

  it('stays large where the store is slow whatever the size, from wherever it begins', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 501, max: 20_000 }), (from, ms) => {
        const settled = sizesOf(() => ms, { from }).slice(12);
        expect(Math.min(...settled)).toBeGreaterThanOrEqual(BOUNDS.maxRecords / 2);
      }),
    );
  });

  it('comes down to single records while nothing succeeds, and is back after as many successes, slow ones too', () => {
    let pace: SlicePace = { size: BOUNDS.maxRecords };
    for (let times = 0; times < 10; times += 1) {
      pace = nextPace(pace, { records: pace.size, tookMs: 1, failed: true }, BOUNDS);
    }
    expect(pace.size).toBe(1);
    expect(sizesOf(() => 700, { from: 1, slices: 10 }).at(-1)).toBe(1_000);
  });
});
