import { newId } from '@banyan/core';
import { MARKER_DDL } from '@banyan/legacy';
import { commit, FaultyLink } from '@banyan/stack/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { cancelled, placed, revised } from './testing/northwind-events.js';
import { PorterRig, until } from './testing/porter-rig.js';

let rig: PorterRig;
let customerId: string;
let productId: string;

beforeAll(async () => {
  rig = await PorterRig.start({ billing: true });
  customerId = await rig.importRow('customer', 'ALFKI');
  productId = await rig.importRow('product', '11');
}, 180_000);
afterAll(() => rig.stop());
beforeEach(() => rig.reset());
afterEach(() => rig.stopPorters());

type InvoiceRow = { inv_no: number; order_no: number; cust_code: string; total_amt: string; status: string };
const invoicesOf = (orderNo: string | null | undefined) =>
  rig.billingSql<InvoiceRow>('select * from invoices where order_no = $1::int', [orderNo]);
const receiptsAt = async (port: string, key: string) =>
  (await rig.receipts(key)).filter((receipt) => receipt.port === port);
const ported = (key: string, count = 1, port = 'billing') =>
  until(async () => {
    const receipts = (await receiptsAt(port, key)).filter(({ outcome }) => outcome === 'ported');
    return receipts.length >= count ? receipts : undefined;
  }, `${count} receipt(s) of ${port} about ${key}`);
const place = async (key = newId()) => {
  await rig.append('order', placed({ customerId, productId, quantity: 2 }), { key, on: 0 });
  return key;
};
const revise = (key: string, on: number, quantity: number) =>
  rig.append('order', revised({ customerId, productId, quantity }), { key, on });

interface Status {
  readonly consumers: readonly { consumer: string; work: number; lastError: string | null; port: string }[];
  readonly targets: readonly { target: string; slowBecause: string | null }[];
  readonly notConfigured: readonly object[];
}
const asked = async <T>(base: string, path: string): Promise<T> =>
  (await (await fetch(new URL(path, base))).json()) as T;
const status = (base: string) => asked<Status>(base, '/internal/status');
const billingOf = async (base: string) =>
  (await status(base)).consumers.find(({ consumer }) => consumer === 'order.billing');
const sendOf = (base: string, key: string, version: number, port: string) =>
  asked<{ state: string; legacyId: string | null }>(
    base,
    `/internal/sends?entity=order&key=${key}&version=${version}&port=${port}`,
  );
const post = async (base: string, path: string, body: object) => {
  const headers = { 'content-type': 'application/json' };
  return (await fetch(new URL(path, base), { method: 'POST', headers, body: JSON.stringify(body) })).json();
};

describe('a second port of orders', () => {
  it('has an order that is placed in both legacies, and each tells of it under its own name', async () => {
    const { url } = await rig.porter();
    const key = await place();
    const [receipt] = await ported(key);
    const [order] = await rig.legacySql<{ order_id: number }>('select order_id from orders where po_number = $1', [
      key,
    ]);
    expect(receipt).toMatchObject({
      ...{ entity: 'order', port: 'billing', outcome: 'ported', version: 1, operation: 'create' },
      legacyId: String(order?.order_id),
    });
    expect(await receiptsAt('backend', key)).toMatchObject([{ outcome: 'ported', legacyId: receipt?.legacyId }]);
    const [invoice] = await invoicesOf(receipt?.legacyId);
    // 2 x 19.99 less 5 %, rounded, and freight of 12.34.
    expect(invoice).toMatchObject({ cust_code: 'ALFKI', total_amt: '50.32', status: 'O' });

    await revise(key, 1, 3);
    await ported(key, 2);
    expect(await invoicesOf(receipt?.legacyId)).toEqual([
      expect.objectContaining({ inv_no: invoice?.inv_no, total_amt: '69.31' }),
    ]);
    await rig.append('order', cancelled(), { key, on: 2, liveness: 'deleted' });
    await ported(key, 3);
    expect(await invoicesOf(receipt?.legacyId)).toEqual([]);
    expect(await sendOf(url, key, 3, 'billing')).toMatchObject({ state: 'ported', legacyId: receipt?.legacyId });
  });

  it('keeps its own work, group and rows, and leaves links to the primary port', async () => {
    const { url, porter } = await rig.porter();
    const key = await place();
    const [receipt] = await ported(key);
    expect(porter.running('order.billing')?.state()).toBe('running');
    expect(await rig.sql('select consumer, version from porter.ported where key = $1 order by 1', [key])).toEqual([
      { consumer: 'order.backend', version: 1 },
      { consumer: 'order.billing', version: 1 },
    ]);
    expect(await rig.sql('select port, legacy_id from porter.link where key = $1', [key])).toEqual([
      { port: 'backend', legacy_id: receipt?.legacyId },
    ]);
    // What importers wait for is what the journal has: a transaction of row and marker needs none.
    expect(await rig.sql('select consumer from porter.intent where key = $1', [key])).toEqual([
      { consumer: 'order.backend' },
    ]);
    expect(await status(url)).toMatchObject({
      consumers: expect.arrayContaining([
        expect.objectContaining({
          ...{ consumer: 'order.billing', target: 'billing', state: 'running', work: 0, port: 'on' },
          group: `${rig.prefix}legacy-porter.order.billing`,
          compareAndSetWindow: 'none: row and marker change in one transaction',
        }),
      ]),
      targets: [{ target: 'legacy' }, { target: 'billing', slowBecause: null }],
      notConfigured: [],
    });
  });

  it('waits for the number that the primary port learns, and is sent then', async () => {
    await rig.faults({ refuse: true });
    const { url } = await rig.porter();
    const key = await place();
    const waiting = () =>
      rig.sql(
        `select waiting_for from porter.work where consumer = 'order.billing' and state = 'waiting' and key = $1`,
        [key],
      );
    await until(async () => ((await waiting()).length > 0 ? true : undefined), 'the invoice to wait');
    expect(await waiting()).toEqual([{ waiting_for: [`order.backend:${key}`] }]);
    expect(await sendOf(url, key, 1, 'billing')).toMatchObject({ state: 'waiting' });
    await rig.faults({});
    await ported(key);
  });

  it('never overwrites what billing changed, and parks what billing refuses, in its words', async () => {
    const { url } = await rig.porter();
    const [changed, paid] = [await place(), await place()];
    const [{ legacyId: first } = {}] = await ported(changed);
    const [{ legacyId: second } = {}] = await ported(paid);
    await rig.billingSql('update invoices set total_amt = 1 where order_no = $1::int', [first]);
    await rig.billingSql(`update invoices set paid_on = '2024-06-01' where order_no = $1::int`, [second]);
    await revise(changed, 1, 5);
    await revise(paid, 1, 5);
    const parked = await until(async () => {
      const all = (
        await asked<{ parked: { key: string; errorCode: string; errorMessage: string }[] }>(url, '/internal/parked')
      ).parked;
      return all.length === 2 ? new Map(all.map((one) => [one.key, one])) : undefined;
    }, 'both to stand');
    expect(parked.get(changed)).toMatchObject({ errorCode: 'PORTER_BYPASS' });
    expect(parked.get(paid)).toMatchObject({
      errorCode: 'PORTER_LEGACY_REJECTED',
      errorMessage: expect.stringMatching(/SQLSTATE P0001 \(INVOICE \d+ IS PAID, ISSUE A CREDIT NOTE\)/),
    });
    expect([await invoicesOf(first), await invoicesOf(second)]).toMatchObject([
      [{ total_amt: '1.00' }],
      [{ total_amt: '50.32' }],
    ]);
    await rig.billingSql('update invoices set total_amt = 50.32 where order_no = $1::int', [first]);
    await rig.billingSql('alter table invoices disable trigger tr_invoices_paid');
    await rig.billingSql('update invoices set paid_on = null where order_no = $1::int', [second]);
    await rig.billingSql('alter table invoices enable trigger tr_invoices_paid');
    for (const key of [changed, paid]) {
      await post(url, '/internal/parked/replay', { entity: 'order', key });
      await ported(key, 2);
    }
  });
});

describe('a billing that is in trouble', () => {
  it('holds up nobody but itself, and gets everything in order when it is back', async () => {
    const link = await FaultyLink.to(rig.billing.url);
    const { url } = await rig.porter(undefined, { LEGACY_BILLING_DATABASE_URL: link.through(rig.billing.url) });
    const key = await place();
    await ported(key, 1, 'backend');
    for (const on of [1, 2, 3, 4, 5]) await revise(key, on, on + 1);
    await ported(key, 6, 'backend');
    const slow = await until(async () => {
      const { targets } = await status(url);
      return targets.find(({ target, slowBecause }) => target === 'billing' && slowBecause !== null) === undefined
        ? undefined
        : targets;
    }, 'billing to be told slow');
    expect(slow.find(({ target }) => target === 'legacy')).toMatchObject({ slowBecause: null });
    expect(await receiptsAt('billing', key)).toEqual([]);
    await link.up();
    const receipts = await ported(key, 6);
    expect(receipts.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await invoicesOf(receipts[0]?.legacyId)).toHaveLength(1);
    await rig.stopPorters();
    await link.down();
  });

  it('has one invoice of an order whose commit was answered to nobody', async () => {
    const link = await FaultyLink.to(rig.billing.url);
    await link.up();
    await rig.porter(undefined, { LEGACY_BILLING_DATABASE_URL: link.through(rig.billing.url) });
    const lost = link.loseAnswers(commit, 2);
    const before = await rig.billingSql<{ last: number }>('select last_value as last from invoice_no_seq');
    const key = await place();
    await revise(key, 1, 3);
    const [receipt] = await ported(key, 2);
    expect(lost.lost).toBe(2);
    expect(await invoicesOf(receipt?.legacyId)).toMatchObject([
      { inv_no: Number(before[0]?.last) + 1, total_amt: '69.31' },
    ]);
    await rig.stopPorters();
    await link.down();
  });

  it('without the marker table is sent nothing, says why, and gets it when the table is there', async () => {
    await rig.billingSql('alter table banyan_marker rename to away');
    const { url } = await rig.porter();
    const key = await place();
    await ported(key, 1, 'backend');
    const told = await until(async () => {
      const { lastError } = (await billingOf(url)) ?? {};
      return lastError ?? undefined;
    }, 'the reason');
    expect(told).toMatch(/no table banyan_marker.*banyan ports marker/s);
    await rig.billingSql('alter table away rename to banyan_marker');
    await rig.billingSql(MARKER_DDL);
    await ported(key);
  });
});

describe('a port that is off', () => {
  it('by a person, at any time, keeps what it is owed in sight and sends it when it is on again', async () => {
    const control = await rig.control();
    const { url } = await rig.porter();
    const subject = 'port:order.billing';
    const switched = (mode: string) =>
      until(async () => ((await billingOf(url))?.port === mode ? true : undefined), `the port to be ${mode}`);
    const off = await control.append({ type: 'banyan.control.v1.PortSwitchedOff', data: { subject, primary: false } });
    expect(off).toMatchObject({ accepted: true });
    await switched('off');
    const key = await place();
    await ported(key, 1, 'backend');
    await until(async () => ((await billingOf(url))?.work === 1 ? true : undefined), 'the send that is kept');
    expect(await sendOf(url, key, 1, 'billing')).toMatchObject({ state: 'port-off' });
    // A hand-back has nothing to wait for: no import undoes anything at billing.
    expect(await asked(url, '/internal/drained?entity=order&epoch=0')).toMatchObject({ drained: true });
    await control.append({ type: 'banyan.control.v1.PortSwitchedOn', data: { subject } });
    await ported(key);
  });

  it('since nobody said where billing is, runs no consumer, is told of, and begins with the first event once somebody does', async () => {
    const other = await PorterRig.start({ billing: true });
    try {
      const customer = await other.importRow('customer', 'ALFKI');
      const product = await other.importRow('product', '11');
      const { url, porter } = await other.porter(undefined, { LEGACY_BILLING_DATABASE_URL: '' });
      const key = newId();
      await other.append('order', placed({ customerId: customer, productId: product }), { key, on: 0 });
      const [receipt] = await other.receiptsOnce(key);
      expect(porter.running('order.billing')).toBeUndefined();
      expect((await status(url)).notConfigured).toEqual([
        { consumer: 'order.billing', variable: 'LEGACY_BILLING_DATABASE_URL' },
      ]);
      expect(await sendOf(url, key, 1, 'billing')).toMatchObject({ state: 'not-configured' });
      expect(await asked(url, '/internal/drained?entity=order&epoch=0')).toMatchObject({ drained: true });
      expect(await other.sql(`select 1 from porter.work where consumer = 'order.billing'`)).toEqual([]);
      await other.stopPorters();

      const configured = await other.porter();
      expect(await other.receiptsOnce(key, 2)).toMatchObject([
        { port: 'backend' },
        { port: 'billing', outcome: 'ported' },
      ]);
      expect((await status(configured.url)).notConfigured).toEqual([]);
      expect(
        await other.billingSql('select 1 from invoices where order_no = $1::int', [receipt?.legacyId]),
      ).toHaveLength(1);
    } finally {
      await other.stop();
    }
  });
});

// Last: behind the fence nothing of an earlier epoch takes effect any more.
describe('an order that legacy made', () => {
  const epoch = 1;
  const revise = (key: string, on: number, quantity: number) =>
    rig.append('order', revised({ customerId, productId, quantity }), { key, on, epoch });
  beforeAll(() => rig.mark('order', { type: 'fence', epoch, share: 100 }));

  it('is not sent what was imported', async () => {
    const { url } = await rig.porter();
    const key = await rig.importRow('order', '10248', { epoch });
    const takenIn = () => rig.sql('select consumer from porter.state where key = $1', [key]);
    await until(async () => ((await takenIn()).length === 2 ? true : undefined), 'both ports to take it in');
    expect(await invoicesOf('10248')).toEqual([]);
    expect(await rig.sql(`select 1 from porter.work where key = $1`, [key])).toEqual([]);
    expect(await rig.sql(`select consumer from porter.ported where key = $1`, [key])).toEqual([
      { consumer: 'order.backend' },
    ]);
    // It needs nothing of an import: the caller who waits for it hears so.
    expect(await sendOf(url, key, 1, 'billing')).toMatchObject({ state: 'ported' });
  });

  it('makes the invoice of an older order with its first change in V2', async () => {
    await rig.porter();
    const key = await rig.importRow('order', '10249', { epoch });
    await revise(key, 1, 4);
    await ported(key);
    expect(await invoicesOf('10249')).toMatchObject([{ total_amt: '88.30' }]);
  });

  it('never covers an older invoice; a person mends it, and the send goes on from there', async () => {
    const { url } = await rig.porter();
    const key = await rig.importRow('order', '10250', { epoch });
    await rig.billingSql('insert into invoices (order_no, net_amt, total_amt) values (10250, 1, 1)');
    await revise(key, 1, 4);
    await rig.workIn(key, 'parked');
    expect(await asked(url, '/internal/parked')).toMatchObject({
      parked: [
        expect.objectContaining({
          entity: 'order',
          consumer: 'order.billing',
          key,
          kind: 'send',
          errorCode: 'PORTER_BYPASS',
        }),
      ],
      unlike: [],
    });
    expect(await receiptsAt('billing', key)).toMatchObject([{ outcome: 'parked' }]);
    expect(await invoicesOf('10250')).toMatchObject([{ total_amt: '1.00' }]);
    // Its own key alone stands, and only here.
    await ported(key, 1, 'backend');
    await rig.billingSql('delete from invoices where order_no = 10250');
    expect(await post(url, '/internal/parked/replay', { entity: 'order', key, port: 'billing' })).toMatchObject({
      replayed: 1,
    });
    await ported(key);
    expect(await invoicesOf('10250')).toMatchObject([{ total_amt: '88.30' }]);
  });
});
