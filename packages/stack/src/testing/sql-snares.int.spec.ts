import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createDatabase } from './databases.js';
import { FaultyLink } from './faulty-link.js';
import { randomPrefix } from './random-prefix.js';
import { SqlSnares, type SqlStatement } from './sql-snares.js';
import { testStack } from './test-stack.js';

describe('snares for statements', () => {
  const snares = new SqlSnares();
  let databaseUrl: string;
  let link: FaultyLink;
  const clients: pg.Client[] = [];

  beforeAll(async () => {
    const { databaseUrl: server } = await testStack();
    databaseUrl = await createDatabase(server, `${randomPrefix()}snares`);
    link = await FaultyLink.to(databaseUrl, snares.wire);
    await link.up();
  }, 180_000);

  beforeEach(async () => {
    await (await client('maker', databaseUrl)).query('drop table if exists note; create table note (text text)');
  });

  afterAll(async () => {
    await Promise.allSettled(clients.map((one) => one.end()));
    await link?.down();
  });

  async function client(
    applicationName: string,
    address = link.through(databaseUrl),
    options: { readonly pipeline?: boolean } = {},
  ): Promise<pg.Client> {
    const made = new pg.Client({ connectionString: address, application_name: applicationName, ...options });
    made.on('error', () => undefined);
    clients.push(made);
    await made.connect();
    return made;
  }

  async function insertInTransaction(applicationName: string): Promise<unknown> {
    const writer = await client(applicationName);
    await writer.query('begin');
    await writer.query('insert into note values ($1)', [applicationName]);
    return writer.query('commit');
  }

  async function notes(): Promise<readonly string[]> {
    const reader = await client('reader', databaseUrl);
    return (await reader.query<{ text: string }>('select text from note order by text')).rows.map(({ text }) => text);
  }

  const commitOf = (name: string) => (statement: SqlStatement) =>
    statement.applicationName === name &&
    statement.text === 'commit' &&
    statement.before.some((text) => text.startsWith('insert into note'));

  it.each([
    ['request', ['other']],
    ['answer', ['other', 'victim']],
  ] as const)('catches the %s of the commit that is meant, and no other', async (at, expected) => {
    let struck = 0;
    const snare = snares.arm(commitOf('victim'), at, async () => {
      struck += 1;
    });
    const empty = await client('victim');
    await empty.query('begin');
    await empty.query('commit');
    await insertInTransaction('other');
    await expect(insertInTransaction('victim')).rejects.toThrow();
    await snare.sprung;
    expect([await notes(), struck]).toEqual([expected, 1]);
    await insertInTransaction('victim');
    expect(struck).toBe(1);
  });

  it('catches the next one instead of one whose connection ended before its answer', async () => {
    const sleeps = ({ text }: SqlStatement) => text.startsWith('select pg_sleep');
    const snare = snares.arm(sleeps, 'answer', async () => undefined);
    const gone = await client('victim');
    const asked = gone.query('select pg_sleep(60)').catch(() => 'gone');
    const reader = await client('reader', databaseUrl);
    const asleep = `select from pg_stat_activity where query like 'select pg_sleep%'`;
    while ((await reader.query(asleep)).rowCount !== 1) await new Promise((resolve) => setImmediate(resolve));
    const { open } = link;
    (gone as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy();
    expect(await asked).toBe('gone');
    while (link.open > open - 2) await new Promise((resolve) => setImmediate(resolve));
    await expect((await client('victim')).query('select pg_sleep(0)')).rejects.toThrow();
    await snare.sprung;
  });

  it('knows a prepared statement by its name, and nothing once it is disarmed', async () => {
    const writer = await client('victim');
    const insert = () => writer.query({ name: 'put', text: 'insert into note values ($1)', values: ['prepared'] });
    await insert();
    const meant = ({ text }: SqlStatement) => text.startsWith('insert into note');
    snares.arm(meant, 'request', async () => undefined).disarm();
    await insert();
    snares.arm(meant, 'request', async () => undefined);
    await expect(insert()).rejects.toThrow();
    expect(await notes()).toEqual(['prepared', 'prepared']);
  });

  it.each([
    ['request', ['1']],
    ['answer', ['1', '2']],
  ] as const)(
    'catches the %s of one that is sent in one go with others, behind those before it',
    async (at, expected) => {
      const writer = await client('victim', link.through(databaseUrl), { pipeline: true });
      const insert = (text: string) =>
        writer.query({ name: 'put', text: 'insert into note values ($1)', values: [text] }).then(
          () => 'done',
          () => 'broken',
        );
      let inserts = 0;
      const meant = ({ text }: SqlStatement) => text.startsWith('insert into note') && ++inserts === 2;
      const snare = snares.arm(meant, at, async () => undefined);
      const told = await Promise.all([insert('1'), insert('2'), insert('3')]);
      await snare.sprung;
      expect([told, (await notes()).slice(0, expected.length)]).toEqual([['done', 'broken', 'broken'], expected]);
      if (at === 'request') expect(await notes()).toEqual(expected);
    },
  );
});
