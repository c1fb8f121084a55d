import { importedId } from '@banyan/core';
import { CommandRefused, LegacyRefused } from '@banyan/transformer';
import { legacyRequest, northwindRows, throughRoute, writeRoute } from '@banyan/transformer/testing';
import { describe, expect, it } from '@jest/globals';
import { order } from '../index.js';
import { evolve, type Order } from '../order.js';
import { ORDER_ID } from '../testing/order.fixture.js';
import { canonical, type OrderRow } from './order-row.js';

const rows = northwindRows('orders').map(canonical);
const [first] = rows;
if (first === undefined) throw new Error('there are orders');
const one = { params: { OrderID: '10248' } };

function imported(row: OrderRow, id = ORDER_ID): Order {
  const state = evolve(undefined, order.legacy.importRow(row, { id, idOf: importedId }));
  if (state === undefined) throw new Error('an imported order has a state');
  return state;
}

function refusal(route: string, body: unknown, params: Record<string, string> = one.params): unknown {
  try {
    writeRoute(order, route).toCommand(legacyRequest({ params, body }));
  } catch (error) {
    if (error instanceof LegacyRefused) return [error.answer.status, error.answer.body];
    throw error;
  }
  return undefined;
}

describe('an order written through legacy\u2019s API', () => {
  it('makes the row that was sent, stamped where the client gave no number, for all 830', () => {
    for (const row of rows) {
      const written = throughRoute(order, 'create', { id: ORDER_ID, body: row });
      expect(written.command).toMatchObject({ name: 'RecordOrder', creation: {} });
      expect(written.row(String(row.OrderID))).toEqual({ ...row, PoNumber: ORDER_ID });
    }
  });

  it('is not changed by sending back what was read, for all 830', () => {
    for (const row of rows) {
      const params = { OrderID: `0${row.OrderID}` };
      const written = throughRoute(order, 'replace', { id: ORDER_ID, params, body: row, state: imported(row) });
      expect(written.command).toMatchObject({ name: 'CorrectOrder', legacyId: String(row.OrderID) });
      expect(written.event).toBeUndefined();
    }
  });

  it('nor, when it was born in V2, by sending back the stamp, which is no number of anybody\u2019s', () => {
    const born = throughRoute(order, 'create', { id: ORDER_ID, body: first });
    const sent = throughRoute(order, 'replace', {
      ...one,
      id: ORDER_ID,
      body: born.row('10248'),
      state: born.state,
    });
    expect([born.state?.poNumber, sent.event]).toEqual([null, undefined]);
  });

  it('is one creation by its own number, and any other by what it says', () => {
    const creation = (PoNumber: string | null) =>
      throughRoute(order, 'create', { id: ORDER_ID, body: { ...first, PoNumber } }).command.creation;
    expect(creation('PO 7')).toEqual({ key: 'PO 7' });
    expect(creation(null)).toEqual({});
    expect(creation('')).toEqual({});
  });

  it('may lack a customer and lines, and be shipped already: legacy lets it', () => {
    const body = { ...first, CustomerID: null, Freight: null, Details: [] };
    const written = throughRoute(order, 'create', { id: ORDER_ID, body });
    expect(written.state).toMatchObject({ status: 'shipped', customerId: null, lines: [] });
    expect(written.row('11078')).toEqual({ ...body, OrderID: 11078, PoNumber: ORDER_ID });
  });

  it('is changed after it was shipped, too, and can be unshipped', () => {
    const state = imported(first);
    expect(state.status).toBe('shipped');
    const replaced = (change: Partial<OrderRow>) =>
      throughRoute(order, 'replace', { ...one, id: ORDER_ID, body: { ...first, ...change }, state });
    expect(replaced({ ShipCity: 'Lyon' }).row('10248')).toEqual({ ...first, ShipCity: 'Lyon' });
    expect(replaced({ ShippedDate: null }).state?.status).toBe('placed');
  });

  it('keeps the order that V2 gave to its lines, new ones behind', () => {
    const state = imported(first);
    const turned = { ...state, lines: state.lines.toReversed() };
    const more = { ProductID: 1, UnitPrice: 18, Quantity: 1, Discount: 0.05 };
    const body = { ...first, Details: [more, ...first.Details] };
    const written = throughRoute(order, 'replace', { ...one, id: ORDER_ID, body, state: turned });
    expect(written.state?.lines.map(({ productId }) => productId)).toEqual([
      ...turned.lines.map(({ productId }) => productId),
      importedId('product', '1'),
    ]);
    expect(throughRoute(order, 'replace', { ...one, id: ORDER_ID, body: first, state: turned }).event).toBeUndefined();
  });

  it('is shipped, and shipped again moves the date; without ShipVia the shipper stays', () => {
    const state = imported({ ...first, ShippedDate: null });
    const ship = (before: Order | undefined, body: object) =>
      throughRoute(order, 'ship', { ...one, id: ORDER_ID, body, state: before });
    const shipped = ship(state, { ShippedDate: '1996-07-16', ShipVia: 2 });
    expect(shipped.command).toMatchObject({ name: 'RecordShipment', legacyId: '10248' });
    expect(shipped.state).toMatchObject({ status: 'shipped', shippedOn: '1996-07-16', shipperId: 2 });
    const again = ship(shipped.state, { ShippedDate: '1996-07-17' });
    expect(again.state).toMatchObject({ shippedOn: '1996-07-17', shipperId: 2 });
    expect(ship(again.state, { ShippedDate: '1996-07-17' }).event).toBeUndefined();
  });

  it('is deleted, also a shipped one, and then is not there for anybody', () => {
    const deleted = throughRoute(order, 'delete', { ...one, id: ORDER_ID, state: imported(first) });
    expect([deleted.command.name, deleted.state?.status]).toEqual(['WithdrawOrder', 'cancelled']);
    const { state } = deleted;
    const body = first;
    for (const [route, sent] of [
      ['delete', undefined],
      ['replace', body],
      ['ship', { ShippedDate: '1996-07-16' }],
    ] as const) {
      expect(() => throughRoute(order, route, { ...one, id: ORDER_ID, body: sent, state })).toThrow(
        expect.objectContaining({ name: CommandRefused.name, code: 'ORDER_NOT_FOUND' }),
      );
    }
  });
});

describe('what legacy refuses', () => {
  const [line] = first.Details;
  const detail = (change: object) => ({ ...first, Details: [line, { ...line, ProductID: 1, ...change }] });

  it.each<[string, unknown, number, string]>([
    [
      'a date with a time',
      { ...first, OrderDate: '1996-07-04T00:00:00Z' },
      400,
      'OrderDate must be a date, yyyy-mm-dd.',
    ],
    ['a day that is none', { ...first, RequiredDate: '1996-02-30' }, 400, 'RequiredDate must be a date, yyyy-mm-dd.'],
    ['an empty customer', { ...first, CustomerID: '' }, 400, 'CustomerID must not be empty.'],
    ['no details', { ...first, Details: undefined }, 400, 'Details must be a list.'],
    ['details that are none', { ...first, Details: {} }, 400, 'Details must be a list.'],
    ['a line that is none', { ...first, Details: [null] }, 400, 'Details[0] must be a JSON object.'],
    ['a line without a product', detail({ ProductID: null }), 400, 'ProductID is required.'],
    ['a quantity of none', detail({ Quantity: 0 }), 400, 'Quantity must not be below 1.'],
    ['a discount above all', detail({ Discount: 1.01 }), 400, 'Discount must not be above 1.'],
    ['a price below nothing', detail({ UnitPrice: -1 }), 400, 'UnitPrice must not be below 0.'],
    [
      'a quantity beyond smallint',
      detail({ Quantity: 40_000 }),
      500,
      'Database error: value "40000" is out of range for type smallint',
    ],
    [
      'a fault of the order before one of its lines',
      { ...detail({ Quantity: 0 }), ShipVia: 'x' },
      400,
      'ShipVia must be a whole number.',
    ],
    ['broken JSON', '{"CustomerID":', 400, 'The request body is not JSON: Unexpected end of JSON input'],
  ])('%s, in its own words', (_what, body, status, words) => {
    expect(refusal('create', body)).toEqual([status, words]);
    expect(refusal('replace', body)).toEqual([status, words]);
  });

  it('a shipment without a date', () => {
    expect(refusal('ship', { ShipVia: 1 })).toEqual([400, 'ShippedDate is required.']);
    expect(refusal('ship', { ShippedDate: 7 })).toEqual([400, 'ShippedDate must be a date, yyyy-mm-dd.']);
  });

  it.each(['abc', '1.0', '', '-1', '9999999999'])('an id %j that is none as a row that is not there', (OrderID) => {
    expect(refusal('delete', undefined, { OrderID })).toEqual([404, expect.stringContaining('404 - File')]);
  });
});

it('refuses a discount that legacy would keep and V2 cannot, and says why', () => {
  const [line] = first.Details;
  expect(refusal('create', { ...first, Details: [{ ...line, Discount: 0.12345 }] })).toEqual([
    400,
    'Details[0].Discount 0.12345 is no whole number of basis points (0.0001).',
  ]);
});

describe('what V2 refuses, in legacy\u2019s words', () => {
  const said = (code: string, errors?: object[], status = 422) =>
    writeRoute(order, 'replace').toRefusal?.(
      { status, code, detail: 'V2 words', ...(errors === undefined ? {} : { errors: errors as never }) },
      legacyRequest({ ...one, body: first }),
    );
  const unknown = (path: string, legacyId: string) => ({ path, value: { legacyId }, message: 'is nowhere' });

  it('is the smallest product that does not exist, before the customer', () => {
    const errors = [
      unknown('customer', 'NOONE'),
      unknown('lines[0].product', '1000'),
      unknown('lines[2].product', '999'),
    ];
    expect(said('API_REFERENCE_UNKNOWN', errors)).toMatchObject({ status: 400, body: 'Product 999 does not exist.' });
  });

  it('is the database\u2019s complaint for a customer that does not exist, and for a product twice', () => {
    expect(said('API_REFERENCE_UNKNOWN', [unknown('customer', 'NOONE')])).toMatchObject({
      status: 500,
      body: 'Database error: insert or update on table "orders" violates foreign key constraint "fk_orders_customers"\nKey (customer_id)=(NOONE) is not present in table "customers".',
    });
    expect(said('ORDER_PRODUCT_TWICE')).toMatchObject({
      status: 500,
      body: 'Database error: duplicate key value violates unique constraint "pk_order_details"',
    });
  });

  it('is the page for an order that is not there, and nothing for what legacy has no word for', () => {
    expect(said('API_NOT_FOUND', undefined, 404)?.status).toBe(404);
    expect(said('ORDER_NOT_FOUND')?.status).toBe(404);
    expect(said('MONEY_NOT_EXACT')).toBeUndefined();
  });
});
