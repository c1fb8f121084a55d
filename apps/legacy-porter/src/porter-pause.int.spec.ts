import { consumerSubject } from '@banyan/control';
import { newId } from '@banyan/core';
import { lagOf } from '@banyan/sink';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { ConsumerReport } from './porter-consumer.js';
import type { RunningPorter } from './start-porter.js';
import { added, placed, revised } from './testing/northwind-events.js';
import { PorterRig, until } from './testing/porter-rig.js';

const PORT = 'order.backend';
const SUBJECT = consumerSubject(`legacy-porter.${PORT}`);
const WHY = { by: 'ann', reason: 'legacy restores a backup' };

let rig: PorterRig;
let customerId: string;
let productId: string;
let products = 0;

beforeAll(async () => {
  rig = await PorterRig.start();
  customerId = await rig.importRow('customer', 'ALFKI');
  productId = await rig.importRow('product', '11');
}, 180_000);
afterAll(() => rig.stop());
beforeEach(() => rig.reset());
afterEach(() => rig.stopPorters());

async function say(what: 'ConsumerPaused' | 'ConsumerResumed'): Promise<void> {
  const control = await rig.control();
  const answer = await control.append({ type: `banyan.control.v1.${what}`, data: { subject: SUBJECT } }, WHY);
  expect(answer).toMatchObject({ accepted: true });
}

async function giveSends(sends: number | null): Promise<void> {
  const control = await rig.control();
  const change = { type: 'banyan.control.v1.ConcurrencySet', data: { subject: SUBJECT, sends } } as const;
  expect(await control.append(change, WHY)).toMatchObject({ accepted: true });
}

async function place(count: number): Promise<string[]> {
  const keys = Array.from({ length: count }, () => newId());
  for (const key of keys) await rig.append('order', placed({ customerId, productId }), { key, on: 0 });
  return keys;
}

/** Another port brings something to legacy: what is held had its time. */
async function aProductIsPorted(): Promise<void> {
  const key = newId();
  products += 1;
  await rig.append('product', added(`Fig ${products}`), { key, on: 0 });
  expect(await rig.receiptsOnce(key)).toMatchObject([{ outcome: 'ported' }]);
}

async function reported({ url }: RunningPorter): Promise<ConsumerReport> {
  const status = (await (await fetch(new URL('/internal/status', url))).json()) as { consumers: ConsumerReport[] };
  const report = status.consumers.find(({ consumer }) => consumer === PORT);
  if (report === undefined) throw new Error(`${PORT} is not there yet`);
  return report;
}

const once = (app: RunningPorter, isSo: (report: ConsumerReport) => boolean, what: string) =>
  until(async () => {
    const report = await reported(app);
    return isSo(report) ? report : undefined;
  }, what);
const lag = ({ porter }: RunningPorter) => lagOf(porter.running(PORT)).lagRecords;
const postedOrders = async () =>
  (await rig.requests())
    .filter(({ method, route }) => method === 'POST' && /order/i.test(route))
    .reduce((sum, { received }) => sum + received, 0);
const work = async () => (await rig.sql('select 1 from porter.work where consumer = $1', [PORT])).length;
const rowsOf = (keys: readonly string[]) => rig.legacySql('select 1 from orders where po_number = any($1)', [keys]);

describe('a port that is paused in the control log', () => {
  it('takes nothing in and sends nothing, over a restart too, while others do; resumed it brings everything over once', async () => {
    let app = await rig.porter('porter-0', { PORTER_CONCURRENCY: '1' });
    await rig.faults({ latencyMs: 1_000, only: { method: 'POST' } });
    const first = await place(4);
    await once(app, ({ work: due, sends }) => due === 4 && sends.inFlight === 1, 'a send under way');
    await say('ConsumerPaused');
    await once(app, ({ state, sends }) => state === 'paused' && sends.inFlight === 0, 'the pause');
    const posted = await postedOrders();
    const left = await work();
    expect(left).toBeGreaterThan(0);
    await rig.reset();

    const later = await place(3);
    await rig.append('order', revised({ customerId, productId, quantity: 7 }), { key: later[0] ?? '', on: 1 });
    await until(async () => (lag(app) === 4 ? true : undefined), 'the lag to grow');
    await aProductIsPorted();
    expect(await reported(app)).toMatchObject({
      state: 'paused',
      paused: { ...WHY, at: expect.stringMatching(/Z$/) },
      lagRecords: 4,
      work: left,
    });
    for (const kind of ['live', 'ready']) expect((await fetch(new URL(`/health/${kind}`, app.url))).status).toBe(200);

    await rig.stopPorters();
    app = await rig.porter();
    await until(async () => (lag(app) === 4 ? true : undefined), 'the lag behind the restart');
    await aProductIsPorted();
    expect((await reported(app)).state).toBe('paused');
    expect([await work(), await postedOrders()]).toEqual([left, 0]);

    await say('ConsumerResumed');
    for (const key of [...first, ...later]) {
      const receipts = await rig.receiptsOnce(key, key === later[0] ? 2 : 1);
      expect(receipts.map(({ outcome }) => outcome)).toEqual(receipts.map(() => 'ported'));
    }
    expect(await rowsOf([...first, ...later])).toHaveLength(7);
    expect((await postedOrders()) + posted).toBe(7);
    expect(await work()).toBe(0);
    expect((await reported(app)).books).toMatchObject({
      ...{ balanced: true, problems: [] },
      total: { records: 8, effective: 8, applied: 8, parked: 0 },
    });
  });

  it('sends nothing of what is due at a start, when the pause was said while nobody ran', async () => {
    await rig.porter('porter-0', { PORTER_CONCURRENCY: '1' });
    await rig.faults({ errors: { status: 503, count: 10_000 }, only: { method: 'POST' } });
    const keys = await place(3);
    await until(async () => ((await work()) === 3 ? true : undefined), 'sends that are due');
    await rig.stopPorters();
    await say('ConsumerPaused');
    await rig.reset();
    await rig.porter();
    await aProductIsPorted();
    expect([await work(), await postedOrders()]).toEqual([3, 0]);
    await say('ConsumerResumed');
    for (const key of keys) expect(await rig.receiptsOnce(key)).toMatchObject([{ outcome: 'ported' }]);
    expect(await rowsOf(keys)).toHaveLength(3);
  });

  it('stays so where a porter starts without Kafka, by what its database keeps; what is not paused is sent', async () => {
    const app = await rig.porter();
    await rig.faults({ errors: { status: 503, count: 10_000 }, only: { method: 'POST' } });
    const [order = ''] = await place(1);
    const product = newId();
    await rig.append('product', added('Fig, dried'), { key: product, on: 0 });
    await rig.workIn(order, 'ready');
    await rig.workIn(product, 'ready');
    await say('ConsumerPaused');
    await once(app, ({ state }) => state === 'paused', 'the pause');
    await until(async () => (await rig.sql('select 1 from porter.setting where paused'))[0], 'the pause to be stored');
    await rig.stopPorters();
    await rig.reset();
    await rig.porter('porter-0', { KAFKA_BROKERS: '127.0.0.1:9' });
    const sent = async () => (await rig.sql('select 1 from porter.work where key = $1', [product])).length === 0;
    await until(async () => ((await sent()) ? true : undefined), 'the product to be sent');
    expect(await rig.workIn(order, 'ready')).toMatchObject({ consumer: PORT, claimed_by: null });
    expect(await postedOrders()).toBe(0);
    await rig.stopPorters();
    await rig.porter();
    await say('ConsumerResumed');
    expect(await rig.receiptsOnce(order)).toMatchObject([{ outcome: 'ported' }]);
  });
});

describe('the number of sends of a port', () => {
  it('is changed while it runs, and is again what the process was started with when nobody wants another', async () => {
    const app = await rig.porter('porter-0', { PORTER_CONCURRENCY: '2' });
    await rig.faults({ latencyMs: 1_000, only: { method: 'POST' } });
    const keys = await place(30);
    const report = await once(app, ({ sends }) => sends.inFlight === 2, 'two sends in flight');
    expect(report.sends).toEqual({ inFlight: 2, limit: 2, own: false });
    await giveSends(6);
    const more = await once(app, ({ sends }) => sends.inFlight > 2, 'more sends in flight');
    expect(more.sends).toMatchObject({ limit: 6, own: true });
    await once(app, ({ sends }) => sends.inFlight === 6, 'six sends in flight');
    await giveSends(1);
    await once(app, ({ sends }) => sends.inFlight === 1 && sends.limit === 1, 'one send in flight');
    expect(await work()).toBeGreaterThan(1);
    await giveSends(null);
    const back = await once(app, ({ sends }) => sends.inFlight === 2, 'two sends in flight');
    expect(back.sends).toEqual({ inFlight: 2, limit: 2, own: false });
    await rig.reset();
    await until(async () => ((await work()) === 0 ? true : undefined), 'all to be sent');
    expect(await rowsOf(keys)).toHaveLength(30);
  });
});
