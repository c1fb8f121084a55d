import { createPool, type Pool, query, transaction } from '@banyan/postgres';
import type { EffectiveChange } from '@banyan/sink';
import { createDatabase, dropDatabase, randomPrefix, testStack } from '@banyan/stack/testing';
import type { AnyEntity } from '@banyan/transformer';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { applyProjections } from './apply-projections.js';

const database = `${randomPrefix()}rows`;
let adminUrl: string;
let pool: Pool;

beforeAll(async () => {
  adminUrl = (await testStack()).databaseUrl;
  pool = createPool({ url: await createDatabase(adminUrl, database), applicationName: 'rows-spec' });
  await query(pool, 'create schema v2');
}, 180_000);

afterAll(async () => {
  await pool.end();
  await dropDatabase(adminUrl, database);
});

const id = (number: number) => `00000000-0000-4000-8000-00000000000${number}`;
const of = (key: string, after: unknown) => ({ key, after, outcome: 'effective' }) as EffectiveChange;
type Line = { readonly id?: string; readonly number: number; readonly text: string | null };

describe.each([
  ['whose key is its own', 'id uuid primary key, number int, text text'],
  ['with several rows of a key', 'id uuid, number int, text text, primary key (id, number)'],
  ['with a second key', 'id uuid primary key, number int unique, text text'],
])('the table of a projection, %s', (_, columns) => {
  const apply = applyProjections({
    projections: [
      {
        table: 'lines',
        key: 'id',
        columns: { id: 'uuid', number: 'int', text: 'text' },
        rows: (state: unknown, key: string) =>
          ((state as readonly Line[] | undefined) ?? []).map((line) => ({ id: key, ...line })),
      },
    ],
    legacy: { ports: [] },
  } as unknown as AnyEntity);
  const replace = (...changed: readonly EffectiveChange[]) => transaction(pool, (tx) => apply(tx, changed));
  const rows = async () =>
    (
      await query<{ row: string }>(
        pool,
        `select concat_ws(':', right(id::text, 1), number, text) as row from v2.lines order by 1`,
      )
    ).map(({ row }) => row);

  beforeEach(async () => {
    await query(pool, `drop table if exists v2.lines`);
    await query(pool, `create table v2.lines (${columns})`);
  });

  it('has the rows of the last states: new, other, none, and one that comes back', async () => {
    await replace(of(id(1), [{ number: 1, text: 'a' }]), of(id(2), [{ number: 2, text: 'b' }]), of(id(3), undefined));
    await replace(of(id(1), [{ number: 1, text: null }]), of(id(2), undefined), of(id(3), [{ number: 3, text: 'c' }]));
    expect(await rows()).toEqual(['1:1', '3:3:c']);
    await replace(of(id(2), [{ number: 2, text: 'again' }]));
    expect(await rows()).toEqual(['1:1', '2:2:again', '3:3:c']);
  });

  it('changes nothing when the same is written again', async () => {
    const changed = [of(id(1), [{ number: 1, text: 'a' }]), of(id(2), undefined)];
    await replace(...changed);
    await replace(...changed);
    expect(await rows()).toEqual(['1:1:a']);
  });

  it('lets two keys swap what must differ', async () => {
    await replace(of(id(1), [{ number: 1, text: 'a' }]), of(id(2), [{ number: 2, text: 'b' }]));
    await replace(of(id(1), [{ number: 2, text: 'a' }]), of(id(2), [{ number: 1, text: 'b' }]));
    expect(await rows()).toEqual(['1:2:a', '2:1:b']);
  });

  it('refuses as a row what the table does not allow, and never as something that heals', async () => {
    const twice = [
      { number: 1, text: 'a' },
      { number: 1, text: 'b' },
    ];
    await expect(replace(of(id(1), twice))).rejects.toMatchObject({ code: '23505' });
    const stray = [{ id: id(2), number: 2, text: 'stray' }];
    await expect(replace(of(id(1), stray), of(id(2), stray))).rejects.toMatchObject({ code: '23505' });
    expect(await rows()).toEqual([]);
  });
});
