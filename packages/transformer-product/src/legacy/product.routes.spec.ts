import { importedId } from '@banyan/core';
import { LegacyRefused } from '@banyan/transformer';
import { legacyRequest, northwindRows, throughRoute, writeRoute } from '@banyan/transformer/testing';
import { describe, expect, it } from '@jest/globals';
import { product } from '../index.js';
import type { Product } from '../product.js';
import { canonical, type ProductRow } from './product-row.js';

const rows = northwindRows('products').map(canonical);
const [chai] = rows;
if (chai === undefined) throw new Error('there are products');
const id = importedId('product', '1');
const legacyIdOf = ({ ProductID }: ProductRow) => String(ProductID);

function imported(row: ProductRow): Product {
  const state = product.evolve(undefined, product.legacy.importRow(row, { id, idOf: importedId }));
  if (state === undefined) throw new Error('an imported product has a state');
  return state;
}

function refusal(body: unknown): unknown {
  try {
    writeRoute(product, 'create').toCommand(legacyRequest({ body }));
  } catch (error) {
    if (error instanceof LegacyRefused) return [error.answer.status, error.answer.body];
    throw error;
  }
  return undefined;
}

describe('a product written through legacy\u2019s API', () => {
  it('makes the row that was sent, under the id that legacy assigns, for all 77', () => {
    for (const row of rows) {
      const written = throughRoute(product, 'create', { id, body: row });
      expect(written.command).toMatchObject({ name: 'AddProduct', creation: {} });
      expect(written.command.legacyId).toBeUndefined();
      expect(written.row(legacyIdOf(row))).toEqual(row);
    }
  });

  it('is not changed by sending back what was read, for all 77', () => {
    for (const row of rows) {
      const params = { ProductID: `00${row.ProductID}` };
      const written = throughRoute(product, 'replace', { id, params, body: row, state: imported(row) });
      expect(written.command).toMatchObject({ name: 'ChangeProduct', legacyId: legacyIdOf(row) });
      expect(written.event).toBeUndefined();
    }
  });

  it('has the price that legacy\u2019s column keeps of the one that was sent', () => {
    const priced = (UnitPrice: number) => throughRoute(product, 'create', { id, body: { ...chai, UnitPrice } });
    expect(priced(123456.789).row('1').UnitPrice).toBe(123456.79);
    expect(priced(18.0000001).state?.unitPrice).toEqual({ cents: 1800, currency: 'USD' });
  });

  it('is removed by its id', () => {
    const written = throughRoute(product, 'delete', { id, params: { ProductID: '1' }, state: imported(chai) });
    expect([written.command.name, written.state]).toEqual(['RemoveProduct', undefined]);
  });
});

describe('what legacy refuses', () => {
  it.each<[string, object, number, string]>([
    [
      'a name that is too long',
      { ProductName: 'x'.repeat(41) },
      400,
      'ProductName must not be longer than 40 characters.',
    ],
    ['no name', { ProductName: null }, 400, 'ProductName is required.'],
    ['a flag that is none', { Discontinued: true }, 400, 'Discontinued must be 0 or 1.'],
    ['half a unit', { UnitsInStock: 1.5 }, 400, 'UnitsInStock must be a whole number.'],
    ['a price in words', { UnitPrice: '18' }, 400, 'UnitPrice must be a number.'],
    [
      'a stock beyond smallint, after everything that the API itself checks',
      { UnitsInStock: 40_000 },
      500,
      'Database error: value "40000" is out of range for type smallint',
    ],
    ['a fault that comes later', { UnitsInStock: 40_000, Discontinued: 2 }, 400, 'Discontinued must be 0 or 1.'],
    ['a price beyond real', { UnitPrice: 1e39 }, 500, 'Database error: "1e+39" is out of range for type real'],
  ])('%s, in its own words', (_what, change, status, words) => {
    expect(refusal({ ...chai, ...change })).toEqual([status, words]);
  });
});

it('refuses a price that legacy would keep and V2 cannot, and says why', () => {
  expect(refusal({ ...chai, UnitPrice: 1.005 })).toEqual([400, 'UnitPrice 1.005 is no whole number of cents.']);
});
