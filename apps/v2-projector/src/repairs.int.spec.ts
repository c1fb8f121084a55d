import { setTimeout as delay } from 'node:timers/promises';
import { type NewRecord, topicName } from '@banyan/contracts';
import { OrderPlaced, OrderRestated, OrderShipped } from '@banyan/contracts/events/northwind.order.v1';
import { consumerSubject, openResync, resyncSubject } from '@banyan/control';
import { newId } from '@banyan/core';
import { entities } from '@banyan/migration';
import { query } from '@banyan/postgres';
import type { AnyEntity, Projection } from '@banyan/transformer';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig } from './config.js';
import type { ConsumerReport } from './projector-consumer.js';
import { type RunningProjector, startProjector } from './start-projector.js';
import { anEnvironment, type Environment } from './testing/environment.js';
import { anOrder, recordOf } from './testing/northwind.js';

const CONSUMER = 'v2-projector.order';
const WHY = { by: 'ann', reason: 'a new mapping' };
/** A freight that the first version of the mapping cannot put into a row. */
const REFUSED = 666;

let env: Environment;
let app: RunningProjector | undefined;

beforeAll(async () => {
  env = await anEnvironment();
  await env.control.follow();
}, 180_000);
afterEach(async () => {
  await app?.close();
  app = undefined;
});
afterAll(() => env?.close());

type Row = Record<string, unknown>;

/** Orders whose `po_number` says which version made the row. */
function orderOf(version: number, broken: boolean): AnyEntity {
  const order = entities.find(({ name }) => name === 'order') as AnyEntity;
  const projections = order.projections.map((projection): Projection => {
    if (projection.table !== 'orders') return projection;
    const rows = (state: unknown, id: string): readonly Row[] =>
      projection.rows(state as never, id).map((row: Row) => {
        if (broken && row.freight_cents === REFUSED) throw new TypeError('no such freight');
        return { ...row, po_number: `v${version}` };
      });
    return { ...projection, rows };
  });
  return { ...order, version, projections };
}

async function started(order: AnyEntity): Promise<RunningProjector> {
  await app?.close();
  app = await startProjector(readConfig({ ...env.variables, TRANSFORMERS: 'order' }), [order]);
  await app.projector.begun();
  return app;
}

const placed = (key: string, freight: number, id = newId()): NewRecord =>
  recordOf(env.codec, topicName(env.prefix, 'northwind.order.v1'), {
    ...{ key, id, type: OrderPlaced.name, on: 0 },
    data: { ...anOrder, freight: { cents: freight, currency: 'USD' } },
  });
const shipped = (key: string, on: number, shippedOn = '1996-07-16'): NewRecord =>
  recordOf(env.codec, topicName(env.prefix, 'northwind.order.v1'), {
    ...{ key, type: OrderShipped.name, on },
    data: { shippedOn, shipperId: 2 },
  });

async function append(...records: readonly NewRecord[]): Promise<void> {
  await Promise.all(records.map((record) => env.appender.append(record)));
}

const caughtUp = () => app?.projector.running('order')?.caughtUp({ timeoutMs: 60_000 });

async function ask(path: string, body?: object): Promise<{ status: number; body: Row }> {
  const init = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(new URL(path, app?.url), body === undefined ? {} : init);
  return { status: answer.status, body: (await answer.json()) as Row };
}

async function reported(): Promise<ConsumerReport> {
  const { consumers } = (await ask('/internal/status')).body as { consumers: ConsumerReport[] };
  const order = consumers.find(({ consumer }) => consumer === 'order');
  if (order === undefined) throw new Error('no consumer of orders');
  return order;
}

const rowsOf = (...keys: readonly string[]) =>
  query(env.pool, 'select status, po_number from v2.orders where id = any($1::uuid[]) order by id', [keys]);

const request = (scope: { key?: string; unlike?: boolean; olderThan?: number } = {}) =>
  env.control.append(
    {
      type: 'banyan.control.v1.ResyncRequested',
      data: { subject: resyncSubject(CONSUMER), key: null, unlike: false, olderThan: null, ...scope },
    },
    WHY,
  );
/** Until the app knows what was asked for last, and of its end where it has one: each reads the control log for itself. */
async function heard(): Promise<void> {
  for (;;) {
    const asked = env.control.state().resyncs[CONSUMER];
    const { resync } = await reported();
    if (resync?.request === asked?.request && (resync?.state === 'done') === (asked?.ended !== undefined)) return;
    await delay(50);
  }
}
async function over(): Promise<void> {
  await env.control.until((state) => openResync(state, CONSUMER) === undefined, 60_000);
  await heard();
}
const say = (what: 'ConsumerPaused' | 'ConsumerResumed') =>
  env.control.append({ type: `banyan.control.v1.${what}`, data: { subject: consumerSubject(CONSUMER) } });

/** Rows that another version made, or that do not say what their state says. */
const unlikeRows = (made: string) =>
  query(
    env.pool,
    `select o.id from v2.orders o join v2.state s on s.consumer = 'order' and s.key = o.id
     where o.po_number is distinct from $1 or o.status is distinct from s.document ->> 'status'
       or o.shipped_on::text is distinct from s.document ->> 'shippedOn'`,
    [made],
  );

describe('a projector that is repaired by people', () => {
  it('drops an effect for who says so, lets the key go on, and makes its rows whole when asked to', async () => {
    const running = await started(orderOf(1, true));
    const [key, other, event] = [newId(), newId(), newId()];
    await append(placed(key, REFUSED, event), placed(other, 1));
    await append(shipped(key, 1), shipped(other, 1));
    await caughtUp();
    expect(await rowsOf(key, other)).toHaveLength(1);

    const order = { entity: 'order', key, eventId: event, by: 'ann', reason: 'a test order' };
    const wrong = await ask('/internal/parked/discard', { ...order, eventId: 'another' });
    expect(wrong).toMatchObject({ status: 409, body: { code: 'SINK_NOT_STANDING' } });
    expect(await ask('/internal/parked/discard', { ...order, reason: ' ' })).toMatchObject({ status: 422 });
    expect(await ask('/internal/parked/discard', { ...order, entity: 'customer' })).toMatchObject({ status: 404 });
    expect(await ask('/internal/parked/discard', { ...order, entity: 'receipts' })).toMatchObject({ status: 409 });
    // The shipment's row is refused as well: it has that freight, too.
    const first = await ask('/internal/parked/discard', order);
    expect(first).toMatchObject({ status: 200, body: { waiting: 1, error: { code: 'SINK_EFFECT_FAILED' } } });
    const { parked } = (await ask('/internal/parked')).body as { parked: { eventId: string }[] };
    const second = await ask('/internal/parked/discard', { ...order, eventId: parked[0]?.eventId });
    expect(second).toMatchObject({ status: 200, body: { replayed: 0, waiting: 0 } });
    expect((await ask('/internal/parked')).body).toMatchObject({
      parked: [],
      unlike: [{ entity: 'order', key, version: 2, by: 'ann', reason: 'a test order' }],
    });
    expect(await reported()).toMatchObject({
      ...{ parked: 0, unlike: 1, resync: null },
      books: { balanced: true, total: { effective: 4, applied: 2, parked: 0, discarded: 2 } },
    });
    const kept = await query(
      env.pool,
      "select key::text as key, version, error_code, why as reason from v2.closed where kind = 'effect' order by id",
    );
    expect(kept).toEqual(
      [1, 2].map((version) => ({ key, version, error_code: 'SINK_EFFECT_FAILED', reason: 'a test order' })),
    );
    while (
      !(await (await fetch(new URL('/metrics', running.url))).text()).includes(
        'banyan_projector_unlike_keys{consumer="order"} 1',
      )
    )
      await delay(100);

    // While nothing is mended, it cannot be made anew either, and says why.
    await request({ unlike: true });
    await over();
    expect(await reported()).toMatchObject({ unlike: 1, resync: { state: 'done', done: 1, failed: 1, ...WHY } });
    await started(orderOf(2, false));
    await request({ unlike: true });
    await over();
    expect(await rowsOf(key)).toEqual([{ status: 'shipped', po_number: 'v2' }]);
    expect(await rowsOf(other)).toEqual([{ status: 'shipped', po_number: 'v1' }]);
    expect(await reported()).toMatchObject({ unlike: 0, resync: { state: 'done', done: 1, failed: 0 } });
  });

  it('knows that the whole state which a person gives makes good what was given up before it, in one history', async () => {
    await started(orderOf(2, true));
    const [key, event, poison] = [newId(), newId(), newId()];
    await append(placed(key, REFUSED, event));
    await caughtUp();
    const order = { entity: 'order', key, eventId: event, by: 'ann', reason: 'a test order' };
    expect(await ask('/internal/parked/discard', order)).toMatchObject({ status: 200, body: { waiting: 0 } });
    const topic = topicName(env.prefix, 'northwind.order.v1');
    const unreadable = Buffer.from('not avro');
    await append(recordOf(env.codec, topic, { key, id: poison, type: OrderShipped.name, on: 1, value: unreadable }));
    await caughtUp();
    expect(await reported()).toMatchObject({ parked: 1, unlike: 1 });
    const { placedAt, ...data } = anOrder;
    const state = { ...data, status: 'placed', placedAt, cancelReason: null };
    const restated = { by: 'bob', reason: 'its writer is gone', state };
    await append(
      recordOf(env.codec, topic, { key, type: OrderRestated.name, on: 2, origin: 'repair', data: restated }),
    );
    await caughtUp();
    expect(await rowsOf(key)).toEqual([{ status: 'placed', po_number: 'v2' }]);
    expect(await reported()).toMatchObject({ parked: 0, unlike: 0, books: { balanced: true } });
    const { closed } = (await ask(`/internal/closed?key=${key}`)).body as { closed: Row[] };
    expect(closed).toMatchObject([
      {
        kind: 'state',
        eventId: poison,
        value: unreadable.toString('base64'),
        why: 'restated by bob: its writer is gone',
      },
      { kind: 'effect', eventId: event, version: 1, closedBy: 'ann', why: 'a test order' },
    ]);
  });

  it('makes the rows of an older version anew beside live traffic, over a pause and a restart, none twice', async () => {
    await started(orderOf(3, false));
    const keys = Array.from({ length: 450 }, () => newId());
    await append(...keys.map((key) => placed(key, 1)));
    await caughtUp();
    await say('ConsumerPaused');
    await started(orderOf(4, false));
    await request({ olderThan: 4 });
    await app?.projector.running('receipts')?.caughtUp({ timeoutMs: 60_000 });
    await heard();
    expect(await reported()).toMatchObject({ resync: { state: 'paused', done: 0, olderThan: 4, ...WHY } });
    const total = (await query(env.pool, `select 1 from v2.state where consumer = 'order'`)).length;
    // Somebody is at a key in the middle, which holds it up there.
    const [middle] = keys
      .filter((_, n) => n % 3 === 1)
      .sort()
      .slice(90);
    const holder = await env.pool.connect();
    await holder.query('begin');
    await holder.query('select 1 from v2.state where key = $1 for update', [middle]);
    await say('ConsumerResumed');
    // Live traffic over the whole of it: each of these keys is shipped while others are made anew.
    const traffic = append(...keys.filter((_, n) => n % 3 === 0).map((key) => shipped(key, 1)));
    for (let done = 0; done === 0; ) done = (await reported()).resync?.done ?? 0;
    expect(await reported()).toMatchObject({ resync: { state: 'running', total, secondsLeft: expect.any(Number) } });
    const stopped = app?.close();
    app = undefined;
    await holder.query('rollback');
    holder.release();
    await stopped;
    const halfway = await query(env.pool, `select done from v2.resync where consumer = 'order' and not finished`);
    expect(halfway).toEqual([{ done: expect.any(Number) }]);
    await started(orderOf(4, false));
    await traffic;
    await over();
    await caughtUp();
    expect(await unlikeRows('v4')).toEqual([]);
    const { resync } = await reported();
    expect(resync).toMatchObject({ state: 'done', failed: 0, standing: 0 });
    // The others are this version's by their shipment.
    expect(resync?.done).toBeGreaterThanOrEqual(total - 150);
    expect(resync?.done).toBeLessThanOrEqual(total);
    expect(await rowsOf(...keys)).toHaveLength(450);
    // What it has made, it does not make again.
    await request({ olderThan: 4 });
    await over();
    expect(await reported()).toMatchObject({ resync: { state: 'done', done: 0 } });
  });
});
