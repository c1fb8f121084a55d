import { inMemoryCodec } from '@banyan/contracts/testing';
import { asReal } from '@banyan/transformer';
import { checkLawOfThePort, manifestText, northwindRows } from '@banyan/transformer/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { product } from '../index.js';
import { productBackend } from './product.port.js';
import { canonical, type ProductRow } from './product-row.js';

const rows = northwindRows('products').map(canonical);
const context = { id: 'unused', idOf: () => 'unused' };

const smallint = fc.integer({ min: -32768, max: 32767 });
const anyRow: fc.Arbitrary<ProductRow> = fc.record({
  ProductID: fc.integer({ min: 1, max: 32767 }),
  ProductName: fc.string({ unit: 'grapheme' }),
  SupplierID: fc.option(smallint),
  CategoryID: fc.option(smallint),
  QuantityPerUnit: fc.option(fc.string({ unit: 'grapheme' })),
  UnitPrice: fc.option(fc.integer({ min: 0, max: 2_000_000_000 }).map((cents) => asReal(cents / 100))),
  UnitsInStock: fc.option(smallint),
  UnitsOnOrder: fc.option(smallint),
  ReorderLevel: fc.option(smallint),
  Discontinued: fc.constantFrom(0, 1),
});

describe('the law of the port', () => {
  it('holds for all 77 products', () => {
    const manifest = checkLawOfThePort(product, rows);
    process.stdout.write(`${manifestText(manifest)}\n`);
    expect(manifest).toMatchObject({ rows: 77, unmappable: [] });
  });

  it('holds for any row, prices included that only a float4 could have made', () => {
    fc.assert(
      fc.property(anyRow, (row) => {
        expect(checkLawOfThePort(product, [row]).rows).toBe(1);
      }),
    );
  });
});

it('imports survive Avro, all of them', async () => {
  const codec = await inMemoryCodec(product.events);
  for (const row of rows) {
    const { type, data } = product.legacy.importRow(row, context);
    expect(await codec.decode(type, codec.encode(type, data))).toEqual(data);
  }
});

describe('a row that cannot be carried over', () => {
  const row = rows[0];

  it.each([
    ['Discontinued', 2],
    ['Discontinued', -1],
    ['UnitPrice', 18.995],
  ])('has in %s the value %j, and importRow says so', (column, value) => {
    const raw = canonical({ ...row, [column]: value });
    expect(() => product.legacy.importRow(raw, context)).toThrow(
      expect.objectContaining({ name: 'UnmappableRow', column, value, reason: expect.stringMatching(/.+/) }),
    );
  });

  it.each([
    ['ProductName', null],
    ['ProductID', '1'],
    ['UnitPrice', 'NaN'],
    ['UnitsInStock', 40_000],
    ['Colour', 'red'],
  ])('has in %s the value %j, and is not even canonical', (column, value) => {
    expect(() => canonical({ ...row, [column]: value })).toThrow(
      expect.objectContaining({ name: 'UnmappableRow', column, value }),
    );
  });
});

describe('after an answer that was lost', () => {
  const { create } = productBackend.target;
  if (create.deliveryClass !== 'probe') throw new Error('a product is created with a probe');
  const sent = canonicalWithout(rows[0]);
  const candidate = { ...sent, ProductID: 78 };

  it('an equal row above the high-water mark is the one sent', () => {
    expect(create.isOurs(candidate, sent, { id: 'any', isAbove: true })).toBe(true);
  });

  it.each([
    ['an equal row that was there before', candidate, false],
    ['another product', { ...candidate, ProductName: 'Tea' }, true],
    ['a row that differs in one column', { ...candidate, UnitsInStock: 1 }, true],
  ])('%s is not', (_what, other, isAbove) => {
    expect(create.isOurs(other, sent, { id: 'any', isAbove })).toBe(false);
  });
});

it('leaves the id out of a create, and reads it from the answer', () => {
  const { create } = productBackend.target;
  if (create.deliveryClass !== 'probe') throw new Error('a product is created with a probe');
  expect(create.request(canonicalWithout(rows[0])).body).not.toHaveProperty('ProductID');
  expect(create.idFromAnswer({ ...rows[0], ProductID: 78 })).toBe('78');
  expect(() => create.idFromAnswer('<html>')).toThrow(expect.objectContaining({ name: 'UnmappableRow' }));
});

function canonicalWithout(row: ProductRow | undefined): ProductRow {
  if (row === undefined) throw new Error('there are products');
  return { ...row, ProductID: null };
}
