import type { ParkedKey, Readiness, Status } from '@banyan/operations';
import { createPool, query } from '@banyan/postgres';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { backfill, banyan } from './operator.js';
import { drained } from './testing/once-in-both.js';
import { type PlacedOrder, placeOrders } from './testing/order-load.js';
import { testWorld } from './testing/test-world.js';
import { until } from './until.js';
import type { World } from './world.js';

const PORT = 'legacy-porter.order.backend';

describe('an operator who repairs, with the real commands on the real stack', () => {
  let world: World;
  let order: PlacedOrder;
  /** As legacy had it by Banyan. */
  let city: string | null;

  beforeAll(async () => {
    world = await testWorld('repairs');
    for (const entity of ['customer', 'product', 'order']) await banyan(world, `entities authority ${entity} --to new`);
    await backfill(world);
    const load = { newApiUrl: world.urls['new-api'], name: 'one', count: 1, concurrency: 1, timeoutMs: 60_000 };
    [order] = (await placeOrders(load)) as [PlacedOrder];
    await drained(world);
  }, 240_000);
  afterAll(() => world?.stop(), 60_000);

  it('gives up a send that legacy will not take, and may not go back while the key is unlike', async () => {
    [{ city }] = (await inLegacy('select ship_city as city from orders where po_number = $1', [order.id])) as [
      { city: string | null },
    ];
    await shipsTo('by hand');
    const { statusCode, body } = await request(`${world.urls['new-api']}/v2/orders/${order.id}/ship`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ shippedOn: '2026-02-03' }),
    });
    await body.dump();
    expect(statusCode).toBe(200);
    const standing = await until('the send is parked', async () => {
      const keys = await banyan<ParkedKey[]>(world, 'parked list');
      return keys.find(({ key }) => key === order.id);
    });
    expect(standing).toMatchObject({ kind: 'send', errorCode: 'PORTER_BYPASS' });

    const words = `parked discard ${PORT} ${order.id} --reason theirs-counts`;
    expect(await banyan(world, `${words} --dry-run`)).toMatchObject({ discarded: false, standing: { key: order.id } });
    expect(await banyan(world, words)).toMatchObject({ discarded: true, waiting: 0 });
    await banyan(world, words, 1);
    expect(await banyan(world, 'parked list')).toMatchObject([
      { app: 'legacy-porter', consumer: 'order.backend', key: order.id, kind: 'unlike' },
    ]);
    const { items } = await banyan<Readiness>(world, 'readiness', 3);
    const settled = items.find(({ entity, what }) => entity === 'order' && what === 'settled');
    expect(settled).toMatchObject({ ok: false, evidence: expect.stringContaining('1 keys unlike') });
    expect(await banyan(world, 'entities authority order --to legacy --dry-run', 4)).toMatchObject({ possible: false });
  }, 120_000);

  it('brings legacy the whole state once more, over its own row only', async () => {
    // The row is theirs still: it is parked again, and the key stays as it is.
    await rePorted();
    expect(await banyan<ParkedKey[]>(world, 'parked list')).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ key: order.id, kind: 'send', errorCode: 'PORTER_BYPASS' }),
        expect.objectContaining({ key: order.id, kind: 'unlike' }),
      ]),
    );
    await banyan(world, `parked discard ${PORT} ${order.id} --reason again`);
    // Somebody puts back what was sent last: that may be written over.
    await shipsTo(city);
    await rePorted();
    await drained(world);
    expect(await banyan(world, 'parked list')).toEqual([]);
    const [row] = await inLegacy<{ shipped: string }>(
      'select shipped_date::text as shipped from orders where po_number = $1',
      [order.id],
    );
    expect(row?.shipped).toContain('2026-02-03');
    expect(await banyan(world, 'entities authority order --to legacy --dry-run')).toMatchObject({ possible: true });
    expect(await banyan(world, 'verify order')).toMatchObject({ verdict: 'identical' });
  }, 120_000);

  it("makes V2's rows anew from their states, seen in the status with who and why", async () => {
    // A table that was damaged by hand: the states still know.
    const v2 = createPool({ url: world.databaseUrls.admin, applicationName: 'repairs', max: 1 });
    await query(v2, "update v2.orders set ship_to_city = 'damaged'");
    await query(v2, 'delete from v2.order_lines');
    await v2.end();
    await banyan(world, 'verify order', 3);
    await banyan(world, 'reproject order --reason damaged');
    await banyan(world, 'status --wait 60');
    const { apps } = await banyan<Status>(world, 'status');
    const its = apps.flatMap(({ app, consumers }) => (app === 'v2-projector' ? consumers : []));
    const { resync } = its.find(({ consumer }) => consumer === 'order') ?? {};
    expect(resync).toMatchObject({ state: 'done', reason: 'damaged', done: 831, failed: 0, standing: 0 });
    expect(await banyan(world, 'verify order')).toMatchObject({ verdict: 'identical' });
  }, 120_000);

  async function rePorted(): Promise<void> {
    const asked = await banyan<{ request: number }>(world, 're-port order.backend --unlike --reason mended');
    await until('the re-port is over', async () => {
      const { apps } = await banyan<Status>(world, 'status');
      const its = apps.flatMap(({ app, consumers }) => (app === 'legacy-porter' ? consumers : []));
      const { resync } = its.find(({ consumer }) => consumer === 'order.backend') ?? {};
      return resync?.request === asked.request && resync.state === 'done' ? true : undefined;
    });
  }

  async function shipsTo(where: string | null): Promise<void> {
    await inLegacy('update orders set ship_city = $2 where po_number = $1', [order.id, where]);
  }

  async function inLegacy<R extends object>(text: string, values: readonly unknown[]): Promise<R[]> {
    const pool = createPool({ url: world.databaseUrls.legacy, applicationName: 'repairs', max: 1 });
    return (await query<R>(pool, text, values as never).finally(() => pool.end())) as R[];
  }
});
