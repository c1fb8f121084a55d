import { entities } from '@banyan/migration';
import { describe, expect, it } from '@jest/globals';
import { routeTable } from './route-table.js';
import { translateEntity } from './translate-entity.js';
import type { LegacyCall, TranslatedRoute } from './translation.js';

const translated = entities.map(translateEntity);
const table = routeTable(translated);

function routeOf(method: string, target: string): { route: TranslatedRoute; call: LegacyCall } {
  const match = table.match(method, target);
  if (match.type !== 'route') throw new Error(`${method} ${target} is ${match.type}`);
  return { route: match.route, call: { params: match.params, query: {}, body: undefined } };
}

describe('Northwind\u2019s entities as the proxy uses them', () => {
  it('know every write route of customers, products and orders', () => {
    const first = translated.filter(({ name }) => ['customer', 'product', 'order'].includes(name));
    const writes = first.flatMap(({ routes }) => routes.filter(({ kind }) => kind === 'write'));
    expect(writes.map(({ method, path }) => `${method} ${path}`).sort()).toEqual([
      'DELETE /api/customers/:CustomerID',
      'DELETE /api/orders/:OrderID',
      'DELETE /api/products/:ProductID',
      'POST /api/customers',
      'POST /api/orders',
      'POST /api/orders/:OrderID/ship',
      'POST /api/products',
      'PUT /api/customers/:CustomerID',
      'PUT /api/orders/:OrderID',
      'PUT /api/products/:ProductID',
    ]);
  });

  it('address a change by legacy\u2019s id, in its canonical form', () => {
    const { route, call } = routeOf('DELETE', '/api/orders/0010248');
    const command = route.toCommand(call);
    expect(command).toMatchObject({ command: { legacyId: '10248', creation: undefined } });
    expect('command' in command && command.command.path).toContain('/legacy:10248');
  });

  it('ask about the same row that legacy would take a path for', () => {
    const [customer, order] = ['customer', 'order'].map((name) => translated.find((one) => one.name === name));
    expect(customer?.idOfCall({ CustomerID: 'alfki ' })).toBe('ALFKI');
    expect(order?.idOfCall({ OrderID: '0010248' })).toBe('10248');
    expect(order?.idOfCall({ OrderID: 'abc' })).toBeUndefined();
    expect(order?.pathOfRow('10248')).toBe('/api/orders/10248');
  });

  it('refuse in legacy\u2019s words what legacy refuses before it looks at any row', () => {
    const { route, call } = routeOf('POST', '/api/orders');
    const body = (text: string) => route.toCommand({ ...call, body: Buffer.from(text) });
    expect(body('{"Details":')).toMatchObject({ reply: { status: 400, body: expect.stringContaining('not JSON') } });
    expect(body('{}')).toMatchObject({ reply: { status: 400, body: 'Details must be a list.' } });
  });

  it('name a creation by its PO number where the caller gave one', () => {
    const { route, call } = routeOf('POST', '/api/orders');
    const line = { ProductID: 11, UnitPrice: 14, Quantity: 1, Discount: 0 };
    const creation = (row: object) => {
      const translation = route.toCommand({ ...call, body: Buffer.from(JSON.stringify({ Details: [line], ...row })) });
      return 'command' in translation ? translation.command.creation : translation;
    };
    expect(creation({ CustomerID: 'ALFKI', PoNumber: 'PO-1' })).toEqual({ key: 'PO-1' });
    expect(creation({ CustomerID: 'ALFKI' })).toEqual({});
  });

  it('have legacy\u2019s page for what is not there, and its time to settle', () => {
    for (const entity of translated) {
      expect(entity.absent('1')).toMatchObject({
        status: 404,
        body: expect.stringContaining('404 - File or directory not found'),
      });
      expect(entity.settleAfterMs).toBe(3_000);
      expect(entity.primaryPort).toBe(`${entity.name}.backend`);
    }
  });
});
