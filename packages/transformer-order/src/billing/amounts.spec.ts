import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lineCents, withTwoPlaces } from './amounts.js';

describe('the amount of a line', () => {
  it.each([
    [1999, 2, 500, 3798n],
    [1400, 12, 0, 16_800n],
    // 0.5 cents go up, as billing's `round` does.
    [1, 1, 5_000, 1n],
    [3, 1, 5_000, 2n],
    [-1, 1, 5_000, -1n],
    [1000, 1, 10_000, 0n],
  ])('%d cents x %d less %d basis points is %d', (unit, quantity, discount, cents) => {
    expect(lineCents(unit, quantity, discount)).toBe(cents);
  });

  it('is exact where a number would not be', () => {
    expect(lineCents(2_147_483_647, 32_767, 1)).toBe(70_359_560_001_583n);
  });
});

it('shows cents with two places, and reads as the same amount', () => {
  expect([0, 5, 50, 123_456, -5].map(withTwoPlaces)).toEqual(['0.00', '0.05', '0.50', '1234.56', '-0.05']);
  fc.assert(fc.property(fc.bigInt(), (cents) => BigInt(withTwoPlaces(cents).replace('.', '')) === cents));
});
