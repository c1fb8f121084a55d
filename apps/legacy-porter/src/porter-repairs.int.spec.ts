import { openResync, resyncSubject } from '@banyan/control';
import { newId } from '@banyan/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { added, placed, revised } from './testing/northwind-events.js';
import { PorterRig, until } from './testing/porter-rig.js';

const WHY = { by: 'ann', reason: 'a test' };

let rig: PorterRig;
let customerId: string;
let productId: string;
let url: string;

beforeAll(async () => {
  rig = await PorterRig.start({ billing: true });
  customerId = await rig.importRow('customer', 'ALFKI');
  productId = await rig.importRow('product', '11');
}, 180_000);
afterAll(() => rig.stop());
beforeEach(async () => {
  await rig.reset();
  ({ url } = await rig.porter());
});
afterEach(() => rig.stopPorters());

const post = async (path: string, body: object) => {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(new URL(path, url), {
    method: 'POST',
    headers,
    body: JSON.stringify({ ...body, ...WHY }),
  });
  return { status: answer.status, ...((await answer.json()) as Record<string, unknown>) };
};
interface Told {
  readonly consumers: readonly ({ readonly consumer: string } & Record<string, unknown>)[];
  readonly parked: readonly object[];
  readonly unlike: readonly object[];
  readonly state: string;
}
const get = async (path: string) => (await (await fetch(new URL(path, url))).json()) as Told;
const reported = async (consumer = 'order.backend'): Promise<Record<string, unknown> | undefined> =>
  (await get('/internal/status')).consumers.find((one) => one.consumer === consumer);
const stateOf = async (key: string, version: number, port = 'backend'): Promise<unknown> =>
  (await get(`/internal/sends?entity=order&key=${key}&version=${version}&port=${port}`)).state;
const outcomes = async (key: string, port = 'backend') =>
  (await rig.receipts(key)).filter((one) => one.port === port).map(({ outcome, version }) => `${outcome} ${version}`);
const committed = async (method: string) =>
  (await rig.requests()).filter((one) => one.method === method).reduce((sum, one) => sum + one.committed, 0);

/** A re-port of a port, from its request to its end. */
async function rePorted(port: string, scope: { key?: string; unlike?: boolean } = {}): Promise<unknown> {
  const control = await rig.control();
  const name = `legacy-porter.${port}`;
  const data = { subject: resyncSubject(name), key: null, unlike: false, olderThan: null, ...scope };
  await control.append({ type: 'banyan.control.v1.ResyncRequested', data }, WHY);
  await control.until((state) => openResync(state, name) === undefined, 60_000);
  return (await reported(port))?.resync;
}

/** An order of which the first change was refused by legacy; answers its key and the id of that event. */
async function refused(): Promise<{ key: string; eventId: string }> {
  const key = newId();
  await rig.append('order', placed({ customerId, productId }), { key, on: 0 });
  await rig.receiptsOnce(key, 2);
  await rig.faults({ errors: { status: 422, count: 1 }, only: { method: 'PUT' } });
  const eventId = await rig.append('order', revised({ customerId, productId, quantity: 7 }), { key, on: 1 });
  await rig.workIn(key, 'parked');
  return { key, eventId };
}

describe('a porter that is repaired by people', () => {
  it('drops a send for who says so, tells of it, and brings legacy the whole state when asked to', async () => {
    const { key, eventId } = await refused();
    const order = { entity: 'order', key, eventId };
    expect(await post('/internal/parked/discard', { ...order, eventId: 'another' })).toMatchObject({ status: 409 });
    expect(await post('/internal/parked/discard', { ...order, entity: 'nothing' })).toMatchObject({ status: 404 });
    expect(await post('/internal/parked/discard', order)).toMatchObject({ status: 200 });
    expect(await post('/internal/parked/discard', order)).toMatchObject({ status: 409, code: 'SINK_NOT_STANDING' });
    expect(await stateOf(key, 2)).toBe('discarded');
    const { parked, unlike } = await get('/internal/parked');
    expect([parked, unlike]).toMatchObject([
      [],
      [{ entity: 'order', consumer: 'order.backend', key, version: 2, ...WHY }],
    ]);
    expect(await reported()).toMatchObject({
      parked: 0,
      unlike: 1,
      work: 0,
      books: { balanced: true, total: { discarded: 1 } },
    });
    await until(async () => ((await outcomes(key)).includes('discarded 2') ? true : undefined), 'the receipt');
    const metric = 'banyan_porter_unlike_keys{consumer="order.backend"} 1\n';
    const metrics = async () => (await fetch(new URL('/metrics', url))).text();
    await until(
      async () => ((await metrics()).includes(metric) ? true : undefined),
      'the unlike key among the metrics',
    );

    // An import behind a hand-back would undo what legacy was not given.
    const open = [expect.objectContaining({ kind: 'unlike', key, what: expect.stringContaining(WHY.reason) })];
    expect(await get('/internal/drained?entity=order&epoch=0')).toMatchObject({ drained: false, openCount: 1, open });

    expect(await rePorted('order.backend', { unlike: true })).toMatchObject({
      state: 'done',
      total: 1,
      done: 1,
      ...WHY,
    });
    const [lines] = await rig.legacySql(
      'select d.quantity from order_details d join orders o using (order_id) where o.po_number = $1',
      [key],
    );
    expect(lines).toMatchObject({ quantity: 7 });
    expect(await reported()).toMatchObject({ unlike: 0, work: 0 });
    expect(await get('/internal/drained?entity=order&epoch=0')).toMatchObject({ drained: true });
    expect(await stateOf(key, 2)).toBe('ported');
    await until(async () => ((await outcomes(key)).at(-1) === 'ported 2' ? true : undefined), 'its receipt');
  });

  it('sends nothing that legacy has, and nothing over what somebody else wrote', async () => {
    const keys = [newId(), newId(), newId()];
    for (const key of keys) await rig.append('product', added(`Fig ${key.slice(-6)}`), { key, on: 0 });
    for (const key of keys) await rig.receiptsOnce(key);
    await rig.reset();
    const [theirs = '', ...same] = keys;
    await rig.legacySql('update products set units_in_stock = 99 where product_name = $1', [`Fig ${theirs.slice(-6)}`]);
    // The imported product is legacy's: it is passed over.
    expect(await rePorted('product.backend')).toMatchObject({ state: 'done', failed: 0 });
    expect([await committed('PUT'), await committed('POST'), await committed('DELETE')]).toEqual([0, 0, 0]);
    for (const key of same) expect((await rig.receiptsOnce(key, 2)).at(-1)).toMatchObject({ outcome: 'skipped' });
    expect(await rig.workIn(theirs, 'parked')).toMatchObject({ error_code: 'PORTER_BYPASS' });
  });

  it('brings a further port its rows again, by the marker that it left', async () => {
    const key = newId();
    await rig.append('order', placed({ customerId, productId }), { key, on: 0 });
    await rig.receiptsOnce(key, 2);
    expect(await rePorted('order.billing', { key })).toMatchObject({ state: 'done', done: 1 });
    await until(async () => ((await outcomes(key, 'billing')).at(-1) === 'skipped 1' ? true : undefined), 'a skip');
    const [marker] = await rig.billingSql<{ version: number }>('select version from banyan_marker where key = $1', [
      key,
    ]);
    expect(marker).toEqual({ version: 1 });
    await rig.append('order', revised({ customerId, productId, quantity: 9 }), { key, on: 1 });
    await until(async () => ((await outcomes(key, 'billing')).at(-1) === 'ported 2' ? true : undefined), 'the next');
  });

  it('links the row that a person has seen, and sends what a person has not', async () => {
    // A legacy that makes two rows of one: nobody but a person can say which is the one that was sent.
    await rig.legacySql(`create function twice() returns trigger language plpgsql as $$
      begin
        if pg_trigger_depth() = 1 and new.product_name like '%, in doubt' then
          insert into products (product_name, supplier_id, category_id, quantity_per_unit, unit_price, units_in_stock, units_on_order,
            reorder_level, discontinued)
          values (new.product_name, new.supplier_id, new.category_id, new.quantity_per_unit, new.unit_price, new.units_in_stock,
            new.units_on_order, new.reorder_level, new.discontinued);
        end if;
        return null;
      end $$`);
    await rig.legacySql('create trigger twice after insert on products for each row execute function twice()');
    const inDoubt = async (name: string): Promise<{ key: string; eventId: string; entity: string }> => {
      const key = newId();
      await rig.faults({ dropAfterCommit: { count: 1, method: 'POST' } });
      const eventId = await rig.append('product', added(`${name}, in doubt`), { key, on: 0 });
      await rig.workIn(key, 'in-doubt');
      return { key, eventId, entity: 'product' };
    };
    const rowsOf = async (name: string): Promise<readonly string[]> => {
      const rows = await rig.legacySql<{ product_id: number }>(
        'select product_id from products where product_name = $1 order by product_id',
        [`${name}, in doubt`],
      );
      return rows.map(({ product_id }) => String(product_id));
    };

    const there = await inDoubt('Date');
    const [, second = ''] = await rowsOf('Date');
    expect(await post('/internal/parked/discard', there)).toMatchObject({ status: 409, code: 'PORTER_STILL_IN_DOUBT' });
    const nobodys = { ...there, arrivedAs: '9999' };
    expect(await post('/internal/parked/settle', nobodys)).toMatchObject({
      status: 409,
      code: 'PORTER_ARRIVED_UNLIKELY',
    });
    expect(await post('/internal/parked/settle', there)).toMatchObject({ status: 422 });
    expect(await post('/internal/parked/settle', { ...there, arrivedAs: second })).toMatchObject({ settled: true });
    expect((await rig.receiptsOnce(there.key, 2)).at(-1)).toMatchObject({ outcome: 'ported', legacyId: second });

    const nowhere = await inDoubt('Plum');
    await rig.legacySql("delete from products where product_name = 'Plum, in doubt'");
    await rig.legacySql('drop trigger twice on products');
    await until(async () => {
      const { status } = await post('/internal/parked/settle', { ...nowhere, notArrived: true });
      return status === 200 ? true : undefined;
    }, 'legacy to have settled');
    expect((await rig.receiptsOnce(nowhere.key, 2)).at(-1)).toMatchObject({ outcome: 'ported' });
    expect(await rowsOf('Plum')).toHaveLength(1);
  });
});
