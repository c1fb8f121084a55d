import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { equalJson, equalRows } from './equal-json.js';

describe('equalJson', () => {
  it('holds of a value and its stored copy, whatever the order of fields', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        const reversed = JSON.parse(JSON.stringify(value), (_key, part) =>
          typeof part === 'object' && part !== null && !Array.isArray(part)
            ? Object.fromEntries(Object.entries(part).reverse())
            : part,
        );
        expect(equalJson(reversed, JSON.parse(JSON.stringify(value)))).toBe(true);
      }),
    );
  });

  it.each<[unknown, unknown]>([
    [{ a: 1 }, { a: 2 }],
    [{ a: 1 }, { a: 1, b: null }],
    [{ a: null }, {}],
    [
      [1, 2],
      [2, 1],
    ],
    [[1], [1, 2]],
    [[], {}],
    [null, {}],
    ['1', 1],
  ])('does not hold of %j and %j', (left, right) => {
    expect(equalJson(left, right)).toBe(false);
    expect(equalJson(right, left)).toBe(false);
  });
});

it('equalRows passes over the columns named and no other', () => {
  const sent = { OrderID: null, ShipName: 'A', Details: [{ Quantity: 1 }] };
  expect(equalRows({ ...sent, OrderID: 7 }, sent, { except: ['OrderID'] })).toBe(true);
  expect(equalRows({ ...sent, OrderID: 7 }, sent, { except: [] })).toBe(false);
  expect(equalRows({ ...sent, Details: [{ Quantity: 2 }] }, sent, { except: ['OrderID'] })).toBe(false);
});
