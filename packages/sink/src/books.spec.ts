import type { Outcome } from '@banyan/core';
import { describe, expect, it } from '@jest/globals';
import {
  booksReport,
  effectSamples,
  imbalances,
  type PartitionBooks,
  recordSamples,
  tallyOf,
  unaccounted,
  unaccountedEffects,
} from './books.js';

const GOOD: PartitionBooks = {
  ...tallyOf({ marker: 1, effective: 6, unchanged: 2, superseded: 3, duplicate: 1, stale: 1, conflict: 1, invalid: 2 }),
  ...{ applied: 3, discarded: 1 },
  partition: 4,
  from: 10,
  next: 27,
  parked: 2,
};

describe('books', () => {
  it('balance where every record has an outcome, and every effect is applied, parked or discarded', () => {
    expect(imbalances(GOOD)).toEqual([]);
    expect(imbalances({ ...tallyOf({}), partition: 0, from: 0, next: 0, parked: 0 })).toEqual([]);
  });

  it.each(['marker', 'unchanged', 'superseded', 'duplicate', 'stale', 'conflict', 'invalid'] as const)(
    'say that a record is missing: %s',
    (entry) => {
      const words = 'partition 4: 17 records passed, 16 have an outcome';
      expect(imbalances({ ...GOOD, [entry]: GOOD[entry] - 1 })).toEqual([words]);
    },
  );

  it.each(['applied', 'discarded', 'parked'] as const)('say that an effect is missing: %s', (effect) => {
    const words = 'partition 4: 6 events are effective, 5 effects are applied, parked or discarded';
    expect(imbalances({ ...GOOD, [effect]: GOOD[effect] - 1 })).toEqual([words]);
  });
});

/** What the fold knows; one that is added without a bucket fails to compile here. */
const OUTCOMES: Readonly<Record<Outcome, true>> = {
  effective: true,
  unchanged: true,
  superseded: true,
  duplicate: true,
  stale: true,
  conflict: true,
  invalid: true,
};
const OTHER: PartitionBooks = { ...tallyOf({ effective: 2, applied: 2 }), partition: 5, from: 0, next: 2, parked: 0 };

describe('books in metrics', () => {
  const sumOf = (samples: readonly { labels: { partition: string }; value: number }[], partition: number) =>
    samples.filter(({ labels }) => labels.partition === `${partition}`).reduce((sum, { value }) => sum + value, 0);

  it('have a sample for each outcome of each partition, which together are the records that it passed', () => {
    const samples = recordSamples('order', [GOOD, OTHER]);
    const ofOne = samples.filter(({ labels }) => labels.partition === '4').map(({ labels }) => labels.outcome);
    expect(ofOne.toSorted()).toEqual(['marker', ...Object.keys(OUTCOMES)].toSorted());
    for (const { partition, from, next } of [GOOD, OTHER]) expect(sumOf(samples, partition)).toBe(next - from);
  });

  it('have a sample for each state of the effects of each partition, which together are its effective events', () => {
    const samples = effectSamples('order', [GOOD, OTHER]);
    expect(samples.filter(({ labels }) => labels.partition === '4').map(({ labels }) => labels.state)).toEqual([
      'applied',
      'discarded',
      'parked',
    ]);
    for (const { partition, effective } of [GOOD, OTHER]) expect(sumOf(samples, partition)).toBe(effective);
  });

  it('show a record that has no outcome, and an effect that is nowhere', () => {
    expect([unaccounted(GOOD), unaccountedEffects(GOOD)]).toEqual([0, 0]);
    for (const outcome of Object.keys(OUTCOMES) as Outcome[])
      expect(unaccounted({ ...GOOD, [outcome]: GOOD[outcome] - 1 })).toBe(1);
    for (const state of ['applied', 'parked', 'discarded'] as const)
      expect(unaccountedEffects({ ...GOOD, [state]: GOOD[state] - 1 })).toBe(1);
    // One that was dropped does not pass for one that is parked.
    expect(sumOf(effectSamples('order', [{ ...GOOD, applied: GOOD.applied - 1 }]), 4)).toBe(GOOD.effective - 1);
  });
});

describe('books in the status', () => {
  it('are those of each partition, and all of them together', () => {
    const { partitions, total, balanced } = booksReport([GOOD, OTHER]);
    expect([partitions, balanced]).toEqual([[GOOD, OTHER], true]);
    const outcomes = Object.keys(OUTCOMES) as Outcome[];
    expect(total.marker + outcomes.reduce((sum, outcome) => sum + total[outcome], 0)).toBe(total.records);
    expect(total.applied + total.parked + total.discarded).toBe(total.effective);
  });
});
