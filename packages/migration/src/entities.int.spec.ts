import { importedId } from '@banyan/core';
import { createHttpReader, createLegacyApi, createSqlReader, type LegacyApi, type LegacyReader } from '@banyan/legacy';
import { type Legacy, loadNorthwind, startLegacy } from '@banyan/legacy-northwind';
import { bulkInsert, createPool, migrate, type Pool } from '@banyan/postgres';
import { createDatabase, dropDatabase, randomPrefix, type TestStack, testStack } from '@banyan/stack/testing';
import { type AnyEntity, asReal, type LegacyRow, primaryPortOf } from '@banyan/transformer';
import { checkLawOfThePort, northwindRows } from '@banyan/transformer/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { entities, entityNamed } from './index.js';

/** Everything of an entity that is SQL or legacy's HTTP contract, on a real PostgreSQL and the real legacy system. */
const FILES: Readonly<Record<string, string>> = { customer: 'customers', product: 'products', order: 'orders' };
const database = `${randomPrefix().replaceAll(/[^a-z0-9]/g, '_')}migration`;

let stack: TestStack;
let legacyPool: Pool;
let v2: Pool;
let legacy: Legacy;
let api: LegacyApi;

beforeAll(async () => {
  stack = await testStack();
  const legacyUrl = await createDatabase(stack.databaseUrl, `${database}_legacy`);
  const v2Url = await createDatabase(stack.databaseUrl, `${database}_v2`);
  await loadNorthwind(legacyUrl);
  legacy = await startLegacy({ databaseUrl: legacyUrl, port: 0, adminPort: 0 });
  api = createLegacyApi({ baseUrl: legacy.url });
  legacyPool = createPool({ url: legacyUrl, applicationName: 'migration-spec' });
  v2 = createPool({ url: v2Url, applicationName: 'migration-spec' });
  await migrate(
    v2,
    'v2',
    entities.flatMap((entity) => entity.migrations),
  );
}, 180_000);

afterAll(async () => {
  await api?.close();
  await legacy?.stop();
  await Promise.all([legacyPool?.end(), v2?.end()]);
  await dropDatabase(stack.databaseUrl, `${database}_legacy`);
  await dropDatabase(stack.databaseUrl, `${database}_v2`);
});

/** Of an entity that was added later, nothing is known beforehand: there SQL and HTTP are held against each other alone. */
function fileRows({ name, legacy }: AnyEntity): readonly LegacyRow[] | undefined {
  const file = FILES[name];
  return file === undefined ? undefined : northwindRows(file).map((row) => legacy.reader.canonical(row));
}

async function rowsBySql({ legacy }: AnyEntity): Promise<readonly LegacyRow[]> {
  return [...(await allRows(createSqlReader(legacy, legacyPool))).values()].filter((row) => row !== undefined);
}

async function allRows(reader: LegacyReader): Promise<Map<string, LegacyRow | undefined>> {
  const all = new Map<string, LegacyRow | undefined>();
  for (let after: string | null = null; ; ) {
    const page = await reader.idsAfter(after, 100);
    const { rows, invalid } = await reader.rows(page.ids);
    expect(invalid).toEqual([]);
    for (const [id, row] of rows) all.set(id, row);
    after = page.ids.at(-1) ?? after;
    if (page.last) return all;
  }
}

const ofNorthwind = entities.filter(({ domain }) => domain === 'northwind');

describe.each(ofNorthwind.map((entity) => [entity.name, entity] as const))('%s', (_name, entity) => {
  it('is read by SQL and by HTTP to one canonical row, that of the files', async () => {
    const bySql = Object.fromEntries(await allRows(createSqlReader(entity.legacy, legacyPool)));
    const byHttp = Object.fromEntries(await allRows(createHttpReader(entity.legacy, api)));
    const expected = fileRows(entity)?.map((row) => [entity.legacy.idOf(row), row] as const);
    expect(Object.keys(bySql).length).toBeGreaterThan(0);
    expect(byHttp).toEqual(bySql);
    if (expected !== undefined) expect(bySql).toEqual(Object.fromEntries(expected));
  });

  it('obeys the law of the port in every row that legacy has', async () => {
    const rows = await rowsBySql(entity);
    expect(checkLawOfThePort(entity, rows)).toMatchObject({ rows: rows.length, unmappable: [] });
  });

  it('is absent, and no error, under an id that legacy never gave', async () => {
    const id = entity.legacy.identity.type === 'derived' ? 'NOONE' : '99999999';
    expect((await createSqlReader(entity.legacy, legacyPool).rows([id])).rows.get(id)).toBeUndefined();
    expect(await createHttpReader(entity.legacy, api).one(id)).toBeUndefined();
  });

  it('is listed from its V2 rows as its state is, page by page', async () => {
    const states = new Map<string, unknown>();
    for (const row of await rowsBySql(entity)) {
      const id = importedId(entity.name, entity.legacy.idOf(row));
      states.set(id, entity.evolve(undefined, entity.legacy.importRow(row, { id, idOf: importedId })));
    }
    for (const { table, columns, rows } of entity.projections) {
      await bulkInsert(
        v2,
        { schema: 'v2', table, columns },
        [...states].flatMap(([id, state]) => rows(state, id)),
      );
    }
    const listed = await listAll(entity, {});
    expect(listed.map(({ id }) => id)).toEqual([...states.keys()].toSorted());
    for (const { id, ...rest } of listed) expect(rest).toEqual(states.get(id));
  });
});

async function listAll(entity: AnyEntity, filter: object): Promise<readonly { readonly id: string }[]> {
  const query = entity.queries.find((candidate) => candidate.type === 'list');
  if (query?.type !== 'list') throw new Error(`${entity.name} has no list`);
  const all: { id: string }[] = [];
  for (;;) {
    const params = query.params.parse({
      limit: '200',
      ...(all.length === 0 ? {} : { after: all.at(-1)?.id }),
      ...filter,
    });
    const { text, values } = query.sql(params as never);
    const { rows } = await v2.query<{ id: string }>(text, [...values]);
    if (rows.length === 0) return all;
    all.push(...rows);
  }
}

describe('orders of V2', () => {
  it('are found by customer and by status', async () => {
    const customerId = importedId('customer', 'ALFKI');
    const order = entityNamed('order');
    const alfki = (await rowsBySql(order)).filter(({ CustomerID }) => CustomerID === 'ALFKI');
    expect(await listAll(order, { customerId })).toHaveLength(alfki.length);
    expect(await listAll(order, { status: 'placed' })).toHaveLength(21);
    expect(await listAll(order, { customerId, status: 'cancelled' })).toEqual([]);
  });

  it('keep an instant to the millisecond', async () => {
    const [projection] = entityNamed('order').projections;
    if (projection === undefined) throw new Error('an order has rows');
    const [known] = await listAll(entityNamed('order'), {});
    const id = '0196a5c2-7d3e-7a11-9c55-0a1b2c3d4e5f';
    const placedAt = '2026-03-04T23:06:07.089Z';
    const row = projection.rows({ ...known, lines: [], placedAt }, id);
    await bulkInsert(v2, { schema: 'v2', table: projection.table, columns: projection.columns }, row);
    const after = (await listAll(entityNamed('order'), {})).find((listed) => listed.id === id);
    expect(after).toMatchObject({ placedAt });
  });
});

describe('the largest id that legacy gave', () => {
  it.each([
    ['product', '77'],
    ['order', '11077'],
  ])('of %s is %s', async (name, mark) => {
    expect(await createSqlReader(entityNamed(name).legacy, legacyPool).highWaterMark()).toBe(mark);
  });
});

describe('a real column', () => {
  // `asReal` is our word for what PostgreSQL does; here PostgreSQL speaks for itself.
  it('gives back what asReal says', async () => {
    const values = [
      0.01, 0.05, 32.38, 131071.99, 131072.01, 262144.03, 999999.99, 16777217, 1e9, 0.0001, 0.9999, 123456.78,
    ];
    const { rows } = await legacyPool.query<{ stored: number[] }>(
      'select json_agg(v::real order by n) as stored from unnest($1::text[]) with ordinality as t(v, n)',
      [values.map(String)],
    );
    expect(rows[0]?.stored).toEqual(values.map(asReal));
  });
});

describe('what the port writes', () => {
  it('comes back from legacy as it was written: create, update, ask, delete', async () => {
    const order = entityNamed('order');
    const { target } = primaryPortOf(order);
    const { create } = target;
    if (create.deliveryClass !== 'probe') throw new Error('orders are created with a probe');
    const reader = createHttpReader(order.legacy, api);
    const id = '0196a5c2-7d3e-7a11-9c55-0a1b2c3d4e60';
    const row = {
      ...(await rowsBySql(order))[0],
      OrderID: null,
      PoNumber: id,
      Freight: 131071.99,
      Details: [{ ProductID: 1, UnitPrice: 0.01, Quantity: 32767, Discount: 0.0001 }],
    };
    const legacyId = create.idFromAnswer(await send(create.request(row)));
    expect(await reader.one(legacyId)).toEqual({ ...row, OrderID: Number(legacyId) });

    const found = (await send({ method: 'GET', path: create.probePath(row, '11077') })) as unknown[];
    const candidates = found.map((raw) => order.legacy.reader.canonical(raw));
    expect(candidates.filter((candidate) => create.isOurs(candidate, row, { id, isAbove: true }))).toHaveLength(1);

    const changed = { ...row, OrderID: Number(legacyId), ShippedDate: '2026-03-04', Freight: 0 };
    await send(target.update(legacyId, changed));
    expect(await reader.one(legacyId)).toEqual(changed);

    await send(target.delete(legacyId));
    expect(await reader.one(legacyId)).toBeUndefined();
  });
});

async function send(request: Parameters<LegacyApi['send']>[0]): Promise<unknown> {
  const answer = await api.send(request);
  if (answer.type !== 'answered' || answer.status >= 300) throw new Error(`legacy said ${JSON.stringify(answer)}`);
  return answer.body === '' ? undefined : JSON.parse(answer.body);
}
