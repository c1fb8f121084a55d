import { event, eventHeaders, topicName } from '@banyan/contracts';
import { OrderRestated, type OrderState } from '@banyan/contracts/events/northwind.order.v1';
import { newId } from '@banyan/core';
import { entityNamed } from '@banyan/migration';
import { topicOf } from '@banyan/transformer';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { placed, revised } from './testing/northwind-events.js';
import { PorterRig, until } from './testing/porter-rig.js';

const PATIENCE_MS = 540_000;
const why = { by: 'ann', reason: 'its writer is gone' };

let rig: PorterRig;
let customerId: string;
let productId: string;

beforeAll(async () => {
  rig = await PorterRig.start();
  customerId = await rig.importRow('customer', 'ALFKI');
  productId = await rig.importRow('product', '11');
}, 600_000);
afterAll(() => rig?.stop(), 120_000);
afterEach(() => rig?.stopPorters(), 60_000);

async function appendPoison(key: string, on: number): Promise<void> {
  const topic = topicName(rig.prefix, topicOf(entityNamed('order')));
  const meta = {
    id: newId(),
    type: 'northwind.order.v1.OrderRevised',
    source: 'spec',
    timeMs: 0,
    subject: key,
  } as const;
  const headers = eventHeaders({ ...meta, origin: 'api', expectedVersion: on, epoch: 0, liveness: 'live' });
  await rig.appender.append({ topic, key, value: Buffer.from('nobody can read this'), headers });
}

function stateOf(freightCents: number): OrderState {
  const { placedAt: _, ...data } = placed({ customerId, productId }).data;
  const freight = { cents: freightCents, currency: 'USD' };
  return { ...data, status: 'placed', freight, placedAt: 0, cancelReason: null };
}

const restated = (key: string, on: number, freightCents: number) =>
  rig.append('order', event(OrderRestated, { ...why, state: stateOf(freightCents) }), { key, on, origin: 'repair' });
const rowOf = async (key: string) =>
  await rig.legacySql<{ freight: number }>('select freight::float8 as freight from orders where po_number = $1', [key]);
const ported = async (key: string, count: number) => {
  await until(
    async () => {
      const receipts = await rig.receipts(key);
      return receipts.filter(({ outcome }) => outcome === 'ported').length >= count ? receipts : undefined;
    },
    `${count} receipts of ${key}`,
    PATIENCE_MS,
  );
};

describe('an order whose past cannot be read', () => {
  it('is ported as it is restated: changed where legacy has it, made where it never came', async () => {
    const [changed, made] = [newId(), newId()];
    const { url } = await rig.porter();
    await rig.append('order', placed({ customerId, productId }), { key: changed, on: 0 });
    await appendPoison(changed, 1);
    await appendPoison(made, 0);
    await restated(changed, 2, 1_250);
    await restated(made, 1, 2_500);
    await ported(changed, 2);
    await ported(made, 1);
    expect([await rowOf(changed), await rowOf(made)]).toEqual([[{ freight: 12.5 }], [{ freight: 25 }]]);
    const operations = (await rig.receipts(changed)).map(({ operation }) => operation);
    expect([operations, (await rig.receipts(made)).map(({ operation }) => operation)]).toEqual([
      ['create', 'update'],
      ['create'],
    ]);
    const { closed } = (await (await fetch(new URL('/internal/closed', url))).json()) as { closed: { key: string }[] };
    expect(closed.map(({ key }) => key).toSorted()).toEqual([changed, made].toSorted());
    expect(closed[0]).toMatchObject({ value: Buffer.from('nobody can read this').toString('base64') });
    const status = (await (await fetch(new URL('/internal/status', url))).json()) as {
      consumers: { consumer: string }[];
    };
    expect(status.consumers.find(({ consumer }) => consumer === 'order.backend')).toMatchObject({
      parked: 0,
      books: { balanced: true, total: { effective: 5, applied: 3, discarded: 2, parked: 0 } },
    });
  }, 600_000);
});

describe('a porter whose database is lost', () => {
  it('makes no row again, has its links and rows back, and goes on from them', async () => {
    const keys = Array.from({ length: 5 }, () => newId());
    const [first = ''] = keys;
    await rig.porter();
    for (const key of keys) await rig.append('order', placed({ customerId, productId }), { key, on: 0 });
    await rig.append('order', revised({ customerId, productId, quantity: 7 }), { key: first, on: 1 });
    await ported(first, 2);
    for (const key of keys.slice(1)) await ported(key, 1);
    const before = await journal();
    expect(before.links.length).toBeGreaterThan(5);
    await rig.stopPorters();
    await rig.reset();
    await rig.sql('drop schema porter cascade');

    await rig.porter();
    await until(async () => ((await isTakenIn()) ? true : undefined), 'the log to be taken in', PATIENCE_MS);
    await rig.append('order', revised({ customerId, productId, quantity: 9 }), { key: first, on: 2 });
    await ported(first, 3);
    const writes = (await rig.requests()).filter(({ method }) => method !== 'GET');
    expect(writes.map(({ method, received }) => [method, received])).toEqual([['PUT', 1]]);
    for (const key of keys) expect(await rowOf(key)).toHaveLength(1);
    const after = await journal();
    expect(after.links).toEqual(before.links);
    const others = ({ key }: { key: string }) => key !== first;
    expect(after.ported.filter(others)).toEqual(before.ported.filter(others));
  }, 600_000);
});

async function journal() {
  const [links, rows] = await Promise.all([
    rig.sql<{ key: string }>('select entity, port, key::text as key, legacy_id from porter.link order by 1, 2, 4'),
    rig.sql<{ key: string }>(
      'select consumer, key::text as key, version::int as version, hash from porter.ported order by 1, 2',
    ),
  ]);
  return { links, ported: rows };
}

/** All of the order's topic, and nothing left to send. */
async function isTakenIn(): Promise<boolean> {
  const ends = await rig.log.ends(topicName(rig.prefix, topicOf(entityNamed('order'))));
  const read = await rig.sql<{ partition: number; next: number }>(
    `select partition, next_offset::int as next from porter.sink_offset where consumer = 'order.backend'`,
  );
  const [left] = await rig.sql<{ count: number }>('select count(*)::int as count from porter.work');
  const at = new Map(read.map(({ partition, next }) => [partition, BigInt(next)]));
  return left?.count === 0 && ends.every(({ partition, high }) => at.get(partition) === high);
}
