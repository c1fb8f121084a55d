import { inMemoryCodec } from '@banyan/contracts/testing';
import { primaryPortOf } from '@banyan/transformer';
import { checkLawOfThePort, manifestText, northwindRows } from '@banyan/transformer/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { customer } from '../index.js';
import { type CustomerRow, canonical } from './customer-row.js';

const rows = northwindRows('customers').map(canonical);
const anyRow: fc.Arbitrary<CustomerRow> = (() => {
  const text = fc.string({ unit: 'grapheme', maxLength: 30 });
  const maybe = fc.option(text);
  return fc.record({
    CustomerID: fc.stringMatching(/^[A-Z0-9]{1,5}$/),
    CompanyName: text,
    ContactName: maybe,
    ContactTitle: maybe,
    Address: maybe,
    City: maybe,
    Region: maybe,
    PostalCode: maybe,
    Country: maybe,
    Phone: maybe,
    Fax: maybe,
  });
})();
const context = { id: 'unused', idOf: () => 'unused' };

describe('the law of the port', () => {
  it('holds for all 91 customers', () => {
    const manifest = checkLawOfThePort(customer, rows);
    process.stdout.write(`${manifestText(manifest)}\n`);
    expect(manifest).toMatchObject({ rows: 91, unmappable: [] });
  });

  it('holds for any row', () => {
    fc.assert(
      fc.property(anyRow, (row) => {
        expect(checkLawOfThePort(customer, [row]).rows).toBe(1);
      }),
    );
  });
});

it('imports survive Avro, all of them', async () => {
  const codec = await inMemoryCodec(customer.events);
  for (const row of rows) {
    const { type, data } = customer.legacy.importRow(row, context);
    expect(await codec.decode(type, codec.encode(type, data))).toEqual(data);
  }
});

describe('a row that cannot be carried over', () => {
  const row = { CustomerID: 'ALFKI', ...Object.fromEntries(Object.entries(rows[0] ?? {}).slice(1)) };

  it.each(['alfki', 'ALFKI ', ''])('has the id %j, which is not the one form of it', (CustomerID) => {
    const raw = canonical({ ...row, CustomerID });
    expect(() => customer.legacy.importRow(raw, context)).toThrow(
      expect.objectContaining({ name: 'UnmappableRow', column: 'CustomerID', value: CustomerID }),
    );
  });

  it.each([
    ['CompanyName', null],
    ['City', 7],
    ['Loyalty', 'gold'],
  ])('has in %s the value %j', (column, value) => {
    expect(() => canonical({ ...row, [column]: value })).toThrow(
      expect.objectContaining({ name: 'UnmappableRow', column, value, reason: expect.stringMatching(/.+/) }),
    );
  });
});

it('names its paths in legacy so that no id leaves them', () => {
  expect(customer.legacy.reader.http.one('../x?')).toBe('/api/customers/..%2Fx%3F');
  expect(primaryPortOf(customer).target.delete('ÄÖ').path).toBe('/api/customers/%C3%84%C3%96');
});
