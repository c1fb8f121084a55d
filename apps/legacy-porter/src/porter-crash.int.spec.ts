import { newId } from '@banyan/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { placed } from './testing/northwind-events.js';
import { PorterProcess } from './testing/porter-process.js';
import { PorterRig, until } from './testing/porter-rig.js';

let rig: PorterRig;
let customerId: string;
let productId: string;
const processes: PorterProcess[] = [];

// A rig for each: the log's group takes long to believe that a killed member is dead.
beforeEach(async () => {
  rig = await PorterRig.start();
  customerId = await rig.importRow('customer', 'ALFKI');
  productId = await rig.importRow('product', '11');
}, 180_000);
afterEach(async () => {
  for (const process of processes.splice(0)) await process.kill();
  await rig.stop();
});

async function porter(name = 'porter-0'): Promise<PorterProcess> {
  const process = await PorterProcess.start(rig.env(name));
  processes.push(process);
  return process;
}

async function place(): Promise<string> {
  const key = newId();
  await rig.append('order', placed({ customerId, productId }), { key, on: 0 });
  return key;
}

const posts = async () =>
  (await rig.requests()).find(({ method, route }) => method === 'POST' && route.startsWith('/api/orders')) ?? {
    received: 0,
    committed: 0,
  };
const postsReceived = (count: number) =>
  until(async () => ((await posts()).received >= count ? true : undefined), `${count} POSTs at legacy`);
const ordersOf = (key: string) => rig.legacySql('select order_id from orders where po_number = $1', [key]);
const intents = async (from: PorterProcess) =>
  ((await from.get('/internal/intents?entity=order')).body as { intents: { key: string; state: string }[] }).intents;

describe('a porter that is killed', () => {
  it('between its POST and its answer sends once and links, when it comes up again', async () => {
    const first = await porter();
    const letGo = await rig.holdOrders();
    const key = await place();
    await rig.writeHeld();
    await first.kill();
    await letGo();
    const second = await porter();
    const [receipt] = await rig.receiptsOnce(key);
    const orders = await ordersOf(key);
    expect(receipt).toMatchObject({ outcome: 'ported', legacyId: String(orders[0]?.order_id) });
    expect(orders).toHaveLength(1);
    expect(await posts()).toMatchObject({ received: 1, committed: 1 });
    expect((await second.get(`/internal/links?entity=order&keys=${key}`)).body).toEqual({
      links: [{ entity: 'order', key, legacyId: receipt?.legacyId }],
    });
    expect(await intents(second)).toEqual([]);
    expect(await second.terminate()).toBe(0);
  });

  it('before legacy did anything sends again, once, when legacy can no longer be at it', async () => {
    await rig.faults({ hang: 1, only: { method: 'POST' } });
    const first = await porter();
    const key = await place();
    await postsReceived(1);
    expect(await intents(first)).toMatchObject([
      { key, state: 'open', operation: 'create', highWaterMark: expect.any(String) },
    ]);
    await first.kill();
    await porter();
    expect(await rig.receiptsOnce(key)).toMatchObject([{ outcome: 'ported' }]);
    expect(await ordersOf(key)).toHaveLength(1);
    expect(await posts()).toMatchObject({ received: 2, committed: 1 });
  });

  it('has its open send in doubt for an instance of another name, which sends everything else', async () => {
    await rig.faults({ hang: 1, only: { method: 'POST' } });
    const first = await porter('porter-0');
    const key = await place();
    await postsReceived(1);
    await first.kill();
    const other = await porter('porter-1');
    const later = await place();
    expect(await rig.receiptsOnce(later)).toMatchObject([{ outcome: 'ported' }]);
    await until(
      async () =>
        (await intents(other)).some((one) => one.key === key && one.state === 'in-doubt') ? true : undefined,
      'the send in doubt',
    );
    expect(await ordersOf(key)).toEqual([]);
    expect((await posts()).received).toBe(2);
    await porter('porter-0');
    expect(await rig.receiptsOnce(key)).toMatchObject([{ outcome: 'ported' }]);
    expect(await ordersOf(key)).toHaveLength(1);
  });

  it('and does not come back is said to be dead by a person; then another one finds out what became of its send', async () => {
    const first = await porter('porter-0');
    const other = await porter('porter-1');
    for (const who of ['porter-0', 'porter-1']) {
      // One that serves already may not have registered yet.
      await until(async () => {
        const { status, body } = await first.post('/internal/porters/forget', { name: who });
        return status === 409 && (body as { code?: string }).code === 'PORTER_INSTANCE_ALIVE' ? true : undefined;
      }, `${who} to be told alive`);
    }
    const letGo = await rig.holdOrders();
    const key = await place();
    await rig.writeHeld();
    const [intent] = await rig.sql<{ writer: string }>("select writer from porter.intent where state = 'open'");
    const [dead, alive] = intent?.writer === 'porter-0' ? [first, other] : [other, first];
    const name = intent?.writer ?? '';
    const forget = (who: string) => alive.post('/internal/porters/forget', { name: who });
    expect(await forget('porter-9')).toMatchObject({ status: 404, body: { code: 'PORTER_INSTANCE_UNKNOWN' } });
    await dead.kill();
    await letGo();
    // Its lease and the same again have passed.
    await rig.sql("update porter.instance set heartbeat_at = now() - interval '11 s' where name = $1", [name]);
    const doubt = { key, kind: 'in-doubt', errorCode: 'PORTER_WRITER_SILENT', behind: 0, writer: name, version: 1 };
    expect((await alive.get('/internal/parked')).body).toEqual({
      parked: [expect.objectContaining(doubt)],
      waiting: [],
      unlike: [],
    });
    const of = (which: string) => alive.get(`/internal/parked?entity=order&key=${which}`);
    expect([(await of(key)).body, (await of(newId())).body]).toMatchObject([{ parked: [doubt] }, { parked: [] }]);
    expect((await alive.get('/internal/porters')).body).toMatchObject({
      porters: expect.arrayContaining([expect.objectContaining({ name, state: 'silent', openSends: 1 })]),
    });
    expect(await forget(name)).toEqual({ status: 200, body: { forgotten: name, sends: 1 } });
    expect(await rig.receiptsOnce(key)).toMatchObject([{ outcome: 'ported' }]);
    expect(await ordersOf(key)).toHaveLength(1);
    expect(await posts()).toMatchObject({ received: 1, committed: 1 });
    expect(await forget(name)).toEqual({ status: 200, body: { forgotten: name, sends: 0 } });
  });

  it('only for a time (SIGSTOP) sends nothing any more when another one came up under its name', async () => {
    await rig.faults({ refuse: true });
    const frozen = await porter();
    const key = await place();
    await until(
      async () =>
        (await rig.sql('select 1 from porter.work where key = $1 and attempts > 0', [key])).length > 0
          ? true
          : undefined,
      'an attempt in vain',
    );
    frozen.signal('SIGSTOP');
    const second = await porter();
    await rig.faults({});
    expect(await rig.receiptsOnce(key)).toMatchObject([{ outcome: 'ported' }]);
    frozen.signal('SIGCONT');
    // It knows, and ends: that it sends nothing more is told by what legacy received.
    expect(await frozen.ended()).toBe(1);
    const next = await place();
    expect(await rig.receiptsOnce(next)).toMatchObject([{ outcome: 'ported' }]);
    expect(await posts()).toMatchObject({ received: 2, committed: 2 });
    expect((await second.get('/health/live')).status).toBe(200);
  });
});
