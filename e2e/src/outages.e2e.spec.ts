import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { backfill, banyan } from './operator.js';
import { proxyStatus } from './proxy-status.js';
import { hear, type Said } from './testing/hear.js';
import { drained } from './testing/once-in-both.js';
import { testWorld } from './testing/test-world.js';
import { until } from './until.js';
import type { World } from './world.js';

const PRODUCT = { ProductName: 'Chai', Discontinued: 0, UnitPrice: 18, UnitsInStock: 39 };

/** Customers are V2's, writes and reads; orders are open for native writes and legacy's; products are as they were. */
describe('when one side is away, callers of legacy are served as far as the other can', () => {
  let world: World;

  beforeAll(async () => {
    // Where legacy is away a round trip lasts as long as it may: long enough for V2 on a busy machine.
    world = await testWorld('outages', { env: { 'legacy-api-proxy': { ROUND_TRIP_DEADLINE_MS: '6000' } } });
    await banyan(world, 'entities authority customer --to new');
    await banyan(world, 'entities open order');
    await backfill(world);
    await banyan(world, 'verify');
    for (const route of ['customer.list', 'customer.one']) await banyan(world, `routes set ${route} new`);
    await until('the proxy has heard of it', async () => {
      const { reads, entities } = await proxyStatus(world);
      return reads['customer.one'] === 'new' && entities.order?.gate === 'asked' ? true : undefined;
    });
  }, 300_000);

  afterAll(() => world?.stop(), 60_000);

  it('V2 away: reads come from legacy, writes that need nobody pass, the others do nothing and say so', async () => {
    const before = await atProxy('/api/customers/ALFKI');
    await world.app('new-api').stop();
    expect(await atProxy('/api/customers/ALFKI')).toEqual(before);
    expect(await atProxy('/api/suppliers/1')).toMatchObject({ status: 200 });
    expect(await atProxy('/api/products/1', { method: 'PUT', body: PRODUCT })).toMatchObject({ status: 200 });
    for (const [target, body] of [
      ['/api/customers/ALFKI', { CompanyName: 'Alfreds Futterkiste' }],
      ['/api/orders/10248/ship', { ShippedDate: '1998-05-07' }],
    ] as const) {
      const method = target.endsWith('/ship') ? 'POST' : 'PUT';
      const refused = await atProxy(target, { method, body });
      expect([refused.status, refused.body]).toEqual([503, expect.stringMatching(/nothing was done.*ask again/i)]);
    }
    await world.app('new-api').start();
    await until('V2 takes writes again', async () => {
      const changed = await atProxy('/api/customers/ALFKI', { method: 'PUT', body: { CompanyName: 'Back again' } });
      return changed.status === 200 ? changed : undefined;
    });
  }, 120_000);

  it('legacy away: V2 answers reads and takes writes, and legacy gets them when it is back', async () => {
    await world.app('legacy-northwind').stop();
    expect(await atProxy('/api/customers/ANATR')).toMatchObject({ status: 200 });
    const away = await atProxy('/api/suppliers/1');
    expect([away.status, away.body]).toEqual([
      502,
      'Legacy cannot be reached (ECONNREFUSED); nothing was sent to it.\n',
    ]);
    const late = await atProxy('/api/customers/ANATR', {
      method: 'PUT',
      body: { CompanyName: 'While legacy is away' },
    });
    expect([late.status, late.body]).toEqual([
      504,
      expect.stringMatching(/^Accepted: V2 has this .*not in legacy yet/),
    ]);
    const move = await world.banyan('entities', 'authority', 'order', '--to', 'new', '--json');
    expect([move.code, move.stderr]).toEqual([0, expect.any(String)]);
    await world.app('legacy-northwind').start();
    await drained(world);
    const row = await hear(world.urls.legacy, '/api/customers/ANATR');
    expect(JSON.parse(row.body)).toMatchObject({ CompanyName: 'While legacy is away' });
  }, 180_000);

  it('a port that cannot be asked keeps a hand-back from being planned, with what to do', async () => {
    await world.app('legacy-porter').stop();
    const refused = await world.banyan('entities', 'authority', 'order', '--to', 'legacy', '--json');
    expect(refused.code).toBe(4);
    expect(refused.stdout).toContain('legacy-porter does not answer');
    expect(refused.stdout).toContain('Settle it, then move back');
    await world.app('legacy-porter').start();
  }, 180_000);

  function atProxy(target: string, said?: Said) {
    return hear(world.urls['legacy-api-proxy'], target, said);
  }
});
