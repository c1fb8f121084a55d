import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventHeaders, topicName } from '@banyan/contracts';
import { newId } from '@banyan/core';
import { createKafkaEventLog } from '@banyan/kafka';
import { OWNERS, provisionDatabase, type Role } from '@banyan/operations';
import { createPool, query } from '@banyan/postgres';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { backfill, banyan } from './operator.js';
import { drained } from './testing/once-in-both.js';
import { type PlacedOrder, placeOrders } from './testing/order-load.js';
import { testWorld } from './testing/test-world.js';
import { until } from './until.js';
import type { World } from './world.js';

interface Parked {
  readonly app: string;
  readonly key: string;
  readonly kind: string;
  readonly behind: number;
}

interface Closed {
  readonly app: string;
  readonly eventId: string;
  readonly value: string;
  readonly why: string;
  readonly errorCode: string | null;
}

let world: World;
let folder: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'banyan-states-'));
  world = await testWorld('lost-past');
  for (const entity of ['customer', 'product', 'order']) await banyan(world, `entities authority ${entity} --to new`);
  await backfill(world);
}, 240_000);

afterAll(async () => {
  await world?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe('a key whose past cannot be read', () => {
  const poison = Buffer.from('nobody can read this');
  let order: PlacedOrder;
  let file: string;
  let poisonId: string;

  it('stands in both stores, and commands on it answer 423', async () => {
    const [placed, other] = await place('restate', 2);
    if (placed === undefined || other === undefined) throw new Error('two orders');
    order = placed;
    await drained(world);
    poisonId = await appendPoison(order.id, order.version, poison);
    await until('it stands in both', async () => ((await standing(order.id)).length === 2 ? true : undefined));
    expect(await tell('POST', `/v2/orders/${order.id}/ship`)).toMatchObject({ status: 423, code: 'API_KEY_PARKED' });
    expect((await tell('POST', `/v2/orders/${other.id}/ship`)).status).toBe(200);
  }, 120_000);

  it('is shown how a restatement would differ, and nothing is changed by looking', async () => {
    const { v2 } = await banyan<{ v2: { document: Record<string, unknown> } }>(world, `trace order ${order.id}`);
    file = join(folder, 'state.json');
    const freight = { cents: 4_711, currency: 'USD' };
    writeFileSync(file, JSON.stringify({ ...v2.document, freight, cancelReason: null }));
    const tried = await restate('--from', file, '--dry-run');
    expect(tried.code).toBe(0);
    const { differences, outcome } = JSON.parse(tried.stdout);
    expect(outcome).toBe('dry-run');
    expect(differences).toEqual([{ path: 'freight.cents', left: 0, right: 4_711 }]);
    writeFileSync(join(folder, 'wrong.json'), JSON.stringify({ ...v2.document, colour: 'red' }));
    const wrong = await restate('--from', join(folder, 'wrong.json'));
    expect([wrong.code, wrong.stderr]).toEqual([4, expect.stringContaining('colour')]);
    expect(await standing(order.id)).toHaveLength(2);
  }, 60_000);

  it('is restated: both stores are equal, what stood is closed and kept, commands go on', async () => {
    expect((await restate('--from', file)).code).toBe(0);
    await drained(world);
    expect(await legacyFreight(order.id)).toBe(47.11);
    expect((await tell('GET', `/v2/orders/${order.id}`)).body).toMatchObject({ freight: { cents: 4_711 } });
    expect(await standing(order.id)).toEqual([]);
    const closed = await banyan<Closed[]>(world, `parked closed ${order.id}`);
    expect(closed.map(({ app }) => app).toSorted()).toEqual(['legacy-porter', 'v2-projector']);
    for (const { eventId, value, why, errorCode } of closed) {
      expect([eventId, Buffer.from(value, 'base64')]).toEqual([poisonId, poison]);
      expect([errorCode, why]).toEqual(['CONTRACTS_UNDECODABLE', expect.stringContaining('its writer is gone')]);
    }
    for (const books of await booksOf('order'))
      expect(books).toMatchObject({ balanced: true, total: { discarded: 1 } });
    expect(await tell('POST', `/v2/orders/${order.id}/ship`)).toMatchObject({ status: 200 });
    await drained(world);
    expect(await banyan(world, 'verify')).toMatchObject({ verdict: 'identical' });
    // It stands no more: from here on it is changed by commands.
    const again = await restate('--from', file);
    expect([again.code, again.stderr]).toEqual([4, expect.stringContaining('does not stand')]);
  }, 120_000);

  const restate = (...words: string[]) =>
    world.banyan('restate', 'order', order.id, ...words, '--reason', 'its writer is gone', '--json');
});

describe('a porter whose database is lost', () => {
  it('is rebuilt from log and receipts, and makes no row of legacy again', async () => {
    const placed = await place('lost', 25);
    await drained(world);
    for (const { id } of placed.slice(0, 5)) expect((await tell('POST', `/v2/orders/${id}/ship`)).status).toBe(200);
    for (const { id } of placed.slice(5, 8)) expect((await tell('POST', `/v2/orders/${id}/cancel`)).status).toBe(200);
    await drained(world);
    const [journal, writes, rows] = [await journalOf(), await committedWrites(), await legacyOrders()];
    expect(journal.links.length).toBeGreaterThan(1_000);

    await world.app('legacy-porter').stop();
    await loseSchemaOfPorter();
    await world.app('legacy-porter').start();
    await drained(world, 120_000);

    expect(await committedWrites()).toBe(writes);
    expect(await legacyOrders()).toBe(rows);
    expect(await journalOf()).toEqual(journal);
    expect(await banyan(world, 'verify')).toMatchObject({ verdict: 'identical' });
    for (const books of await booksOf('order')) expect(books).toMatchObject({ balanced: true });
  }, 240_000);

  it('goes on by the rows that it was told: what is changed is changed, what somebody else wrote is not covered', async () => {
    const [one, other] = await place('after', 2);
    if (one === undefined || other === undefined) throw new Error('two orders');
    await drained(world);
    await world.app('legacy-porter').kill();
    await loseSchemaOfPorter();
    await inDatabase(world.databaseUrls.legacy, 'update orders set freight = 99 where po_number = $1', [other.id]);
    await world.app('legacy-porter').start();
    for (const { id } of [one, other]) expect((await tell('POST', `/v2/orders/${id}/ship`)).status).toBe(200);
    const parked = await until(
      'the bypass',
      async () => {
        // It says that a porter is away which still reads its receipts.
        const { code, stdout } = await world.banyan('parked', 'list', '--json');
        const standing = code === 0 ? (JSON.parse(stdout) as (Parked & { errorCode: string })[]) : [];
        return standing.length > 0 ? standing : undefined;
      },
      120_000,
    );
    expect(parked).toMatchObject([{ key: other.id, errorCode: 'PORTER_BYPASS' }]);
    const [row] = await inDatabase<{ shipped: boolean }>(
      world.databaseUrls.legacy,
      'select shipped_date is not null as shipped from orders where po_number = $1',
      [one.id],
    );
    expect(row).toEqual({ shipped: true });
  }, 240_000);
});

function place(name: string, count: number) {
  return placeOrders({ newApiUrl: world.urls['new-api'], name, count, concurrency: 4, timeoutMs: 60_000 });
}

async function tell(method: 'GET' | 'POST', path: string) {
  const options = {
    method,
    headers: { 'content-type': 'application/json' },
    ...(method === 'POST' ? { body: '{}' } : {}),
  };
  const answer = await request(`${world.urls['new-api']}${path}`, options);
  const body = (await answer.body.json()) as { code?: string };
  return { status: answer.statusCode, code: body.code, body };
}

async function standing(key: string): Promise<readonly Parked[]> {
  return (await banyan<Parked[]>(world, 'parked list')).filter((one) => one.key === key && one.kind === 'state');
}

/** As a writer might that is broken: the headers are right, the value is none. */
async function appendPoison(key: string, expectedVersion: number, value: Buffer): Promise<string> {
  const log = createKafkaEventLog({ brokers: (world.cliEnv.KAFKA_BROKERS ?? '').split(','), clientId: 'poison' });
  const id = newId();
  const type = 'northwind.order.v1.OrderRevised';
  const [{ epoch }] = (await inDatabase<{ epoch: number }>(
    world.databaseUrls.banyan_operator,
    `select max(epoch)::int as epoch from v2.sink_offset where consumer = 'order'`,
  )) as [{ epoch: number }];
  const base = { id, type, source: 'poison', timeMs: 0, subject: key, origin: 'api', expectedVersion, epoch } as const;
  try {
    const topic = topicName(world.topicPrefix, 'northwind.order.v1');
    await (await log.appender()).append({ topic, key, value, headers: eventHeaders({ ...base, liveness: 'live' }) });
  } finally {
    await log.close();
  }
  return id;
}

async function booksOf(entity: string): Promise<readonly object[]> {
  const reports = await Promise.all(
    (['v2-projector', 'legacy-porter'] as const).map(async (app) => {
      const answer = await request(`${world.urls[app]}/internal/status`);
      return (await answer.body.json()) as { consumers: { consumer: string; books: object }[] };
    }),
  );
  return reports.flatMap(({ consumers }) =>
    consumers.filter(({ consumer }) => [entity, `${entity}.backend`].includes(consumer)).map(({ books }) => books),
  );
}

async function legacyFreight(key: string): Promise<number | undefined> {
  const rows = await inDatabase<{ freight: number }>(
    world.databaseUrls.legacy,
    'select freight::float8 as freight from orders where po_number = $1',
    [key],
  );
  return rows[0] === undefined ? undefined : Math.round(rows[0].freight * 100) / 100;
}

/** What the porter has to know of legacy: everything but when. */
async function journalOf() {
  const url = world.databaseUrls.banyan_porter;
  const [links, ported] = await Promise.all([
    inDatabase(url, 'select entity, port, key::text as key, legacy_id from porter.link order by 1, 2, 4'),
    inDatabase(
      url,
      'select consumer, key::text as key, version::int as version, hash from porter.ported order by 1, 2',
    ),
  ]);
  return { links, ported };
}

async function loseSchemaOfPorter(): Promise<void> {
  await inDatabase(world.databaseUrls.admin, 'drop schema porter cascade');
  const passwords = Object.fromEntries(
    OWNERS.map(({ role }) => [role, new URL(world.databaseUrls[role]).password]),
  ) as Record<Role, string>;
  await provisionDatabase(world.databaseUrls.admin, passwords);
}

/** Writes that legacy has committed, of every kind. */
async function committedWrites(): Promise<number> {
  const answer = await request(`${world.urls['legacy-admin']}/requests`);
  const { requests } = (await answer.body.json()) as { requests: { method: string; committed: number }[] };
  return requests.filter(({ method }) => method !== 'GET').reduce((sum, { committed }) => sum + committed, 0);
}

async function legacyOrders(): Promise<number> {
  const rows = await inDatabase<{ count: number }>(
    world.databaseUrls.legacy,
    'select count(*)::int as count from orders',
  );
  return rows[0]?.count ?? 0;
}

async function inDatabase<R extends object>(url: string, text: string, values: readonly unknown[] = []): Promise<R[]> {
  const pool = createPool({ url, applicationName: 'lost-past-spec', max: 1 });
  return (await query<R>(pool, text, values as never).finally(() => pool.end())) as R[];
}
