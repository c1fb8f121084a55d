import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { STACK_START_MS } from '../testing/fresh-database.js';
import { type RunningLegacy, runLegacy } from '../testing/running-legacy.js';

const line = { ProductID: 42, UnitPrice: 14.4, Quantity: 3, Discount: 0.15 };
const order = {
  CustomerID: 'ALFKI',
  EmployeeID: 1,
  OrderDate: '1998-05-06',
  RequiredDate: '1998-06-03',
  ShippedDate: null,
  ShipVia: 1,
  Freight: 32.38,
  ShipName: 'Alfreds Futterkiste',
  ShipAddress: 'Obere Str. 57',
  ShipCity: 'Berlin',
  ShipRegion: null,
  ShipPostalCode: '12209',
  ShipCountry: 'Germany',
  PoNumber: 'PO-1',
  Details: [{ ...line, ProductID: 11 }, line],
};

describe('writing orders', () => {
  let legacy: RunningLegacy;
  beforeAll(async () => {
    legacy = await runLegacy();
  }, STACK_START_MS);
  beforeEach(() => legacy.reset());
  afterAll(() => legacy.stop());

  it('assigns the next id and answers the whole row, details by product', async () => {
    const body = { ...order, OrderID: 5, Details: [...order.Details].reverse() };
    const { status, json } = await legacy.call('POST', '/api/orders', body);
    expect([status, json]).toEqual([201, { OrderID: 11078, ...order }]);
    expect((await legacy.call('GET', '/api/orders/11078')).json).toEqual(json);
  });

  it('makes a second order when it is sent twice', async () => {
    await legacy.call('POST', '/api/orders', order);
    await legacy.call('POST', '/api/orders', order);
    const { json } = await legacy.call('GET', '/api/orders?PoNumber=PO-1');
    expect(json).toEqual([
      { OrderID: 11078, ...order },
      { OrderID: 11079, ...order },
    ]);
  });

  it('gives out each id once when many come at the same time', async () => {
    const answers = await Promise.all(Array.from({ length: 30 }, () => legacy.call('POST', '/api/orders', order)));
    expect(answers.map(({ status }) => status)).toEqual(Array(30).fill(201));
    expect(new Set(answers.map(({ json }) => json.OrderID)).size).toBe(30);
  });

  it('never gives the id of a deleted order again', async () => {
    await legacy.call('POST', '/api/orders', order);
    await legacy.call('DELETE', '/api/orders/11078');
    expect((await legacy.call('POST', '/api/orders', order)).json.OrderID).toBe(11079);
  });

  it('stops at the last number that smallint has', async () => {
    await legacy.sql("select setval('orders_order_id_seq', 32767)");
    const { status, text } = await legacy.call('POST', '/api/orders', order);
    expect([status, text]).toEqual([500, expect.stringContaining('reached maximum value of sequence')]);
  });

  it('replaces the whole row and its details', async () => {
    const { status, json } = await legacy.call('PUT', '/api/orders/10248', { CustomerID: 'ALFKI', Details: [line] });
    expect(status).toBe(200);
    expect(json).toMatchObject({ OrderID: 10248, CustomerID: 'ALFKI', Freight: null, ShipCity: null, Details: [line] });
    expect((await legacy.call('GET', '/api/orders/10248')).json).toEqual(json);
  });

  it('deletes an order with its details, once', async () => {
    expect((await legacy.call('DELETE', '/api/orders/10248')).status).toBe(204);
    expect(await legacy.sql('select 1 from order_details where order_id = 10248')).toEqual([]);
    expect((await legacy.call('DELETE', '/api/orders/10248')).status).toBe(404);
  });

  it('ships: sets the date, and the shipper if one is named', async () => {
    const path = '/api/orders/11077/ship';
    const before = (await legacy.call('GET', '/api/orders/11077')).json;
    const shipped = await legacy.call('POST', path, { ShippedDate: '1998-05-08' });
    expect([shipped.status, shipped.json]).toEqual([200, { ...before, ShippedDate: '1998-05-08' }]);
    const again = await legacy.call('POST', path, { ShippedDate: '1998-05-09', ShipVia: 3 });
    expect(again.json).toEqual({ ...before, ShippedDate: '1998-05-09', ShipVia: 3 });
  });

  it.each([
    ['without a date', {}, 400, 'ShippedDate is required.'],
    ['by an unknown shipper', { ShippedDate: '1998-05-08', ShipVia: 77 }, 500, 'fk_orders_shippers'],
  ])('does not ship %s', async (_what, body, status, words) => {
    const answer = await legacy.call('POST', '/api/orders/11077/ship', body);
    expect([answer.status, answer.text]).toEqual([status, expect.stringContaining(words)]);
    expect((await legacy.call('GET', '/api/orders/11077')).json.ShippedDate).toBeNull();
  });

  it.each([
    [
      'an unknown product',
      { ...order, Details: [line, { ...line, ProductID: 999 }] },
      400,
      'Product 999 does not exist.',
    ],
    ['an unknown customer', { ...order, CustomerID: 'NOONE' }, 500, 'not present in table "customers"'],
    ['an unknown employee', { ...order, EmployeeID: 99 }, 500, 'not present in table "employees"'],
    ['the same product twice', { ...order, Details: [line, line] }, 500, 'pk_order_details'],
    ['no details', { ...order, Details: undefined }, 400, 'Details must be a list.'],
    ['a detail that is no object', { ...order, Details: [1] }, 400, 'Details[0] must be a JSON object.'],
    ['a quantity of 0', { ...order, Details: [{ ...line, Quantity: 0 }] }, 400, 'Quantity must not be below 1.'],
    ['a quantity beyond smallint', { ...order, Details: [{ ...line, Quantity: 40_000 }] }, 500, 'out of range'],
    ['a price below 0', { ...order, Details: [{ ...line, UnitPrice: -1 }] }, 400, 'UnitPrice must not be below 0.'],
    ['no price', { ...order, Details: [{ ...line, UnitPrice: null }] }, 400, 'UnitPrice is required.'],
    ['a discount of 15', { ...order, Details: [{ ...line, Discount: 15 }] }, 400, 'Discount must not be above 1.'],
    ['money that real cannot hold', { ...order, Freight: 1e39 }, 500, 'out of range'],
    [
      'a PO number that is too long',
      { ...order, PoNumber: 'x'.repeat(41) },
      400,
      'PoNumber must not be longer than 40',
    ],
    ['a date that is none', { ...order, OrderDate: '06.05.1998' }, 400, 'OrderDate must be a date, yyyy-mm-dd.'],
  ])('refuses %s, and nothing of the order stays', async (_what, body, status, words) => {
    const before = (await legacy.call('GET', '/api/orders/10248')).json;
    for (const [method, path] of [['POST', '/api/orders'] as const, ['PUT', '/api/orders/10248'] as const]) {
      const answer = await legacy.call(method, path, body);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/plain; charset=utf-8']);
      expect(answer.text).toContain(words);
    }
    expect((await legacy.call('GET', '/api/orders/10248')).json).toEqual(before);
    expect(await legacy.sql('select count(*)::int from orders')).toEqual([{ count: 830 }]);
  });

  it.each([
    ['PUT', '/api/orders/1', order],
    ['DELETE', '/api/orders/1', undefined],
    ['POST', '/api/orders/1/ship', { ShippedDate: '1998-05-08' }],
    ['PUT', '/api/orders/99999', order],
  ])('answers %s %s, which is not there, with 404', async (method, path, body) => {
    expect((await legacy.call(method, path, body)).status).toBe(404);
  });

  it('takes back every order as it gave it', async () => {
    const before = (await legacy.call('GET', '/api/orders?size=1000')).json;
    for (const row of before.slice(0, 100)) {
      expect((await legacy.call('PUT', `/api/orders/${row.OrderID}`, row)).json).toEqual(row);
    }
    expect((await legacy.call('GET', '/api/orders?size=1000')).json).toEqual(before);
  });
});
