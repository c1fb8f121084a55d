import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { STACK_START_MS } from '../testing/fresh-database.js';
import { type RunningLegacy, runLegacy } from '../testing/running-legacy.js';

const banyan = {
  CustomerID: 'BANYA',
  CompanyName: 'Bäume & Söhne',
  ContactName: null,
  ContactTitle: null,
  Address: null,
  City: 'Köln',
  Region: null,
  PostalCode: null,
  Country: null,
  Phone: null,
  Fax: null,
};

describe('writing customers, products and suppliers', () => {
  let legacy: RunningLegacy;
  beforeAll(async () => {
    legacy = await runLegacy();
  }, STACK_START_MS);
  afterAll(() => legacy.stop());

  it('takes the id of a customer from the body and answers the whole row', async () => {
    const body = { CustomerID: 'banya', CompanyName: 'Bäume & Söhne', City: 'Köln', Colour: 'green' };
    const { status, json } = await legacy.call('POST', '/api/customers', body);
    expect([status, json]).toEqual([201, banyan]);
    expect((await legacy.call('GET', '/api/customers/BANYA')).json).toEqual(banyan);
  });

  it('refuses a customer that is there already in the words of the database', async () => {
    const { status, headers, text } = await legacy.call('POST', '/api/customers', banyan);
    expect([status, headers.get('content-type')]).toEqual([500, 'text/plain; charset=utf-8']);
    expect(text).toBe(
      'Database error: duplicate key value violates unique constraint "pk_customers"\n' +
        'Key (customer_id)=(BANYA) already exists.',
    );
  });

  it('replaces the whole row: what the body leaves out is emptied, and the id stays that of the path', async () => {
    const { status, json } = await legacy.call('PUT', '/api/customers/BANYA', {
      CustomerID: 'OTHER',
      CompanyName: 'Trees',
      Fax: '1',
    });
    expect([status, json]).toEqual([200, { ...banyan, CompanyName: 'Trees', City: null, Fax: '1' }]);
    expect((await legacy.call('GET', '/api/customers/OTHER')).status).toBe(404);
  });

  it('deletes once', async () => {
    const first = await legacy.call('DELETE', '/api/customers/BANYA');
    expect([first.status, first.text]).toEqual([204, '']);
    expect((await legacy.call('DELETE', '/api/customers/BANYA')).status).toBe(404);
  });

  it.each([
    ['customer', '/api/customers/VINET', 'orders'],
    ['product', '/api/products/11', 'order_details'],
    ['supplier', '/api/suppliers/1', 'products'],
  ])('does not delete a %s that others refer to', async (_what, path, table) => {
    const { status, text } = await legacy.call('DELETE', path);
    expect(status).toBe(500);
    expect(text).toContain('violates foreign key constraint');
    expect(text).toContain(`is still referenced from table "${table}".`);
    expect((await legacy.call('GET', path)).status).toBe(200);
  });

  it('gives each new product the next id, whatever the body says, and never the same again', async () => {
    const body = { ProductID: 5, ProductName: 'Fig', Discontinued: 0, UnitPrice: 14.4 };
    const first = await legacy.call('POST', '/api/products', body);
    const second = await legacy.call('POST', '/api/products', body);
    expect([first.status, first.json.ProductID, second.json.ProductID]).toEqual([201, 78, 79]);
    expect(first.json).toMatchObject({ ProductName: 'Fig', UnitPrice: 14.4, UnitsInStock: null, Discontinued: 0 });
    await legacy.call('DELETE', '/api/products/79');
    expect((await legacy.call('POST', '/api/products', body)).json.ProductID).toBe(80);
  });

  it('gives each new supplier the next id, keeps it whole, and finds it by its name', async () => {
    const body = { SupplierID: 5, CompanyName: 'Banyan & Figs', City: 'Köln', Homepage: 'x'.repeat(300) };
    const { status, json } = await legacy.call('POST', '/api/suppliers', body);
    expect([status, json]).toMatchObject([201, { ...body, SupplierID: 30, ContactName: null }]);
    const search = await legacy.call('GET', '/api/suppliers?CompanyName=Banyan%20%26%20Figs');
    expect([search.json, search.headers.get('x-total-count')]).toEqual([[json], '1']);
    const changed = await legacy.call('PUT', '/api/suppliers/30', { CompanyName: 'Figs' });
    expect(changed.json).toMatchObject({ SupplierID: 30, CompanyName: 'Figs', City: null, Homepage: null });
    expect((await legacy.call('DELETE', '/api/suppliers/30')).status).toBe(204);
    expect((await legacy.call('GET', '/api/suppliers/30')).status).toBe(404);
  });

  it('rounds money to what its column holds and answers what it kept', async () => {
    const body = { ProductName: 'Fig', Discontinued: 0, UnitPrice: 123456.789 };
    const { json } = await legacy.call('PUT', '/api/products/78', body);
    expect(json.UnitPrice).toBe(123456.79);
    expect((await legacy.call('GET', '/api/products/78')).json).toEqual(json);
  });

  it.each([
    ['a name that is too long', { ProductName: 'x'.repeat(41), Discontinued: 0 }, 400, 'longer than 40 characters'],
    ['no name', { Discontinued: 0 }, 400, 'ProductName is required.'],
    ['a flag that is neither 0 nor 1', { ProductName: 'x', Discontinued: 2 }, 400, 'Discontinued must be 0 or 1.'],
    ['an unknown supplier', { ProductName: 'x', Discontinued: 0, SupplierID: 99 }, 500, 'fk_products_suppliers'],
    ['a stock beyond smallint', { ProductName: 'x', Discontinued: 0, UnitsInStock: 40_000 }, 500, 'out of range'],
    ['a text with a null byte', { ProductName: 'x\u0000', Discontinued: 0 }, 500, 'invalid byte sequence'],
    ['a list', [], 400, 'must be a JSON object'],
    ['broken JSON', '{"ProductName":', 400, 'The request body is not JSON'],
    ['nothing', '', 400, 'must be a JSON object'],
    ['2 MB', { ProductName: 'x'.repeat(2_000_000), Discontinued: 0 }, 400, 'too large'],
  ])('refuses %s', async (_what, body, status, words) => {
    for (const [method, path] of [['POST', '/api/products'] as const, ['PUT', '/api/products/1'] as const]) {
      const answer = await legacy.call(method, path, body);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([status, 'text/plain; charset=utf-8']);
      expect(answer.text).toContain(words);
    }
    expect((await legacy.call('GET', '/api/products/1')).json.ProductName).toBe('Chai');
  });

  it('takes JSON for JSON whatever the content type says', async () => {
    const { status } = await legacy.call('PUT', '/api/products/78', '{"ProductName":"Fig","Discontinued":1}', {
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(status).toBe(200);
  });

  it.each(['/api/products/999', '/api/customers/NOONE', '/api/products/abc'])(
    'changes nothing at %s, which is not there',
    async (path) => {
      const body = { ProductName: 'x', CompanyName: 'x', Discontinued: 0 };
      expect((await legacy.call('PUT', path, body)).status).toBe(404);
      expect((await legacy.call('DELETE', path)).status).toBe(404);
    },
  );
});
