import { describe, expect, it } from '@jest/globals';
import { imbalances, type PartitionBooks, tallyOf } from './books.js';

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
