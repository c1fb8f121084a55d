import { describe, expect, it } from '@jest/globals';
import { rowHash } from './row-hash.js';

describe('rowHash', () => {
  it('is the same for ever', () => {
    // Computed outside this code base (Python's hashlib). Hashes are in the log: a change is a new version beside this one.
    expect(rowHash({ CustomerID: 'TOMSP', Region: null, City: 'Münster' })).toBe(
      'v1:5YP7syxP66WGf6RWilEDjsPOvtJPalO2YKPXuVJZEd4',
    );
  });

  it('is the same for ever, for every kind of value', () => {
    const row = {
      ...{
        status: 'placed',
        lines: [
          { quantity: 2, productId: 'p', price: 12.5 },
          { z: null, A: true, a: false },
        ],
      },
      ...{ note: 'Straße 😀\n"é"', total: 1e21, tiny: 5e-324, 10: 'x', 9: 'y', empty: {}, none: [] },
    };
    expect(rowHash(row)).toBe('v1:JC8tgICuiLPt0tBKi4RX5Ru77AtsNpidRZgIXsXYSDc');
  });

  it('does not depend on the order of columns', () => {
    expect(rowHash({ a: 1, b: { d: 1, c: 2 } })).toBe(rowHash({ b: { c: 2, d: 1 }, a: 1 }));
  });

  it.each([
    ['a value', { a: 1 }, { a: 2 }],
    ['a type', { a: 1 }, { a: '1' }],
    ['null and nothing', { a: null }, {}],
    ['the order of children', { a: [1, 2] }, { a: [2, 1] }],
    ['white space', { a: 'x' }, { a: 'x ' }],
  ])('tells %s apart', (_, left, right) => {
    expect(rowHash(left)).not.toBe(rowHash(right));
  });
});
