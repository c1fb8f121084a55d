import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { STACK_START_MS } from './testing/fresh-database.js';
import { type RunningLegacy, runLegacy } from './testing/running-legacy.js';

const order = { CustomerID: 'ALFKI', Details: [{ ProductID: 11, UnitPrice: 14, Quantity: 1, Discount: 0 }] };

describe('the admin port', () => {
  let legacy: RunningLegacy;
  beforeAll(async () => {
    legacy = await runLegacy();
  }, STACK_START_MS);
  afterEach(() => legacy.reset());
  afterAll(() => legacy.stop());

  const countOrders = async () => (await legacy.sql<{ n: number }>('select count(*)::int as n from orders'))[0]?.n;
  const post = () => legacy.call('POST', '/api/orders', order);

  it('commits, then drops the response: the write is there, the caller knows nothing', async () => {
    await legacy.setFaults({ dropAfterCommit: { count: 1, method: 'POST', pathPrefix: '/api/orders' } });
    expect((await legacy.call('POST', '/api/orders', { Details: [{}] })).status).toBe(400); // not a commit
    expect((await legacy.call('DELETE', '/api/orders/10248')).status).toBe(204); // not a POST
    await expect(post()).rejects.toThrow('fetch failed');
    expect(await countOrders()).toBe(830);
    expect((await post()).json.OrderID).toBe(11079);
    expect(await legacy.counts()).toContainEqual({ method: 'POST', route: '/api/orders', received: 3, committed: 2 });
  });

  it.each([
    ['PUT', '/api/orders/10248', order],
    ['DELETE', '/api/orders/10248', undefined],
    ['POST', '/api/orders/11077/ship', { ShippedDate: '1998-05-08' }],
    ['POST', '/api/customers', { CustomerID: 'BANYA', CompanyName: 'Banyan' }],
    ['PUT', '/api/customers/ALFKI', { CompanyName: 'Alfreds' }],
    ['DELETE', '/api/customers/PARIS', undefined],
    ['POST', '/api/products', { ProductName: 'Fig', Discontinued: 0 }],
    ['PUT', '/api/products/1', { ProductName: 'Fig', Discontinued: 0 }],
  ])('drops the response of %s %s after its commit', async (method, path, body) => {
    await legacy.setFaults({ dropAfterCommit: { count: 1 } });
    await expect(legacy.call(method, path, body)).rejects.toThrow('fetch failed');
    expect((await legacy.counts()).map(({ committed }) => committed)).toEqual([1]);
  });

  it('answers errors as often as told, without an effect', async () => {
    await legacy.setFaults({ errors: { status: 503, count: 2 } });
    const answers = [await post(), await post(), await post()];
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 201]);
    expect(answers[0]?.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    expect(await countOrders()).toBe(831);
  });

  it('answers 429 with Retry-After', async () => {
    await legacy.setFaults({ tooMany: { count: 1, retryAfterSeconds: 3 } });
    const { status, headers } = await post();
    expect([status, headers.get('retry-after')]).toEqual([429, '3']);
    expect((await post()).status).toBe(201);
  });

  it('delays requests', async () => {
    await legacy.setFaults({ latencyMs: 150, only: { method: 'GET' } });
    const begin = performance.now();
    expect((await legacy.call('GET', '/api/orders/10248')).status).toBe(200);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(149);
  });

  it('lets a request hang until faults are cleared, without an effect', async () => {
    await legacy.setFaults({ hang: 1 });
    let settled = false;
    const hung = post().finally(() => {
      settled = true;
    });
    const outcome = expect(hung).rejects.toThrow('fetch failed');
    await untilReceived(1);
    expect((await post()).status).toBe(201); // the next one does not hang
    expect(settled).toBe(false);
    await legacy.setFaults({});
    await outcome;
    expect(await countOrders()).toBe(831);
  });

  it('refuses connections, those that are open too, and comes back at the same address', async () => {
    await legacy.call('GET', '/api/orders/10248');
    await legacy.setFaults({ refuse: true });
    await expect(legacy.call('GET', '/api/orders/10248')).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    expect((await legacy.admin('GET', '/faults')).json).toEqual({ refuse: true });
    expect((await legacy.admin('DELETE', '/faults')).status).toBe(204);
    expect((await legacy.call('GET', '/api/orders/10248')).status).toBe(200);
  });

  it('keeps faults to the requests they are for', async () => {
    await legacy.setFaults({ errors: { status: 500, count: 9 }, only: { method: 'POST', pathPrefix: '/api/orders' } });
    expect((await legacy.call('GET', '/api/orders/10248')).status).toBe(200);
    expect((await legacy.call('POST', '/api/products', { ProductName: 'Fig', Discontinued: 0 })).status).toBe(201);
    expect((await post()).status).toBe(500);
    expect((await legacy.admin('GET', '/faults')).json.errors).toEqual({ status: 500, count: 8 });
  });

  it('refuses faults that it does not know', async () => {
    const { status, json } = await legacy.admin('POST', '/faults', { latency: 5 });
    expect([status, json.error]).toEqual([400, expect.stringContaining('latency')]);
  });

  it('counts requests by method and declared route, and forgets them when told', async () => {
    await legacy.call('GET', '/api/orders/10248');
    await legacy.call('GET', '/api/orders/1');
    await legacy.call('GET', '/nowhere');
    expect(await legacy.counts()).toEqual([
      { method: 'GET', route: '/api/orders/:OrderID', received: 2, committed: 0 },
      { method: 'GET', route: 'unmatched', received: 1, committed: 0 },
    ]);
    expect((await legacy.admin('DELETE', '/requests')).status).toBe(204);
    expect(await legacy.counts()).toEqual([]);
  });

  it('puts everything back', async () => {
    await post();
    await legacy.call('DELETE', '/api/orders/10248');
    await legacy.setFaults({ refuse: true });
    await legacy.reset();
    expect((await legacy.call('GET', '/api/orders/10248')).json.Details).toHaveLength(3);
    expect((await post()).json.OrderID).toBe(11078);
    expect(await legacy.counts()).toHaveLength(2);
  });

  /** Waits until so many requests have arrived; fails after 30 s. */
  async function untilReceived(wanted: number): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const received = (await legacy.counts()).reduce((sum, count) => sum + count.received, 0);
      if (received >= wanted) return;
      if (Date.now() > deadline) throw new Error(`only ${received} of ${wanted} requests arrived`);
    }
  }
});
