import { setTimeout as delay } from 'node:timers/promises';
import { createDatabase, dropDatabase, randomPrefix, testStack } from '@banyan/stack/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { listen } from './listen.js';
import { migrate } from './migrate.js';
import { type Connection, createPool, type Pool, query, together, transaction } from './pool.js';

const database = `${randomPrefix()}postgres`;
let adminUrl: string;
let url: string;
let pool: Pool;
const idleErrors: Error[] = [];

beforeAll(async () => {
  adminUrl = (await testStack()).databaseUrl;
  url = await createDatabase(adminUrl, database);
  pool = createPool({ url, applicationName: 'pool-spec', max: 4, onIdleError: (error) => idleErrors.push(error) });
}, 180_000);

afterAll(async () => {
  await pool.end();
  await dropDatabase(adminUrl, database);
});

/** Ends the server's side of all connections of one application, as a restart does. */
async function cut(applicationName: string): Promise<number> {
  const other = createPool({ url: adminUrl, applicationName: 'cutter', max: 1 });
  try {
    const cuts = await query(
      other,
      'select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1',
      [applicationName],
    );
    return cuts.length;
  } finally {
    await other.end();
  }
}

async function until(what: () => boolean): Promise<void> {
  for (let waitedMs = 0; !what(); waitedMs += 10) {
    if (waitedMs > 20_000) throw new Error(`waited in vain for ${what}`);
    await delay(10);
  }
}

describe('the pool', () => {
  it('survives that the server ends its connections, and tells of it', async () => {
    await query(pool, 'select 1');
    const before = idleErrors.length;
    expect(await cut('pool-spec')).toBeGreaterThan(0);
    await until(() => idleErrors.length > before);
    expect(await query(pool, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('calls a connection that breaks inside a transaction unavailable, and the next transaction works', async () => {
    const broken = transaction(pool, async (tx) => {
      await tx.query('create table never (id int)');
      await cut('pool-spec');
      await tx.query('select 1');
    });
    await expect(broken).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE', retryable: true });
    expect(await transaction(pool, async (tx) => (await tx.query(`select to_regclass('never') as it`)).rows)).toEqual([
      { it: null },
    ]);
  });

  it.each([
    ['a server that refuses', 'postgres://nobody@127.0.0.1:1/none'],
    ['a host that is not there', 'postgres://nobody@nowhere.invalid:5432/none'],
  ])('calls %s unavailable', async (_, nowhere) => {
    const away = createPool({ url: nowhere, applicationName: 'away' });
    await expect(query(away, 'select 1')).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE', retryable: true });
    await expect(transaction(away, async () => 1)).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
    await away.end();
  });

  it('ends a statement that takes too long, as unavailable', async () => {
    const hasty = createPool({ url, applicationName: 'hasty', statementTimeoutMs: 1_000 });
    await expect(query(hasty, 'select pg_sleep(30)')).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
    expect(await query(hasty, 'select 1 as one')).toEqual([{ one: 1 }]);
    await hasty.end();
  });

  it('refuses at once what would wait behind too many, and serves those who wait', async () => {
    const small = createPool({ url, applicationName: 'bounded', max: 1, maxWaiting: 1 });
    const held = await small.connect();
    const waits = query(small, 'select 1 as one');
    const refused = { code: 'POSTGRES_UNAVAILABLE', retryable: true };
    await expect(query(small, 'select 2')).rejects.toMatchObject(refused);
    await expect(transaction(small, async () => 3)).rejects.toMatchObject(refused);
    held.release();
    expect(await waits).toEqual([{ one: 1 }]);
    expect(await query(small, 'select 4 as four')).toEqual([{ four: 4 }]);
    await small.end();
  });

  it('rolls back what throws, and throws the same', async () => {
    const own = new Error('own');
    await expect(
      transaction(pool, async (tx) => {
        await tx.query('create table never (id int)');
        throw own;
      }),
    ).rejects.toBe(own);
    expect(await query(pool, `select to_regclass('never') as it`)).toEqual([{ it: null }]);
  });

  it('gives values as JSON can hold them', async () => {
    const rows = await query(
      pool,
      `select 9007199254740991::bigint as big, date '1996-07-04' as day,
      timestamptz '1996-07-04 10:00:00.123+02' as at, null::bigint as none`,
    );
    expect(rows).toEqual([{ big: 9007199254740991, day: '1996-07-04', at: '1996-07-04T08:00:00.123Z', none: null }]);
    await expect(query(pool, 'select 9007199254740992::bigint')).rejects.toThrow(RangeError);
  });
});

describe('statements of a connection', () => {
  const prepared = (tx: Connection) => query<{ statement: string }>(tx, 'select statement from pg_prepared_statements');

  it('are planned once each where they have values, and by one name in all connections', async () => {
    const text = 'select $1::int + 1 as more';
    for (let times = 1; times <= 3; times += 1) {
      await transaction(pool, async (tx) => {
        expect(await query(tx, text, [times])).toEqual([{ more: times + 1 }]);
        expect((await tx.query(text, [times])).rows).toEqual([{ more: times + 1 }]);
        await tx.query('select 7');
        await query(tx, 'select 8; select 9');
        const own = (await prepared(tx)).filter(({ statement }) => statement === text || statement === 'select 7');
        expect(own).toEqual([{ statement: text }]);
      });
    }
  });

  it('find their rows by an index where they are to, in a table that was small when they were planned', async () => {
    await query(pool, 'create table young (id int primary key, seen int)');
    await query(pool, 'insert into young select id, 0 from generate_series(1, 100) as id');
    const all = Array.from({ length: 100 }, (_, at) => at);
    const planOf = async (byIndex: boolean) => {
      const lone = createPool({ url, applicationName: 'lone', max: 1, byIndex });
      const rows = await query<{ 'QUERY PLAN': string }>(
        lone,
        'explain (costs off) update young set seen = 1 from unnest($1::int[]) as given (id) where young.id = given.id',
        [all],
      );
      await lone.end();
      return rows.map((row) => row['QUERY PLAN']).join(' ');
    };
    expect(await planOf(true)).toMatch(/Index Scan.* on young/);
    expect(await planOf(false)).toMatch(/Seq Scan on young/);
  });

  it('fail so that they may be tried again where their plan is not valid any more, and then work', async () => {
    const lone = createPool({ url, applicationName: 'lone', max: 1 });
    await query(lone, 'create table planned (a int)');
    const all = 'select * from planned where a > $1';
    expect(await query(lone, all, [0])).toEqual([]);
    await query(pool, 'alter table planned add column b text');
    await query(pool, `insert into planned values (1, 'x')`);
    await expect(query(lone, all, [0])).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE', retryable: true });
    expect(await query(lone, all, [0])).toEqual([{ a: 1, b: 'x' }]);
    await lone.end();
  });

  it('fail so that they may be tried again behind a pooler that has given the connection to another server', async () => {
    const lone = createPool({ url, applicationName: 'lone', max: 1 });
    const text = 'select $1::int as it';
    await query(lone, text, [1]);
    await query(lone, 'deallocate all');
    await expect(query(lone, text, [1])).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE', retryable: true });
    expect(await query(lone, text, [1])).toEqual([{ it: 1 }]);
    await lone.end();
  });

  it('go together in the order in which they are said, and what one of them throws is thrown when all have ended', async () => {
    await query(pool, 'create table said (place serial, word text check (word <> $$no$$))');
    const say = (tx: Connection, word: string) => tx.query('insert into said (word) values ($1)', [word]);
    await transaction(pool, (tx) => together(...['a', 'b', 'c', 'd'].map((word) => say(tx, word))));
    expect(await query(pool, 'select word from said order by place')).toEqual(
      ['a', 'b', 'c', 'd'].map((word) => ({ word })),
    );
    const ends: string[] = [];
    const failing = transaction(pool, async (tx) => {
      const noted = (word: string) => say(tx, word).finally(() => ends.push(word));
      await together(noted('e'), noted('no'), noted('f'));
    }).finally(() => ends.push('over'));
    await expect(failing).rejects.toMatchObject({ code: '23514' });
    expect(ends).toEqual(['e', 'no', 'f', 'over']);
    expect(await query(pool, 'select count(*)::int as n from said')).toEqual([{ n: 4 }]);
  });

  it('are never said to be written where one of them has failed and nobody heeded it', async () => {
    await query(pool, 'create table unheeded (id int primary key)');
    const careless = transaction(pool, async (tx) => {
      await tx.query('insert into unheeded values (1)');
      await tx.query('insert into unheeded values (1)').catch(() => undefined);
    });
    await expect(careless).rejects.toThrow('rolled back');
    expect(await query(pool, 'select * from unheeded')).toEqual([]);
  });
});

describe('migrations', () => {
  const one = { name: 'one', sql: 'create table a (id int); create table b (id int)' };
  const two = { name: 'two', sql: 'alter table a add column text text' };

  it('run once each, in order, however many processes start at once', async () => {
    const all = await Promise.all([1, 2, 3, 4].map(() => migrate(pool, 'once', [one, two])));
    expect(all.flat()).toEqual(['one', 'two']);
    expect(await migrate(pool, 'once', [one, two, { name: 'three', sql: 'drop table b' }])).toEqual(['three']);
  });

  it('refuse a migration that reads differently from when it ran', async () => {
    await migrate(pool, 'changed', [one]);
    await expect(migrate(pool, 'changed', [{ ...one, sql: 'select 1' }])).rejects.toMatchObject({
      code: 'POSTGRES_MIGRATION_CHANGED',
    });
  });

  it('leave nothing of a run that fails', async () => {
    await expect(migrate(pool, 'half', [one, { name: 'bad', sql: 'create tabel c' }])).rejects.toMatchObject({
      code: '42601',
    });
    expect(await migrate(pool, 'half', [one])).toEqual(['one']);
  });

  it('refuse a schema name that could carry SQL', async () => {
    await expect(migrate(pool, 'a"; drop schema public; --', [])).rejects.toMatchObject({
      code: 'POSTGRES_BAD_IDENTIFIER',
    });
  });
});

describe('listening', () => {
  it('hears notifications, and again after its connection broke', async () => {
    const heard: string[] = [];
    let connects = 0;
    const listener = listen({
      url,
      applicationName: 'listener-spec',
      channel: 'spec_channel',
      onNotify: (payload) => heard.push(payload),
      onConnect: () => {
        connects += 1;
      },
    });
    try {
      await until(() => listener.connected());
      await query(pool, `select pg_notify('spec_channel', 'one')`);
      await until(() => heard.includes('one'));
      expect(await cut('listener-spec')).toBe(1);
      await until(() => connects === 2);
      await query(pool, `select pg_notify('spec_channel', 'two')`);
      await until(() => heard.includes('two'));
    } finally {
      await listener.close();
    }
    expect(listener.connected()).toBe(false);
  });

  it('closes while nothing answers', async () => {
    const errors: unknown[] = [];
    const listener = listen({
      url: 'postgres://nobody@127.0.0.1:1/none',
      applicationName: 'away',
      channel: 'spec_channel',
      onNotify: () => undefined,
      onError: (error) => errors.push(error),
    });
    await until(() => errors.length > 0);
    await listener.close();
  });
});
