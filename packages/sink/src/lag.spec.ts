import { describe, expect, it } from '@jest/globals';
import { lagOf } from './lag.js';

describe('lag', () => {
  it('adds up records and takes the oldest of them, over the partitions that are owned', () => {
    const partitions = [
      { partition: 0, position: 4n, end: 10n, behindMs: 1_500 },
      { partition: 7, position: 2n, end: 3n, behindMs: 4_000 },
    ];
    expect(lagOf({ lag: () => partitions })).toEqual({
      lag: [
        { partition: 0, position: 4, end: 10, behindMs: 1_500 },
        { partition: 7, position: 2, end: 3, behindMs: 4_000 },
      ],
      lagRecords: 7,
      lagSeconds: 4,
    });
  });

  it('is none where nothing runs yet', () => {
    expect(lagOf(undefined)).toEqual({ lag: [], lagRecords: 0, lagSeconds: 0 });
  });
});
