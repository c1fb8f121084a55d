import { newId } from '@banyan/core';
import { FaultyLink } from '@banyan/stack/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { placed } from './testing/northwind-events.js';
import { PorterRig, until } from './testing/porter-rig.js';

let rig: PorterRig;
let customerId: string;
let productId: string;
const ways: FaultyLink[] = [];

beforeAll(async () => {
  rig = await PorterRig.start();
  customerId = await rig.importRow('customer', 'ALFKI');
  productId = await rig.importRow('product', '11');
}, 180_000);
afterAll(async () => {
  await rig.stopPorters();
  for (const way of ways) await way.down();
  await rig.stop();
});

async function wayTo(url: string): Promise<FaultyLink> {
  const way = await FaultyLink.to(url);
  ways.push(way);
  return way;
}

async function order(): Promise<string> {
  const key = newId();
  await rig.append('order', placed({ customerId, productId }), { key, on: 0 });
  return key;
}

describe('a porter', () => {
  it('starts with everything away, says what it waits for, and works as soon as all of it is there; so too after a failure', async () => {
    const env = rig.env();
    const database = await wayTo(env.PORTER_DATABASE_URL ?? '');
    const kafka = await wayTo(env.KAFKA_BROKERS ?? '');
    const registry = await wayTo(env.SCHEMA_REGISTRY_URL ?? '');
    const legacy = await wayTo(env.LEGACY_URL ?? '');
    const { url } = await rig.porter('porter-0', {
      PORTER_DATABASE_URL: database.through(env.PORTER_DATABASE_URL ?? ''),
      KAFKA_BROKERS: kafka.through(env.KAFKA_BROKERS ?? ''),
      SCHEMA_REGISTRY_URL: registry.through(env.SCHEMA_REGISTRY_URL ?? ''),
      LEGACY_URL: legacy.through(env.LEGACY_URL ?? ''),
      LOG_LEVEL: 'silent',
    });
    const get = async (path: string) => {
      const answer = await fetch(new URL(path, url));
      return { status: answer.status, text: await answer.text() };
    };
    const first = await order();
    expect(await get('/health/live')).toMatchObject({ status: 200 });
    expect(await get('/health/ready')).toMatchObject({ status: 503, text: expect.stringContaining('waits to') });
    expect(await get('/internal/links?entity=order&legacyIds=1')).toMatchObject({
      status: 503,
      text: expect.stringContaining('PORTER_NOT_READY'),
    });

    for (const way of [database, kafka, registry, legacy]) await way.up();
    expect(await rig.receiptsOnce(first)).toMatchObject([{ outcome: 'ported' }]);
    await until(async () => ((await get('/health/ready')).status === 200 ? true : undefined), 'readiness');

    await database.down();
    await until(async () => ((await get('/health/ready')).status === 503 ? true : undefined), 'no readiness');
    const second = await order();
    await database.up();
    expect(await rig.receiptsOnce(second)).toMatchObject([{ outcome: 'ported' }]);
    expect(await rig.legacySql('select 1 from orders where po_number = any($1)', [[first, second]])).toHaveLength(2);
  });

  it('keeps its lease while all its connections are busy', async () => {
    const { porter } = await rig.porter('porter-2', { TRANSFORMERS: 'order', PORTER_POOL_MAX: '2' });
    const pool = await until(async () => porter.pool(), 'the registration');
    const busy = await Promise.all([pool.connect(), pool.connect()]);
    try {
      const shownAt = async (): Promise<unknown> =>
        (await rig.sql("select heartbeat_at from porter.instance where name = 'porter-2'"))[0]?.heartbeat_at;
      const before = await shownAt();
      await until(async () => ((await shownAt()) === before ? undefined : true), 'a beat of the lease', 30_000);
    } finally {
      for (const connection of busy) connection.release();
    }
  });

  it('answers requests that are not as they must be, and entities it does not run, with a problem', async () => {
    const { url } = await rig.porter('porter-1', { TRANSFORMERS: 'order' });
    const status = async (path: string) => (await fetch(new URL(path, url))).status;
    await until(async () => ((await status('/health/ready')) === 200 ? true : undefined), 'readiness');
    expect(await status('/internal/links?entity=order')).toBe(422);
    expect(await status('/internal/links?entity=order&legacyIds=1&keys=2')).toBe(422);
    expect(await status('/internal/links?entity=order&keys=7')).toBe(422);
    expect(await status('/internal/links?entity=invoice&legacyIds=1')).toBe(404);
    expect(await status('/internal/links?entity=customer&legacyIds=ALFKI')).toBe(200);
    // Links are the primary port's: no other has any.
    expect(await status('/internal/links?entity=order&port=billing&legacyIds=1')).toBe(422);
    const send = 'key=0196a5c2-7d3e-7a11-9c55-0a1b2c3d4e60&version=1';
    expect(await status(`/internal/sends?entity=order&port=crm&${send}`)).toBe(404);
    expect(await status(`/internal/sends?entity=order&port=billing&${send}`)).toBe(200);
    expect(await status('/internal/intents')).toBe(422);
    expect(await status('/internal/intents?entity=order')).toBe(200);
    const replay = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"entity":"order"}' };
    expect((await fetch(new URL('/internal/parked/replay', url), replay)).status).toBe(422);
  });
});
