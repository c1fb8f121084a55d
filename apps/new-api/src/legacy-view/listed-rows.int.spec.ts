import { query } from '@banyan/postgres';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { anEnvironment, type Environment, untilReady } from '../testing/environment.js';
import { type ListedQuery, listedRows } from './listed-rows.js';

const MANY = 5_000;

let environment: Environment;

// The projector owns the tables and their indexes: it makes them here as anywhere.
beforeAll(async () => {
  environment = await anEnvironment();
  await untilReady(environment.projector.url);
  for (const entity of ['number', 'code']) {
    const id = entity === 'number' ? 'n::text' : `'C' || lpad(n::text, 5, '0')`;
    await query(
      environment.pool,
      `with made as (select n, gen_random_uuid() as key from generate_series(1, ${MANY}) as n),
         states as (
           insert into v2.state (consumer, key, version, liveness, owner, epoch, recent_events, document, applied_version, transformer_version)
           select '${entity}', key, 1, case when n = 3 then 'deleted' else 'live' end, 'legacy', 0, '',
             case when n <> 3 then jsonb_build_object('n', n) end, 1, 1 from made)
       insert into v2.link (entity, key, legacy_id, port) select '${entity}', key, ${id}, 'backend' from made`,
    );
  }
  await query(environment.pool, 'analyze v2.link, v2.state');
}, 180_000);

afterAll(async () => {
  await environment?.close();
});

const rowsOf = (text: string, values: readonly unknown[]) =>
  query<Record<string, unknown>>(environment.pool, text, values);
const listed = (name: 'number' | 'code', asked: Partial<ListedQuery> = {}, rows: typeof rowsOf = rowsOf) =>
  listedRows({ rows } as never, { name, numbered: name === 'number' }, { searches: [], ...asked });
const idsOf = async (...of: Parameters<typeof listed>) => {
  const { rows, total } = await listed(...of);
  return { ids: rows.map(({ legacyId }) => legacyId), total };
};

describe('the rows of a translated list', () => {
  it('come as legacy sorts them, page by page, without what was deleted', async () => {
    const size = 4;
    const all = MANY - 1;
    expect(await idsOf('number', { page: { number: 1, size } })).toEqual({ ids: ['1', '2', '4', '5'], total: all });
    expect(await idsOf('number', { page: { number: 3, size } })).toEqual({ ids: ['10', '11', '12', '13'], total: all });
    expect(await idsOf('code', { page: { number: 1, size } })).toEqual({
      ids: ['C00001', 'C00002', 'C00004', 'C00005'],
      total: all,
    });
  });

  it('have the same total on the last page, behind it, and without pages', async () => {
    const all = MANY - 1;
    expect(await idsOf('number', { page: { number: 1250, size: 4 } })).toEqual({
      ids: ['4998', '4999', '5000'],
      total: all,
    });
    expect(await idsOf('number', { page: { number: 9_999, size: 4 } })).toEqual({ ids: [], total: all });
    expect((await listed('number')).rows).toHaveLength(all);
    expect((await listed('number')).total).toBe(all);
  });

  it('are those asked for by id, or found by a search', async () => {
    expect(await idsOf('number', { ids: ['7', '3', '10'] })).toEqual({ ids: ['7', '10'], total: 2 });
    expect(await idsOf('number', { ids: ['3'] })).toEqual({ ids: [], total: 0 });
    const sql = `select key from v2.state where consumer = 'code' and document->>'n' = $1`;
    expect(await idsOf('code', { searches: [{ sql, value: '12' }] })).toEqual({ ids: ['C00012'], total: 1 });
  });

  it.each(['number', 'code'] as const)('are read along an index that has their order: %s', async (name) => {
    let plan = '';
    const explained: typeof rowsOf = async (text, values) => {
      const lines = await query<{ 'QUERY PLAN': string }>(environment.pool, `explain ${text}`, values);
      plan = lines.map((line) => line['QUERY PLAN']).join('\n');
      return [];
    };
    await listed(name, { page: { number: 2, size: 20 } }, explained);
    expect(plan).toMatch(new RegExp(`Limit[\\s\\S]*Index (Only )?Scan using link_by_${name} on link`));
  });
});
