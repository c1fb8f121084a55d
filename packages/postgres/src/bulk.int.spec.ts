import { createDatabase, dropDatabase, randomPrefix, testStack } from '@banyan/stack/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type BulkRow, bulkDelete, bulkInsert, bulkUpsert } from './bulk.js';
import { sqlStateOf } from './errors.js';
import { migrate } from './migrate.js';
import { createPool, type Pool, query } from './pool.js';

const database = `${randomPrefix()}bulk`;
let adminUrl: string;
let pool: Pool;

beforeAll(async () => {
  adminUrl = (await testStack()).databaseUrl;
  pool = createPool({ url: await createDatabase(adminUrl, database), applicationName: 'bulk-spec', max: 4 });
}, 180_000);

afterAll(async () => {
  await pool.end();
  await dropDatabase(adminUrl, database);
});

describe('bulk writes', () => {
  const table = {
    schema: 'bulk',
    table: 'thing',
    columns: {
      id: 'uuid',
      name: 'varchar(5)',
      price: 'numeric(10,2)',
      code: 'char(3)',
      data: 'jsonb',
      bytes: 'bytea',
      day: 'date',
      flag: 'boolean',
    },
  };
  const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
  const full = {
    id: id(1),
    name: `"{}\\`,
    price: '12.34',
    code: 'USD',
    data: { a: ['"', null] },
    bytes: Buffer.from([0, 255]),
    day: '1996-07-04',
    flag: false,
  };

  beforeAll(async () => {
    await migrate(pool, 'bulk', [
      {
        name: 'thing',
        sql: 'create table thing (id uuid primary key, name varchar(5), price numeric(10,2), code char(3), data jsonb, bytes bytea, day date, flag boolean)',
      },
    ]);
  });

  it('write every type as it is, missing values as null', async () => {
    await bulkInsert(pool, table, [full, { id: id(2) }]);
    expect(await query(pool, 'select * from bulk.thing order by id')).toEqual([
      full,
      { id: id(2), name: null, price: null, code: null, data: null, bytes: null, day: null, flag: null },
    ]);
  });

  it('write what all rows have alike, and rows that are alike as often as they come', async () => {
    const same = { ...full, data: null };
    const rows = [5, 6, 7].map((n) => ({ ...same, id: id(n), flag: n === 6 }));
    await bulkInsert(pool, table, rows);
    expect(await query(pool, 'select * from bulk.thing where id >= $1 order by id', [id(5)])).toEqual(rows);
    await query(pool, 'create table bulk.alike (name text, n int, data jsonb)');
    const alike = { schema: 'bulk', table: 'alike', columns: { name: 'text', n: 'int', data: 'jsonb' } };
    const two = [
      { name: 'a', n: 1, data: null },
      { name: 'a', n: 1 },
    ];
    expect(await bulkInsert(pool, alike, two)).toBe(2);
    expect(await bulkInsert(pool, alike, [{ name: null, n: 0, data: [1] }])).toBe(1);
    expect(await query(pool, 'select * from bulk.alike order by n')).toEqual([
      { name: null, n: 0, data: [1] },
      { name: 'a', n: 1, data: null },
      { name: 'a', n: 1, data: null },
    ]);
    await bulkDelete(
      pool,
      { ...table, key: 'id' },
      rows.map((row) => row.id),
    );
  });

  it('write what single rows would have, of every type, and refuse what they would have refused', async () => {
    const words = fc
      .string({ unit: 'binary', maxLength: 12 })
      .filter((text) => text.isWellFormed() && !text.includes('\0'));
    const odd = fc.constantFrom<unknown>(
      null,
      undefined,
      true,
      false,
      0,
      1,
      -0,
      2 ** 31,
      2 ** 53 - 1,
      -(2 ** 53) + 1,
      1.5,
      Number.NaN,
      2n ** 63n - 1n,
      '',
      'NULL',
      '7',
      't',
      '"\\{},',
      '1996-07-04',
      '1996-07-04T12:00:00.123456Z',
      new Date(0),
      id(1),
    );
    const ofType: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
      text: words,
      'varchar(5)': words,
      'char(3)': fc.string({ maxLength: 4, unit: fc.constantFrom('a', ' ', 'é') }),
      int: fc.integer(),
      smallint: fc.integer({ min: -(2 ** 15), max: 2 ** 15 - 1 }),
      bigint: fc.maxSafeInteger(),
      'numeric(10,2)': fc.oneof(fc.integer(), fc.double({ noDefaultInfinity: true })),
      'double precision': fc.oneof(fc.integer(), fc.double()),
      boolean: fc.boolean(),
      uuid: fc.uuid(),
      date: fc.constantFrom('1996-07-04', 'infinity'),
      'timestamp with time zone': fc.date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) }),
      jsonb: fc.oneof(fc.dictionary(words, fc.jsonValue()), fc.array(fc.jsonValue()), fc.constantFrom('"x"', '{', '1')),
    };
    for (const [index, [type, usual]] of Object.entries(ofType).entries()) {
      const name = `single_${index}`;
      await query(pool, `create table bulk.${name} (place int, cell ${type})`);
      const one = { schema: 'bulk', table: name, columns: { place: 'int', cell: type } };
      const written = () => query(pool, `select cell::text from bulk.${name} order by place`);
      /** Why it was refused: the class of the SQLSTATE, or what the code itself threw. undefined = it was written. */
      const refusal = async (rows: readonly BulkRow[]): Promise<string | undefined> => {
        try {
          await bulkInsert(pool, one, rows);
          return undefined;
        } catch (error) {
          return sqlStateOf(error)?.slice(0, 2) ?? String(error);
        }
      };
      await fc.assert(
        fc.asyncProperty(fc.array(fc.oneof({ weight: 5, arbitrary: usual }, odd), { maxLength: 6 }), async (cells) => {
          const rows = cells.map((cell, place) => ({ place, cell }));
          await query(pool, `truncate bulk.${name}`);
          const together = { refused: await refusal(rows), rows: await written() };
          await query(pool, `truncate bulk.${name}`);
          const apart: (string | undefined)[] = [];
          for (const row of rows) apart.push(await refusal([row]));
          const refusals = apart.filter((why) => why !== undefined);
          const isRefused = refusals.length > 0;
          // Of several cells that are refused any may be the one that is told.
          expect(isRefused ? refusals : [undefined]).toContain(together.refused);
          expect(together.rows).toEqual(isRefused ? [] : await written());
        }),
        { numRuns: 40, examples: [[['{', 2n ** 63n - 1n]]] },
      );
    }
  });

  it('lose no row whose value has no JSON', async () => {
    await query(pool, 'create table bulk.jsonless (n int, data jsonb)');
    const jsonless = { schema: 'bulk', table: 'jsonless', columns: { n: 'int', data: 'jsonb' } };
    const rows = [
      { n: 1, data: { a: 1 } },
      { n: 2, data: () => 1 },
    ];
    await expect(bulkInsert(pool, jsonless, rows)).rejects.toMatchObject({ code: '22P02' });
  });

  it('never cut off a value that is too long for its column', async () => {
    await expect(bulkInsert(pool, table, [{ id: id(3), code: 'EURO' }])).rejects.toMatchObject({ code: '22001' });
    await expect(bulkInsert(pool, table, [{ id: id(3), name: 'too long' }])).rejects.toMatchObject({ code: '22001' });
  });

  it('write over, keep, or delete by key', async () => {
    const upsert = { ...table, conflict: ['id'] };
    await bulkUpsert(pool, upsert, [{ ...full, id: id(4), name: 'old' }]);
    await bulkUpsert(pool, { ...upsert, update: [] }, [{ id: id(4), name: 'kept' }]);
    expect(await query(pool, 'select name from bulk.thing where id = $1', [id(4)])).toEqual([{ name: 'old' }]);
    await bulkUpsert(pool, upsert, [{ id: id(4), name: 'new' }]);
    expect(await query(pool, 'select name, code from bulk.thing where id = $1', [id(4)])).toEqual([
      { name: 'new', code: null },
    ]);
    expect(await bulkDelete(pool, { ...table, key: 'id' }, [id(4), id(9)])).toBe(1);
  });
});
