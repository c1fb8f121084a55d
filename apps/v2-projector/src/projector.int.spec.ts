import { setTimeout as delay } from 'node:timers/promises';
import { type Codec, MISMATCHES_TOPIC, type NewRecord, topicName, topicSpecs } from '@banyan/contracts';
import { StateMismatchFound } from '@banyan/contracts/events/banyan.mismatch.v1';
import { CustomerImported, CustomerRegistered } from '@banyan/contracts/events/northwind.customer.v1';
import { OrderCancelled, OrderPlaced, OrderShipped } from '@banyan/contracts/events/northwind.order.v1';
import { newId } from '@banyan/core';
import { entities } from '@banyan/migration';
import { type Pool, query } from '@banyan/postgres';
import { topicOf } from '@banyan/transformer';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig } from './config.js';
import { type RunningProjector, startProjector } from './start-projector.js';
import { anEnvironment, type Environment } from './testing/environment.js';
import { aCustomer, anOrder, receiptOf, recordOf } from './testing/northwind.js';

let env: Environment;
let pool: Pool;
let codec: Codec;
let app: RunningProjector | undefined;

beforeAll(async () => {
  env = await anEnvironment();
  ({ pool, codec } = env);
}, 180_000);

afterEach(async () => {
  await app?.close();
  app = undefined;
});

afterAll(() => env?.close());

async function started(): Promise<RunningProjector> {
  app = await startProjector(readConfig({ ...env.variables, TRANSFORMERS: 'customer,order' }));
  await app.projector.begun();
  return app;
}

async function append(...records: readonly NewRecord[]): Promise<void> {
  for (const record of records) await env.appender.append(record);
}

async function caughtUp({ projector }: RunningProjector): Promise<void> {
  await Promise.all(projector.names().map((name) => projector.running(name)?.caughtUp({ timeoutMs: 90_000 })));
}

const order = (given: Omit<Parameters<typeof recordOf>[2], 'type' | 'on'> & { type?: string; on?: number }) =>
  recordOf(codec, topicName(env.prefix, 'northwind.order.v1'), {
    type: OrderPlaced.name,
    on: 0,
    data: anOrder,
    ...given,
  });

const get = async (path: string): Promise<unknown> => (await fetch(new URL(path, app?.url))).json();

/** All that the store holds, for "nothing changed". */
async function everything(): Promise<unknown> {
  const read = (text: string) => query(pool, text);
  return Promise.all([
    read('select * from v2.state order by consumer, key'),
    read('select * from v2.orders order by id'),
    read('select * from v2.order_lines order by order_id, line_number'),
    read('select * from v2.customers order by id'),
    read('select * from v2.link order by entity, key'),
    read('select * from v2.parked order by id'),
    read('select consumer, partition, next_offset from v2.sink_offset order by consumer, partition'),
  ]);
}

describe('v2-projector', () => {
  it('turns events into states and rows, and imports and receipts into links', async () => {
    const running = await started();
    const [placed, cancelled, customer] = [newId(), newId(), newId()];
    await append(
      order({ key: placed }),
      order({ key: placed, type: OrderShipped.name, on: 1, data: { shippedOn: '1996-07-16', shipperId: 2 } }),
      order({ key: cancelled }),
      order({
        key: cancelled,
        type: OrderCancelled.name,
        on: 1,
        data: { reason: 'changed their mind' },
        liveness: 'deleted',
      }),
      recordOf(codec, topicName(env.prefix, 'northwind.customer.v1'), {
        key: customer,
        type: CustomerImported.name,
        on: 0,
        data: aCustomer,
        origin: 'backfill',
      }),
      receiptOf(codec, env.prefix, { entity: 'order', key: placed, legacyId: '11078' }),
      receiptOf(codec, env.prefix, { entity: 'order', key: cancelled, legacyId: null }),
    );
    await caughtUp(running);
    const orders = await query(
      pool,
      'select id, status, shipped_on, shipper_id, freight_cents, placed_at from v2.orders',
    );
    expect(orders).toHaveLength(2);
    expect(orders).toContainEqual({
      id: placed,
      status: 'shipped',
      shipped_on: '1996-07-16',
      shipper_id: 2,
      freight_cents: 3238,
      placed_at: '2023-11-14T22:13:20.000Z',
    });
    const lines = await query(
      pool,
      'select quantity, discount_basis_points from v2.order_lines where order_id = $1 order by line_number',
      [placed],
    );
    expect(lines).toEqual([
      { quantity: 12, discount_basis_points: 0 },
      { quantity: 10, discount_basis_points: 500 },
    ]);
    expect(await query(pool, 'select entity, key, legacy_id, port from v2.link order by entity')).toEqual([
      { entity: 'customer', key: customer, legacy_id: 'ALFKI', port: 'backend' },
      { entity: 'order', key: placed, legacy_id: '11078', port: 'backend' },
    ]);
    expect(
      await query(pool, 'select version, applied_version, liveness, owner from v2.state where key = $1', [cancelled]),
    ).toEqual([{ version: 2, applied_version: 2, liveness: 'deleted', owner: 'new' }]);
    expect((await fetch(new URL('/health/ready', running.url))).status).toBe(200);
    expect(await get('/internal/status')).toMatchObject({
      app: 'v2-projector',
      instance: 'v2-projector-0',
      consumers: [
        {
          consumer: 'customer',
          group: `${env.prefix}v2-projector.customer`,
          state: 'running',
          lagRecords: 0,
          parked: 0,
          lastError: null,
        },
        { consumer: 'order', lagRecords: 0, authority: { epoch: 0, share: 0, handback: 0 } },
        { consumer: 'receipts', lagRecords: 0 },
      ],
    });
  });

  it('goes on after a restart, and changes nothing when it reads every topic again from 0', async () => {
    const key = newId();
    await append(
      order({ key }),
      order({ key, type: OrderShipped.name, on: 1, data: { shippedOn: '1996-07-16', shipperId: 2 } }),
    );
    await caughtUp(await started());
    const before = await everything();
    await app?.close();
    await pool.query('update v2.sink_offset set next_offset = 0');
    await caughtUp(await started());
    expect(await everything()).toEqual(before);
  });

  it('does not read topics with another number of partitions than declared', async () => {
    const prefix = `${env.prefix}narrow_`;
    await env.log.createTopics(topicSpecs(prefix, entities.map(topicOf)).map((spec) => ({ ...spec, partitions: 1 })));
    app = await startProjector(readConfig({ ...env.variables, TRANSFORMERS: 'customer', TOPIC_PREFIX: prefix }));
    await app.projector.begun();
    let live = '';
    while (!live.includes('1 partitions, 12 are declared')) {
      live = await (await fetch(new URL('/health/live', app.url))).text();
    }
  });

  it('parks each kind of poison with its bytes and its key alone, and lets it go once it is mended', async () => {
    const running = await started();
    const [unreadable, unknown, tooSoon, nul, refused, good] = [newId(), newId(), newId(), newId(), newId(), newId()];
    const ship = { type: OrderShipped.name, data: { shippedOn: '1996-07-16', shipperId: 2 } };
    await append(
      order({ key: unreadable }),
      order({ key: unreadable, ...ship, on: 1, value: Buffer.from('not avro') }),
      order({ key: unreadable, type: OrderCancelled.name, on: 2, data: { reason: null }, liveness: 'deleted' }),
      {
        ...order({ key: unknown }),
        headers: { ...order({ key: unknown }).headers, ce_type: 'northwind.order.v1.OrderTeleported' },
      },
      order({ key: tooSoon, ...ship }),
      order({ key: nul, value: withNul(codec.encode(OrderPlaced.name, { ...anOrder, poNumber: 'a~b' })) }),
      order({ key: refused, data: { ...anOrder, freight: { cents: 1, currency: 'EURO' } } }),
      order({ key: refused, ...ship, on: 1 }),
      { ...order({ key: good }), key: null, partition: 0 },
      order({ key: good.toUpperCase() }),
      order({ key: good, on: 3 }),
      order({ key: good }),
    );
    await caughtUp(running);
    const { parked } = (await get('/internal/parked')) as {
      parked: { key: string; kind: string; errorCode: string; behind: number }[];
    };
    const about = (key: string) => parked.filter((one) => one.key === key);
    expect(about(unreadable)).toMatchObject([
      { kind: 'state', entity: 'order', errorCode: 'CONTRACTS_UNDECODABLE', behind: 1 },
    ]);
    expect(about(unknown)).toMatchObject([{ kind: 'state', errorCode: 'SINK_UNKNOWN_TYPE', behind: 0 }]);
    expect(about(tooSoon)).toMatchObject([{ kind: 'state', errorCode: 'SINK_EVOLVE_FAILED' }]);
    expect(about(nul)).toMatchObject([{ kind: 'state', errorCode: 'SINK_STATE_UNSTORABLE' }]);
    expect(about(refused)).toMatchObject([{ kind: 'effect', errorCode: 'SINK_EFFECT_FAILED', behind: 1 }]);
    expect(parked.filter(({ kind }) => kind === 'invalid')).toHaveLength(3);
    expect(await query(pool, 'select status from v2.orders where id = any($1)', [[unreadable, good, refused]])).toEqual(
      [{ status: 'placed' }, { status: 'placed' }],
    );
    expect(
      await query(pool, 'select value from v2.parked where key = $1 order by record_offset limit 1', [unreadable]),
    ).toEqual([{ value: Buffer.from('not avro') }]);

    const metric = 'banyan_projector_parked_keys{consumer="order"} 5\n';
    while (!(await (await fetch(new URL('/metrics', app?.url))).text()).includes(metric)) await delay(100);

    // A person mends the bytes and the column.
    await pool.query('update v2.parked set value = $2 where key = $1 and error_code is not null', [
      unreadable,
      codec.encode(ship.type, ship.data),
    ]);
    await pool.query('alter table v2.orders alter column freight_currency type text');
    for (const [key, replayed] of [
      [unreadable, 2],
      [refused, 2],
      [tooSoon, 0],
      [good, 0],
    ] as const) {
      const answer = await replay({ entity: 'order', key });
      expect([key, answer.status, await answer.json()]).toMatchObject([key, 200, { replayed }]);
    }
    expect(
      await query(pool, 'select id, status from v2.orders where id = any($1) order by id', [[unreadable, refused]]),
    ).toEqual(
      [
        { id: unreadable, status: 'cancelled' },
        { id: refused, status: 'shipped' },
      ].sort((a, b) => (a.id < b.id ? -1 : 1)),
    );
    expect((await replay({ entity: 'order', key: 'no uuid' })).status).toBe(422);
    expect((await replay({ entity: 'planet', key: good })).status).toBe(404);
  });

  it('keeps a receipt that it cannot read and goes on with the next', async () => {
    const running = await started();
    const key = newId();
    const receipt = receiptOf(codec, env.prefix, { entity: 'order', key, legacyId: '11079' });
    await append(
      { ...receipt, value: Buffer.from('not avro') },
      { ...receipt, value: null, headers: {} },
      ((odd) => ({ ...odd, value: withNul(odd.value) }))(
        receiptOf(codec, env.prefix, { entity: 'order', key, legacyId: 'a~b' }),
      ),
      receipt,
    );
    await caughtUp(running);
    expect(await query(pool, 'select legacy_id from v2.link where key = $1', [key])).toEqual([{ legacy_id: '11079' }]);
    const { consumers } = (await get('/internal/status')) as { consumers: { consumer: string; invalid: number }[] };
    expect(consumers.find(({ consumer }) => consumer === 'receipts')).toMatchObject({ parked: 0, invalid: 3 });
  });

  it('appends where a receipt tells of another state than it has, with the state of both', async () => {
    const running = await started();
    const key = newId();
    await append(order({ key }));
    await caughtUp(running);
    await append(receiptOf(codec, env.prefix, { entity: 'order', key, legacyId: '11091' }));
    await caughtUp(running);
    const [state] = await query<{ state_hash: string }>(pool, 'select state_hash from v2.state where key = $1', [key]);
    const topic = topicName(env.prefix, MISMATCHES_TOPIC);
    const found = async () => {
      for (const { partition, low, high } of await env.log.ends(topic)) {
        for await (const record of env.log.read(topic, partition, low, high)) if (record.key === key) return record;
      }
      return undefined;
    };
    let record = await found();
    for (let tries = 0; record === undefined && tries < 600; tries += 1) {
      await delay(50);
      record = await found();
    }
    expect(await env.codec.decode(StateMismatchFound.name, record?.value ?? null)).toMatchObject({
      key,
      version: 1,
      v2Hash: state?.state_hash,
      portHash: null,
    });
  }, 120_000);

  it('links an entity with a natural key when it is born, whether or not legacy has it yet', async () => {
    const running = await started();
    const key = newId();
    const { legacyId: _, ...data } = { ...aCustomer, customerCode: 'BANYA' };
    await append(
      recordOf(codec, topicName(env.prefix, 'northwind.customer.v1'), {
        key,
        type: CustomerRegistered.name,
        on: 0,
        data,
      }),
    );
    await caughtUp(running);
    expect(await query(pool, 'select legacy_id, port from v2.link where key = $1', [key])).toEqual([
      { legacy_id: 'BANYA', port: 'backend' },
    ]);
  });

  it('shares the partitions with a second instance, and each event is projected once', async () => {
    const first = await started();
    const second = await startProjector(
      readConfig({ ...env.variables, TRANSFORMERS: 'order', INSTANCE_NAME: 'v2-projector-1' }),
    );
    try {
      const keys = Array.from({ length: 60 }, () => newId());
      await append(...keys.map((key) => order({ key })));
      await second.projector.begun();
      await append(
        ...keys.map((key) =>
          order({ key, type: OrderShipped.name, on: 1, data: { shippedOn: '1996-07-16', shipperId: 2 } }),
        ),
      );
      await caughtUp(first);
      const states = await query(
        pool,
        'select 1 from v2.state where key = any($1) and version = 2 and applied_version = 2',
        [keys],
      );
      expect(states).toHaveLength(60);
      expect(
        await query(pool, `select 1 from v2.orders where id = any($1) and status = 'shipped'`, [keys]),
      ).toHaveLength(60);
    } finally {
      await second.close();
    }
  });
});

/** What no writer of ours makes: Avro holds NUL, PostgreSQL does not. */
function withNul(value: Buffer | null): Buffer {
  return Buffer.from(value?.map((byte) => (byte === 0x7e ? 0 : byte)) ?? []);
}

function replay(body: object): Promise<Response> {
  return fetch(new URL('/internal/parked/replay', app?.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}
