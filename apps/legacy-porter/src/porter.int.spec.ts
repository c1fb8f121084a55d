import { importedId, newId } from '@banyan/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { added, cancelled, changed, placed, registered, removed, revised } from './testing/northwind-events.js';
import { PorterRig, until } from './testing/porter-rig.js';

let rig: PorterRig;
let customerId: string;
let productId: string;

beforeAll(async () => {
  rig = await PorterRig.start();
  customerId = await rig.importRow('customer', 'ALFKI');
  productId = await rig.importRow('product', '11');
}, 180_000);
afterAll(() => rig.stop());
beforeEach(() => rig.reset());
afterEach(() => rig.stopPorters());

const ordersOf = (poNumber: string) =>
  rig.legacySql<{ order_id: number; freight: number }>('select * from orders where po_number = $1', [poNumber]);
const committed = async (method: string) =>
  (await rig.requests()).filter((one) => one.method === method).reduce((sum, one) => sum + one.committed, 0);
const reported = async (base: string): Promise<unknown> => {
  const status = (await (await fetch(new URL('/internal/status', base))).json()) as {
    consumers: { consumer: string }[];
  };
  return status.consumers.find(({ consumer }) => consumer === 'order.backend');
};
const linked = async (keys: readonly string[]) =>
  (await rig.sql('select distinct legacy_id from porter.link where key = any($1::uuid[])', [keys])).length;
const links = async (base: string, search: string): Promise<unknown> =>
  ((await (await fetch(new URL(`/internal/links?${search}`, base))).json()) as { links: unknown }).links;

describe('legacy-porter', () => {
  it('carries create, change and delete of an order to legacy, links it, and tells of each', async () => {
    const { url } = await rig.porter();
    const key = newId();
    await rig.append('order', placed({ customerId, productId }), { key, on: 0 });
    const [first] = await rig.receiptsOnce(key);
    expect(first).toMatchObject({
      entity: 'order',
      port: 'backend',
      outcome: 'ported',
      version: 1,
      operation: 'create',
    });
    const [row] = await ordersOf(key);
    expect(first?.legacyId).toBe(String(row?.order_id));
    expect(await links(url, `entity=order&keys=${key}`)).toEqual([{ entity: 'order', key, legacyId: first?.legacyId }]);
    expect(await links(url, `entity=order&legacyIds=${first?.legacyId}`)).toHaveLength(1);

    await rig.append('order', revised({ customerId, productId, quantity: 7 }), { key, on: 1 });
    await rig.append('order', cancelled(), { key, on: 2, liveness: 'deleted' });
    const receipts = await rig.receiptsOnce(key, 3);
    expect(receipts.map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
      'create ported',
      'update ported',
      'delete ported',
    ]);
    expect(await ordersOf(key)).toEqual([]);
    expect([await committed('POST'), await committed('PUT'), await committed('DELETE')]).toEqual([1, 1, 1]);
    expect(await rig.sql('select * from porter.work')).toEqual([]);
  });

  it('creates, changes and deletes a customer under its natural key', async () => {
    await rig.porter();
    const key = importedId('customer', 'BANYA');
    await rig.append('customer', registered('BANYA'), { key, on: 0 });
    await rig.append('customer', changed('BANYA', 'Banyan Ltd'), { key, on: 1 });
    await rig.receiptsOnce(key, 2);
    expect(await rig.legacySql("select company_name from customers where customer_id = 'BANYA'")).toEqual([
      { company_name: 'Banyan Ltd' },
    ]);
    await rig.append('customer', removed(), { key, on: 2, liveness: 'deleted' });
    expect((await rig.receiptsOnce(key, 3)).at(-1)).toMatchObject({ outcome: 'ported', operation: 'delete' });
    expect(await rig.legacySql("select 1 from customers where customer_id = 'BANYA'")).toEqual([]);
  });

  it('sends nothing for what was imported, and refuses what the fold refused', async () => {
    const { porter } = await rig.porter();
    const key = await rig.importRow('order', '10248');
    const refused = newId();
    await rig.append('order', placed({ customerId, productId }), { key: refused, on: 0 });
    const stale = await rig.append('order', revised({ customerId, productId }), { key: refused, on: 0 });
    expect((await rig.receiptsOnce(refused, 2)).map(({ outcome }) => outcome).sort()).toEqual(['ported', 'refused']);
    expect((await rig.receipts(refused)).find(({ outcome }) => outcome === 'refused')).toMatchObject({
      eventId: stale,
      reason: 'conflict',
    });
    await porter.running('order.backend')?.caughtUp({ timeoutMs: 20_000 });
    expect(await rig.sql('select 1 from porter.work where key = $1', [key])).toEqual([]);
    expect(await rig.sql('select legacy_id from porter.link where key = $1', [key])).toEqual([{ legacy_id: '10248' }]);
    expect(await committed('POST')).toBe(1);
  });

  it.each(['POST', 'PUT', 'DELETE'])(
    'finds what legacy committed before it dropped the response to a %s',
    async (method) => {
      await rig.porter();
      const key = newId();
      await rig.faults({ dropAfterCommit: { count: 1, method } });
      await rig.append('order', placed({ customerId, productId }), { key, on: 0 });
      await rig.append('order', revised({ customerId, productId, quantity: 7 }), { key, on: 1 });
      await rig.append('order', cancelled(), { key, on: 2, liveness: 'deleted' });
      const receipts = await rig.receiptsOnce(key, 3);
      expect(receipts.map(({ outcome }) => outcome)).toEqual(['ported', 'ported', 'ported']);
      expect([await committed('POST'), await committed('PUT'), await committed('DELETE')]).toEqual([1, 1, 1]);
    },
  );

  it('finds a product whose answer was dropped by its row above the mark', async () => {
    await rig.porter();
    const key = newId();
    await rig.faults({ dropAfterCommit: { count: 1, method: 'POST' } });
    await rig.append('product', added('Fig, dried'), { key, on: 0 });
    expect(await rig.receiptsOnce(key)).toMatchObject([{ outcome: 'ported' }]);
    expect(await rig.legacySql("select 1 from products where product_name = 'Fig, dried'")).toHaveLength(1);
  });

  it('sends again, once, after a 5xx that did nothing, when legacy can no longer be at it', async () => {
    await rig.porter();
    const key = newId();
    await rig.faults({ errors: { status: 503, count: 1 }, only: { method: 'POST' } });
    await rig.append('order', placed({ customerId, productId }), { key, on: 0 });
    expect(await rig.receiptsOnce(key)).toMatchObject([{ outcome: 'ported' }]);
    expect(await ordersOf(key)).toHaveLength(1);
  });

  it('waits as long as a 429 asks, and loses nothing while legacy refuses connections', async () => {
    await rig.porter();
    const [throttled, offline] = [newId(), newId()];
    await rig.faults({ tooMany: { count: 3, retryAfterSeconds: 1 }, only: { method: 'POST' } });
    await rig.append('order', placed({ customerId, productId }), { key: throttled, on: 0 });
    expect(await rig.receiptsOnce(throttled)).toMatchObject([{ outcome: 'ported' }]);
    await rig.faults({ refuse: true });
    await rig.append('order', placed({ customerId, productId }), { key: offline, on: 0 });
    await until(async () => {
      const rows = await rig.sql<{ attempts: number }>('select attempts from porter.work where key = $1', [offline]);
      return (rows[0]?.attempts ?? 0) >= 2 ? true : undefined;
    }, 'two attempts in vain');
    await rig.faults({});
    expect(await rig.receiptsOnce(offline)).toMatchObject([{ outcome: 'ported' }]);
    expect(await committed('POST')).toBe(2);
  });

  it('parks what legacy refuses with its words, blocks that key alone, and goes on after a replay', async () => {
    const { url } = await rig.porter();
    const [bad, good] = [newId(), newId()];
    await rig.faults({ errors: { status: 422, count: 1 }, only: { method: 'POST' } });
    await rig.append('order', placed({ customerId, productId }), { key: bad, on: 0 });
    await rig.append('order', revised({ customerId, productId, quantity: 3 }), { key: bad, on: 1 });
    const work = await rig.workIn(bad, 'parked');
    expect(work).toMatchObject({
      error_code: 'PORTER_LEGACY_REJECTED',
      error_message: expect.stringContaining('HTTP 422'),
    });
    await rig.append('order', placed({ customerId, productId }), { key: good, on: 0 });
    expect(await rig.receiptsOnce(good)).toMatchObject([{ outcome: 'ported' }]);
    // The change behind the parked send lies in another partition than the good one: neither says that the other is taken in.
    const behind = async () => (await rig.sql('select 1 from porter.work where key = $1', [bad])).length === 2;
    await until(async () => ((await behind()) ? true : undefined), 'the change behind it');

    const { parked } = (await (await fetch(new URL('/internal/parked', url))).json()) as { parked: object[] };
    expect(parked).toEqual([
      expect.objectContaining({ entity: 'order', consumer: 'order.backend', key: bad, kind: 'send', behind: 1 }),
    ]);
    expect(await reported(url)).toMatchObject({
      parked: 1,
      work: 2,
    });
    const metric = 'banyan_porter_parked_keys{consumer="order.backend"} 1\n';
    await until(
      async () => ((await (await fetch(new URL('/metrics', url))).text()).includes(metric) ? true : undefined),
      'the parked key among the metrics',
    );
    const replay = await fetch(new URL('/internal/parked/replay', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ entity: 'order', key: bad }),
    });
    expect([replay.status, await replay.json()]).toMatchObject([200, { replayed: 1 }]);
    expect((await rig.receiptsOnce(bad, 3)).map(({ outcome }) => outcome)).toEqual(['parked', 'ported', 'ported']);
  });

  it('never overwrites what somebody wrote behind its back', async () => {
    await rig.porter();
    const key = newId();
    await rig.append('order', placed({ customerId, productId }), { key, on: 0 });
    await rig.receiptsOnce(key);
    await rig.legacySql('update orders set freight = 99 where po_number = $1', [key]);
    await rig.append('order', revised({ customerId, productId, quantity: 2 }), { key, on: 1 });
    expect(await rig.workIn(key, 'parked')).toMatchObject({ error_code: 'PORTER_BYPASS' });
    expect(await ordersOf(key)).toMatchObject([{ freight: 99 }]);
  });

  it('tells of a row that an import finds written behind its back, and not of one that was read before the last port', async () => {
    const { url } = await rig.porter();
    const seen = async (): Promise<number> => {
      const metrics = await (await fetch(new URL('/metrics', url))).text();
      return Number(/^banyan_porter_bypasses_seen_total\{consumer="order.backend"\} (\d+)$/m.exec(metrics)?.[1] ?? 0);
    };
    const before = await seen();
    const key = newId();
    await rig.append('order', placed({ customerId, productId }), { key, on: 0 });
    const [{ legacyId } = { legacyId: null }] = await rig.receiptsOnce(key);
    const orderId = String(legacyId);
    const old = await rig.readRow('order', orderId);
    await rig.append('order', revised({ customerId, productId, quantity: 2 }), { key, on: 1 });
    await rig.receiptsOnce(key, 2);
    await rig.importRow('order', orderId, { key, on: 2, row: old });
    await rig.importRow('order', orderId, { key, on: 2 });
    await rig.legacySql('update orders set freight = 99 where order_id = $1', [orderId]);
    await rig.importRow('order', orderId, { key, on: 2 });
    await until(async () => ((await seen()) > before ? true : undefined), 'the bypass to be counted');
    expect(await seen()).toBe(before + 1);
  });

  it('takes a row that is gone at the first delete for a bypass', async () => {
    await rig.porter();
    const key = newId();
    await rig.append('order', placed({ customerId, productId }), { key, on: 0 });
    await rig.receiptsOnce(key);
    await rig.legacySql(
      'delete from order_details where order_id in (select order_id from orders where po_number = $1)',
      [key],
    );
    await rig.legacySql('delete from orders where po_number = $1', [key]);
    await rig.append('order', cancelled(), { key, on: 1, liveness: 'deleted' });
    expect(await rig.workIn(key, 'parked')).toMatchObject({ error_code: 'PORTER_BYPASS' });
  });

  it('waits, visibly, for the link of an entity that an event refers to, and is woken by it', async () => {
    const { url } = await rig.porter();
    const [order, product] = [newId(), newId()];
    await rig.append('order', placed({ customerId, productId: product }), { key: order, on: 0 });
    expect(await rig.workIn(order, 'waiting')).toMatchObject({ waiting_for: [`product.backend:${product}`] });
    expect(await reported(url)).toMatchObject({
      waiting: 1,
    });
    await rig.append('product', added('Fig, fresh'), { key: product, on: 0 });
    expect(await rig.receiptsOnce(order)).toMatchObject([{ outcome: 'ported' }]);
  });

  it('keeps an echo from legacy until a person lets it go, and the events behind it; one at the bound is sent', async () => {
    const { url } = await rig.porter();
    const [near, far] = [newId(), newId()];
    await rig.append('order', placed({ customerId, productId }), { key: near, on: 0, hops: 8 });
    expect(await rig.receiptsOnce(near)).toMatchObject([{ outcome: 'ported' }]);
    const echo = { key: far, on: 0, hops: 9, correlationId: 'a round' };
    const eventId = await rig.append('order', placed({ customerId, productId }), echo);
    await rig.append('order', revised({ customerId, productId, quantity: 7 }), { key: far, on: 1 });
    expect(await rig.receiptsOnce(far)).toMatchObject([
      { eventId, outcome: 'parked', reason: expect.stringMatching(/^PORTER_ECHO: .*9 events lie between/) },
    ]);
    const listed = (await (await fetch(new URL('/internal/parked', url))).json()) as { parked: { key: string }[] };
    expect(listed.parked.filter(({ key }) => key === far)).toMatchObject([
      {
        kind: 'send',
        key: far,
        eventId,
        errorCode: 'PORTER_ECHO',
        behind: 1,
        errorMessage: expect.stringContaining(`banyan parked replay order ${far}`),
      },
    ]);
    expect(await ordersOf(far)).toEqual([]);
    const metrics = await (await fetch(new URL('/metrics', url))).text();
    expect(metrics).toMatch(/banyan_porter_echoes_total\{consumer="order.backend"\} 1/);
    const body = JSON.stringify({ entity: 'order', key: far });
    const headers = { 'content-type': 'application/json' };
    await fetch(new URL('/internal/parked/replay', url), { method: 'POST', headers, body });
    expect((await rig.receiptsOnce(far, 3)).map(({ outcome }) => outcome)).toEqual(['parked', 'ported', 'ported']);
    expect(await ordersOf(far)).toHaveLength(1);
  });

  it('parks what refers to an entity that was deleted before legacy had it', async () => {
    await rig.porter();
    const [order, product] = [newId(), newId()];
    await rig.append('order', placed({ customerId, productId: product }), { key: order, on: 0 });
    await rig.workIn(order, 'waiting');
    await rig.sql(
      `insert into porter.state (consumer, key, version, liveness, owner, epoch, recent_events, applied_version, transformer_version)
       values ('product.backend', $1, 2, 'deleted', 'new', 0, '', 2, 1)`,
      [product],
    );
    expect(await rig.workIn(order, 'parked')).toMatchObject({ error_code: 'PORTER_REFERENCE_GONE' });
  });

  it('brings each of many orders to legacy once, while legacy drops, breaks, throttles and is slow', async () => {
    await rig.porter('porter-0', { PORTER_CONCURRENCY: '8' });
    const keys = Array.from({ length: 80 }, () => newId());
    const trouble = {
      dropAfterCommit: { count: 10 },
      errors: { status: 500, count: 6 },
      tooMany: { count: 2, retryAfterSeconds: 1 },
    };
    await rig.faults({ ...trouble, latencyMs: 20, only: { method: 'POST' } });
    // The client's own number is the same on all of them: they are told apart by key, mark and content alone.
    for (const [index, key] of keys.entries()) {
      const poNumber = index % 4 === 0 ? { poNumber: 'PO-1' } : {};
      await rig.append('order', placed({ customerId, productId, quantity: index + 1, ...poNumber }), { key, on: 0 });
    }
    await until(async () => ((await linked(keys)) === 80 ? true : undefined), 'all 80 to be linked', 120_000);
    const quantities = await rig.legacySql<{ quantity: number }>(
      `select d.quantity from orders o join order_details d using (order_id)
       where o.po_number = 'PO-1' or o.po_number = any($1::text[]) order by 1`,
      [keys],
    );
    expect(quantities.map(({ quantity }) => quantity)).toEqual(keys.map((_, index) => index + 1));
    expect(await rig.sql("select 1 from porter.intent where state <> 'closed'")).toEqual([]);
  });

  it('appends receipts that a dead process left behind', async () => {
    const key = newId();
    await rig.sql(
      `insert into porter.receipt (receipt_id, writer, key, body, trace) values ($1, 'porter-7', $2, $3, '{}')`,
      [
        newId(),
        key,
        JSON.stringify({
          entity: 'order',
          key,
          eventId: newId(),
          port: 'backend',
          outcome: 'ported',
          version: 1,
          transformerVersion: 1,
          stateHash: null,
          legacyId: '1',
          operation: 'create',
          reason: null,
          atMs: 1,
        }),
      ],
    );
    await rig.porter();
    expect(await rig.receiptsOnce(key)).toMatchObject([{ outcome: 'ported', legacyId: '1' }]);
    await until(
      async () => ((await rig.sql('select 1 from porter.receipt')).length === 0 ? true : undefined),
      'an empty outbox',
    );
  });
});
