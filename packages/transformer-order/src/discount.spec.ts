import { asReal } from '@banyan/transformer';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { basisPointsFromReal, basisPointsToReal } from './discount.js';

describe('a discount', () => {
  it('is the same in basis points and in a real column, all 10,001 of them', () => {
    for (let basisPoints = 0; basisPoints <= 10_000; basisPoints += 1) {
      const fraction = basisPointsToReal(basisPoints);
      expect(asReal(fraction)).toBe(fraction);
      expect(basisPointsFromReal('Discount', fraction)).toBe(basisPoints);
    }
  });

  it('is refused, and named, when it lies between two basis points', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (fraction) => {
        fc.pre(Number((fraction * 10_000).toFixed(0)) / 10_000 !== fraction);
        expect(() => basisPointsFromReal('Details[0].Discount', fraction)).toThrow(
          expect.objectContaining({ name: 'UnmappableRow', column: 'Details[0].Discount', value: fraction }),
        );
      }),
    );
  });
});
