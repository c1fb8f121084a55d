import { describe, expect, it } from '@jest/globals';
import { northwindRows } from './northwind.js';

describe('northwindRows', () => {
  it.each([
    ['customers', 91],
    ['products', 77],
    ['orders', 830],
    ['suppliers', 29],
  ])('reads all rows of %s', (table, count) => {
    expect(northwindRows(table)).toHaveLength(count);
  });

  it('leaves pictures out, as the API does', () => {
    expect(Object.keys(northwindRows('categories')[0] ?? {})).toEqual(['CategoryID', 'CategoryName', 'Description']);
  });

  it('nests all order lines, keeps nulls, and has the column that was added later', () => {
    const orders = northwindRows('orders') as readonly { Details: readonly unknown[] }[];
    expect(orders.reduce((sum, { Details }) => sum + Details.length, 0)).toBe(2155);
    expect(orders[0]).toMatchObject({
      OrderID: 10248,
      OrderDate: '1996-07-04',
      Freight: 32.38,
      ShipRegion: null,
      PoNumber: null,
    });
    expect(orders[0]?.Details[1]).toEqual({ ProductID: 42, UnitPrice: 9.8, Quantity: 10, Discount: 0 });
  });
});
