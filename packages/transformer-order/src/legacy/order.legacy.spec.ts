import { event } from '@banyan/contracts';
import { OrderPlaced } from '@banyan/contracts/events/northwind.order.v1';
import { inMemoryCodec } from '@banyan/contracts/testing';
import { importedId } from '@banyan/core';
import { asReal } from '@banyan/transformer';
import { checkLawOfThePort, manifestText, northwindRows } from '@banyan/transformer/testing';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { order } from '../index.js';
import { evolve } from '../order.js';
import { ALFKI, CHAI, ORDER_ID, placedData } from '../testing/order.fixture.js';
import { orderBackend } from './order.port.js';
import { canonical, type OrderRow } from './order-row.js';

const rows = northwindRows('orders').map(canonical);
const context = { id: ORDER_ID, idOf: importedId };

const smallint = fc.integer({ min: -32768, max: 32767 });
const text = fc.option(fc.string({ unit: 'grapheme' }));
const date = fc.option(
  fc
    .date({ min: new Date('0001-01-01T00:00:00Z'), max: new Date('9999-12-31T00:00:00Z'), noInvalidDate: true })
    .map((day) => day.toISOString().slice(0, 10)),
);
const price = fc.integer({ min: 0, max: 2_000_000_000 }).map((cents) => asReal(cents / 100));
const anyRow: fc.Arbitrary<OrderRow> = fc
  .record({
    OrderID: fc.integer({ min: 1, max: 32767 }),
    CustomerID: fc.option(fc.stringMatching(/^[A-Z]{5}$/)),
    EmployeeID: fc.option(smallint),
    OrderDate: date,
    RequiredDate: date,
    ShippedDate: date,
    ShipVia: fc.option(smallint),
    Freight: fc.option(price),
    ShipName: text,
    ShipAddress: text,
    ShipCity: text,
    ShipRegion: text,
    ShipPostalCode: text,
    ShipCountry: text,
    PoNumber: text,
    Details: fc.uniqueArray(
      fc.record({
        ProductID: fc.integer({ min: 1, max: 32767 }),
        UnitPrice: price,
        Quantity: smallint,
        Discount: fc.integer({ min: 0, max: 10_000 }).map((basisPoints) => basisPoints / 10_000),
      }),
      { selector: ({ ProductID }) => ProductID, maxLength: 8 },
    ),
  })
  .map(canonical);

/** The row that the port makes of an order placed in V2. */
function written(change: Partial<typeof placedData>, legacyId?: string): OrderRow {
  const state = evolve(undefined, event(OrderPlaced, { ...placedData, ...change }));
  if (state === undefined) throw new Error('a placed order has a state');
  const ids = new Map(state.lines.map(({ productId }, index) => [productId, String(index + 1)]));
  return orderBackend.format(state, {
    id: ORDER_ID,
    legacyId,
    legacyIdOf: (entity, id) => (entity === 'customer' && id === ALFKI ? 'ALFKI' : (ids.get(id) ?? 'unknown')),
  });
}

describe('the law of the port', () => {
  it('holds for all 830 orders with their 2,155 lines', () => {
    const manifest = checkLawOfThePort(order, rows);
    process.stdout.write(`${manifestText(manifest)}\n`);
    expect(manifest).toMatchObject({ rows: 830, further: ['billing'], unmappable: [] });
    expect(rows.reduce((sum, { Details }) => sum + Details.length, 0)).toBe(2155);
  });

  it('holds for any row, nonsense included that legacy lets in', () => {
    fc.assert(
      fc.property(anyRow, (row) => {
        expect(checkLawOfThePort(order, [row]).rows).toBe(1);
      }),
    );
  });
});

it('imports survive Avro, all of them', async () => {
  const codec = await inMemoryCodec(order.events);
  for (const row of rows) {
    const { type, data } = order.legacy.importRow(row, context);
    expect(await codec.decode(type, codec.encode(type, data))).toEqual(data);
  }
});

describe('a row that cannot be carried over', () => {
  const row = { ...rows[0], Details: [{ ProductID: 11, UnitPrice: 14, Quantity: 12, Discount: 0 }] };
  const detail = row.Details[0];

  it.each([
    ['Freight', { Freight: 32.385 }, 32.385],
    ['CustomerID', { CustomerID: 'vinet' }, 'vinet'],
    ['CustomerID', { CustomerID: '' }, ''],
    ['Details[0].UnitPrice', { Details: [{ ...detail, UnitPrice: 1.005 }] }, 1.005],
    ['Details[0].Discount', { Details: [{ ...detail, Discount: 0.12345 }] }, 0.12345],
  ])('names %s', (column, change, value) => {
    const raw = canonical({ ...row, ...change });
    expect(() => order.legacy.importRow(raw, context)).toThrow(
      expect.objectContaining({ name: 'UnmappableRow', column, value, reason: expect.stringMatching(/.+/) }),
    );
    expect(() => order.legacy.refsOfRow(raw)).not.toThrow();
  });

  it.each([
    ['OrderDate', { OrderDate: 'infinity' }, 'infinity'],
    ['Details[0].Quantity', { Details: [{ ...detail, Quantity: null }] }, null],
    ['Details', { Details: null }, null],
    ['OrderID', { OrderID: null }, null],
    ['GiftWrap', { GiftWrap: 1 }, 1],
  ])('is not even canonical at %s', (column, change, value) => {
    expect(() => canonical({ ...row, ...change })).toThrow(
      expect.objectContaining({ name: 'UnmappableRow', column, value }),
    );
  });
});

describe('the stamp', () => {
  it('is the V2 id where the client gave no number, and stays there through later writes', () => {
    expect(written({ poNumber: null }).PoNumber).toBe(ORDER_ID);
    expect(written({ poNumber: null }, '11078').PoNumber).toBe(ORDER_ID);
    expect(written({}).PoNumber).toBe('PO-1');
  });

  it('is no number of the client when the row comes back', () => {
    const row = { ...written({ poNumber: null }, '11078') };
    expect(order.legacy.importRow(row, context).data).toMatchObject({ legacyId: '11078', poNumber: null });
    expect(order.legacy.importRow(row, { ...context, id: CHAI }).data).toMatchObject({ poNumber: ORDER_ID });
  });

  it('is not given to an order that legacy made', () => {
    const imported = evolve(undefined, order.legacy.importRow({ ...canonical(rows[0]), PoNumber: null }, context));
    if (imported === undefined) throw new Error('an imported order has a state');
    const legacyIdOf = () => '1';
    expect(orderBackend.format(imported, { id: ORDER_ID, legacyId: '10248', legacyIdOf }).PoNumber).toBeNull();
  });
});

describe('after an answer that was lost', () => {
  const { create } = orderBackend.target;
  if (create.deliveryClass !== 'probe') throw new Error('an order is created with a probe');
  const stamped = written({ poNumber: null });
  const numbered = written({});

  it('the order with the stamp is the one sent, even when somebody has changed it meanwhile', () => {
    const found = { ...stamped, OrderID: 11078, Freight: 99 };
    expect(create.isOurs(found, stamped, { id: ORDER_ID, isAbove: true })).toBe(true);
    expect(create.isOurs({ ...found, PoNumber: 'PO-1' }, stamped, { id: ORDER_ID, isAbove: true })).toBe(false);
  });

  it("an order with the client's own number is the one sent when it is new and equal", () => {
    const found = { ...numbered, OrderID: 11078 };
    expect(create.isOurs(found, numbered, { id: ORDER_ID, isAbove: true })).toBe(true);
    expect(create.isOurs(found, numbered, { id: ORDER_ID, isAbove: false })).toBe(false);
    expect(create.isOurs({ ...found, CustomerID: 'ANATR' }, numbered, { id: ORDER_ID, isAbove: true })).toBe(false);
    expect(create.isOurs({ ...found, Details: [] }, numbered, { id: ORDER_ID, isAbove: true })).toBe(false);
  });

  it('is looked for by its number', () => {
    expect(create.probePath({ ...numbered, PoNumber: 'A&B 1' }, null)).toBe('/api/orders?PoNumber=A%26B%201');
  });

  it('has no id in the create, and the one that the answer gave', () => {
    expect(create.request(numbered).body).not.toHaveProperty('OrderID');
    expect(create.idFromAnswer({ ...numbered, OrderID: 11078 })).toBe('11078');
  });
});

it('writes lines by product, as legacy reads them', () => {
  const lines = placedData.lines.toReversed();
  expect(written({ lines }).Details.map(({ ProductID }) => ProductID)).toEqual([1, 2]);
  const state = evolve(undefined, event(OrderPlaced, placedData));
  if (state === undefined) throw new Error('a placed order has a state');
  const falling = (_entity: string, id: string) => (id === CHAI ? '10' : '9');
  const row = orderBackend.format(state, { id: ORDER_ID, legacyId: undefined, legacyIdOf: falling });
  expect(row.Details.map(({ ProductID }) => ProductID)).toEqual([9, 10]);
});
