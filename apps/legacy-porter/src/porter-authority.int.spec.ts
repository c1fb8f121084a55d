import { newId } from '@banyan/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createPostgresPorterStore } from './store/postgres/postgres-porter-store.js';
import { placed, revised } from './testing/northwind-events.js';
import { PorterRig, until } from './testing/porter-rig.js';

let rig: PorterRig;
let customerId: string;
let productId: string;
let url: string;

beforeAll(async () => {
  rig = await PorterRig.start();
  customerId = await rig.importRow('customer', 'ALFKI');
  productId = await rig.importRow('product', '11');
}, 180_000);
afterAll(() => rig.stop());
beforeEach(async () => {
  await rig.reset();
  ({ url } = await rig.porter());
});
afterEach(() => rig.stopPorters());

const get = async (path: string): Promise<Record<string, unknown>> =>
  (await (await fetch(new URL(path, url))).json()) as Record<string, unknown>;
const drainedAt = (epoch: number) => get(`/internal/drained?entity=order&epoch=${epoch}`);
const sendOf = (key: string, version: number) => get(`/internal/sends?entity=order&key=${key}&version=${version}`);
const quantityOf = async (orderId: string) =>
  (await rig.legacySql<{ quantity: number }>('select quantity from order_details where order_id = $1', [orderId]))[0]
    ?.quantity;
const reached = (epoch: number) =>
  until(async () => ((await drainedAt(epoch)).epoch === epoch ? true : undefined), `epoch ${epoch} everywhere`);

describe('the porter, as writes move and come back', () => {
  it('ports a change of legacy’s order once it was imported in the epoch, refuses it again behind the hand-back, and takes the refreshed row', async () => {
    const key = await rig.importRow('order', '10248');
    const early = await rig.append('order', revised({ customerId, productId, quantity: 2 }), { key, on: 1 });
    expect(await rig.receiptsOnce(key)).toMatchObject([{ eventId: early, outcome: 'refused', reason: 'stale' }]);

    await rig.mark('order', { type: 'fence', epoch: 1, share: 100 });
    // The copy is from before the fence: rule 8.
    await rig.append('order', revised({ customerId, productId, quantity: 3 }), { key, on: 1, epoch: 1 });
    // Of the same content only epoch and version move.
    await rig.importRow('order', '10248', { on: 1, epoch: 1 });
    await rig.append('order', revised({ customerId, productId, quantity: 4 }), { key, on: 2, epoch: 1 });
    const moved = await rig.receiptsOnce(key, 3);
    expect(moved.map(({ outcome, reason }) => reason ?? outcome)).toEqual(['stale', 'stale', 'ported']);
    expect(await quantityOf('10248')).toBe(4);

    await rig.mark('order', { type: 'fence', epoch: 2, share: 0 });
    await reached(2);
    expect(await drainedAt(2)).toEqual({ drained: true, epoch: 2, open: [], openCount: 0 });
    await rig.mark('order', { type: 'handback', epoch: 3 });
    await reached(3);
    await rig.append('order', revised({ customerId, productId, quantity: 5 }), { key, on: 3, epoch: 3 });
    expect((await rig.receiptsOnce(key, 4)).at(-1)).toMatchObject({ outcome: 'refused', reason: 'stale' });
    // Legacy's own client has the order again; a refresh takes effect and is what compare-and-set goes by from then on.
    await rig.legacySql('update order_details set quantity = 9 where order_id = 10248', []);
    await rig.importRow('order', '10248', { on: 3, epoch: 3 });

    await rig.mark('order', { type: 'fence', epoch: 4, share: 100 });
    await rig.importRow('order', '10248', { on: 4, epoch: 4 });
    await rig.append('order', revised({ customerId, productId, quantity: 6 }), { key, on: 5, epoch: 4 });
    expect((await rig.receiptsOnce(key, 5)).at(-1)).toMatchObject({ outcome: 'ported', version: 6 });
    expect(await quantityOf('10248')).toBe(6);
  }, 180_000);

  it('is not drained before the fence has come to every partition, nor while a send is parked; a person lets it go on', async () => {
    const key = newId();
    // What the test before has marked is folded partition by partition.
    await reached(4);
    await rig.faults({ errors: { status: 422, count: 1 }, only: { method: 'POST' } });
    await rig.append('order', placed({ customerId, productId }), { key, on: 0, epoch: 4 });
    await rig.workIn(key, 'parked');
    expect(await drainedAt(5)).toMatchObject({
      drained: false,
      epoch: 4,
      openCount: 13,
      open: expect.arrayContaining([
        expect.objectContaining({
          consumer: 'order.backend',
          kind: 'partition',
          what: expect.stringContaining('epoch 4'),
        }),
        expect.objectContaining({ kind: 'send', key, what: expect.stringContaining('HTTP 422') }),
      ]),
    });
    expect(await sendOf(key, 1)).toMatchObject({ state: 'refused', status: 422, errorCode: 'PORTER_LEGACY_REJECTED' });
    await rig.mark('order', { type: 'fence', epoch: 5, share: 100 });
    await reached(5);
    expect(await drainedAt(5)).toMatchObject({ drained: false, openCount: 1 });
    await fetch(new URL('/internal/parked/replay', url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ entity: 'order', key }),
    });
    await until(async () => ((await drainedAt(5)).drained === true ? true : undefined), 'everything to be settled');
    const done = await sendOf(key, 1);
    expect(done).toMatchObject({ state: 'ported', legacyId: expect.stringMatching(/^\d+$/) });
    expect(done).not.toHaveProperty('words');
  }, 180_000);

  it('tells of an event by its id too, and of one that it has not taken in that it waits', async () => {
    const key = newId();
    const eventId = await rig.append('order', placed({ customerId, productId }), { key, on: 0, epoch: 5 });
    await rig.receiptsOnce(key);
    expect(await get(`/internal/sends?entity=order&key=${key}&eventId=${eventId}`)).toMatchObject({ state: 'ported' });
    expect(await sendOf(key, 2)).toMatchObject({ state: 'waiting' });
    expect(await sendOf(newId(), 1)).toMatchObject({ state: 'waiting', legacyId: null });
    const both = await fetch(new URL(`/internal/sends?entity=order&key=${key}&eventId=e&version=1`, url));
    expect([both.status, await both.json()]).toMatchObject([422, { code: 'PORTER_REQUEST_INVALID' }]);
    expect(await get('/internal/drained?entity=nothing&epoch=1')).toMatchObject({ code: 'PORTER_ENTITY_UNKNOWN' });
  });
});

describe('a port that is switched off', () => {
  const orders = (keys: readonly string[]) =>
    rig.legacySql<{ po_number: string }>('select po_number from orders where po_number = any($1) order by order_id', [
      keys,
    ]);
  const turn = async (mode: 'off' | 'on') => {
    const control = await rig.control();
    const { mode: stored } =
      (await rig.sql<{ mode: string }>("select mode from porter.switch where consumer = 'order.backend'"))[0] ?? {};
    if (stored === mode) return;
    const subject = 'port:order.backend';
    const appended = await control.append(
      mode === 'off'
        ? { type: 'banyan.control.v1.PortSwitchedOff', data: { subject, primary: true } }
        : { type: 'banyan.control.v1.PortSwitchedOn', data: { subject } },
    );
    if (!appended.accepted) throw new Error(appended.why);
    await until(async () => {
      const [row] = await rig.sql<{ mode: string }>("select mode from porter.switch where consumer = 'order.backend'");
      return row?.mode === mode ? true : undefined;
    }, `the port to be ${mode}`);
  };

  beforeAll(async () => {
    // Only what V2 alone writes can lose its port.
    const control = await rig.control();
    const subject = 'entity:order';
    const steps = [
      { type: 'banyan.control.v1.EntityOpened', data: { subject } },
      {
        type: 'banyan.control.v1.MovePlanned',
        data: { subject, direction: 'forward', epoch: 6, share: 100, toMode: 'new' },
      },
      { type: 'banyan.control.v1.MoveFenced', data: { subject, epoch: 6 } },
      { type: 'banyan.control.v1.MoveAnnounced', data: { subject, epoch: 6 } },
    ] as const;
    for (const step of steps) expect(await control.append(step)).toMatchObject({ accepted: true });
    await rig.mark('order', { type: 'fence', epoch: 6, share: 100 });
  });
  afterEach(() => turn('on'));

  it('keeps what would be sent, in order, and says so once for each event; on again it sends all of it', async () => {
    await reached(6);
    await turn('off');
    const [key, other] = [newId(), newId()];
    await rig.append('order', placed({ customerId, productId }), { key, on: 0, epoch: 6 });
    await rig.append('order', revised({ customerId, productId, quantity: 7 }), { key, on: 1, epoch: 6 });
    await rig.append('order', placed({ customerId, productId }), { key: other, on: 0, epoch: 6 });
    await rig.receiptsOnce(key, 2);
    await rig.receiptsOnce(other);
    for (const receipt of [...(await rig.receipts(key)), ...(await rig.receipts(other))]) {
      expect(receipt).toMatchObject({ outcome: 'skipped', reason: 'port off', legacyId: null });
    }
    expect(await sendOf(key, 2)).toMatchObject({ state: 'port-off' });
    // What is not taken in yet will not be sent either: nobody needs to wait for it.
    expect(await sendOf(key, 3)).toMatchObject({ state: 'port-off' });
    expect(await get('/internal/status')).toMatchObject({
      consumers: expect.arrayContaining([
        expect.objectContaining({
          ...{ consumer: 'order.backend', port: 'off', work: 3 },
          positions: expect.arrayContaining([{ partition: 0, next: expect.any(Number) }]),
        }),
      ]),
    });
    expect(await drainedAt(6)).toMatchObject({
      drained: false,
      openCount: 4,
      open: expect.arrayContaining([
        { consumer: 'order.backend', kind: 'port', key: null, eventId: null, what: 'the port is off' },
      ]),
    });
    expect((await rig.requests()).filter(({ method }) => method === 'POST')).toEqual([]);

    await turn('on');
    const receipts = await rig.receiptsOnce(key, 4);
    expect(receipts.slice(2).map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
      'create ported',
      'update ported',
    ]);
    await rig.receiptsOnce(other, 2);
    expect(await orders([key, other])).toHaveLength(2);
    expect(await quantityOf(String(receipts.at(-1)?.legacyId))).toBe(7);
  }, 180_000);

  it('stays off without the control log, and tells of what was due when it was switched', async () => {
    const waiting = newId();
    const product = newId();
    await rig.append('order', placed({ customerId, productId: product }), { key: waiting, on: 0, epoch: 6 });
    await rig.workIn(waiting, 'waiting');
    await turn('off');
    expect(await rig.receiptsOnce(waiting)).toMatchObject([{ outcome: 'skipped', reason: 'port off' }]);
    await turn('on');
    await turn('off');
    await rig.stopPorters();
    // Not even what became ready: the switch is in the porter's own database.
    await rig.sql("update porter.work set state = 'ready', waiting_for = null, not_before = now()");
    const { alone } = createPostgresPorterStore(rig.pool);
    const claim = () => alone.claimWork(['order.backend'], { name: 'porter-1', incarnation: 1 }, 10);
    expect(await claim()).toEqual([]);
    await rig.sql("update porter.switch set mode = 'on'");
    expect(await claim()).toMatchObject([{ key: waiting }]);
    ({ url } = await rig.porter());
    // Told once, though it was switched off twice.
    expect(await rig.receipts(waiting)).toHaveLength(1);
    await rig.sql('delete from porter.work where key = $1', [waiting]);
  }, 180_000);
});
