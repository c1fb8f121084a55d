import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { firstSliceRecords, nextSliceRecords, type SliceBounds, type SliceOutcome } from './slice-size.js';

const BOUNDS: SliceBounds = { minRecords: 1, maxRecords: 1_000, slowMs: 500 };
const bounds = fc
  .record({
    minRecords: fc.integer({ min: 1, max: 50 }),
    span: fc.nat(5_000),
    slowMs: fc.integer({ min: 1, max: 5_000 }),
  })
  .map(({ minRecords, span, slowMs }) => ({ minRecords, maxRecords: minRecords + span, slowMs }));

/** A slice of that size at most, handled somehow. */
const outcome = (size: number): fc.Arbitrary<SliceOutcome> =>
  fc.record({
    records: fc.integer({ min: 1, max: size }),
    tookMs: fc.double({ min: 0, max: 20_000, noNaN: true }),
    failed: fc.boolean(),
  });

const played = bounds.chain((its) =>
  fc
    .integer({ min: its.minRecords, max: its.maxRecords })
    .chain((size) => fc.record({ its: fc.constant(its), size: fc.constant(size), outcome: outcome(size) })),
);

describe('the size of the next slice', () => {
  it('stays within its bounds, and is a whole number', () => {
    fc.assert(
      fc.property(played, ({ its, size, outcome: seen }) => {
        for (const next of [nextSliceRecords(size, seen, its), firstSliceRecords(its)]) {
          expect(Number.isInteger(next)).toBe(true);
          expect(next).toBeGreaterThanOrEqual(its.minRecords);
          expect(next).toBeLessThanOrEqual(its.maxRecords);
        }
      }),
    );
  });

  it('never grows by a failure or by slow handling, and is at most half of what was handed over', () => {
    fc.assert(
      fc.property(played, ({ its, size, outcome: seen }) => {
        const next = nextSliceRecords(size, seen, its);
        if (!seen.failed && seen.tookMs <= its.slowMs) return;
        expect(next).toBeLessThanOrEqual(Math.max(its.minRecords, seen.records / 2));
      }),
    );
  });

  it('grows by full and quick slices only, never shrinks by quick ones', () => {
    fc.assert(
      fc.property(played, ({ its, size, outcome: seen }) => {
        const next = nextSliceRecords(size, seen, its);
        if (seen.failed || seen.tookMs > its.slowMs) return;
        expect(next).toBeGreaterThanOrEqual(size);
        const isQuickAndFull = seen.records === size && seen.tookMs * 2 < its.slowMs;
        if (next > size) expect(isQuickAndFull).toBe(true);
        if (isQuickAndFull) expect(next).toBe(Math.min(its.maxRecords, size * 2));
      }),
    );
  });

  it('settles where a slice takes about what it should, from wherever it begins', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 0.6, max: 200, noNaN: true }),
        (from, msEach) => {
          let size = from;
          for (let slices = 0; slices < 12; slices += 1) {
            size = nextSliceRecords(size, { records: size, tookMs: size * msEach, failed: false }, BOUNDS);
          }
          expect(size * msEach).toBeLessThanOrEqual(BOUNDS.slowMs);
          if (size < BOUNDS.maxRecords) expect(size * msEach * 4).toBeGreaterThanOrEqual(BOUNDS.slowMs / 2);
        },
      ),
    );
  });

  it('comes down to single records while nothing succeeds, and is back after as many quick slices', () => {
    let size = BOUNDS.maxRecords;
    for (let times = 0; times < 10; times += 1) {
      size = nextSliceRecords(size, { records: size, tookMs: 1, failed: true }, BOUNDS);
    }
    expect(size).toBe(1);
    for (let times = 0; times < 10; times += 1) {
      size = nextSliceRecords(size, { records: size, tookMs: 1, failed: false }, BOUNDS);
    }
    expect(size).toBe(1_000);
  });
});
