import { rowHash } from '@banyan/compare';
import { newId } from '@banyan/core';
import { createPool } from '@banyan/postgres';
import { commit, FaultyLink } from '@banyan/stack/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { MARKER_DDL } from './marker.js';
import { createSqlSender, type SqlChange, type SqlSender } from './sql-sender.js';
import { SqlThings, type ThingRow, thingsTarget } from './testing/sql-things.js';

const PORT = 'thing.archive';
const row = (Name: string, Price: string | null = '1.5'): ThingRow => ({ Name, Price });
let things: SqlThings;
let sender: SqlSender<ThingRow>;
let nextId = 0;

beforeAll(async () => {
  things = await SqlThings.start();
  sender = createSqlSender(PORT, thingsTarget, things.pool);
}, 180_000);
afterAll(() => things.stop());

/** One thing and what its port knows of it, as the porter would keep it. */
class Line {
  readonly id = ++nextId;
  readonly key = newId();
  last: SqlChange['last'];

  change(version: number, row: ThingRow | null): SqlChange<ThingRow> {
    return { key: this.key, version, legacyId: String(this.id), row, last: this.last };
  }

  /** Sends, and keeps what was said as the porter's settlement does. */
  async send(version: number, row: ThingRow | null, by = sender) {
    const sent = await by.send(this.change(version, row));
    if (sent.type === 'done') this.last = { version, hash: sent.hash };
    return sent;
  }

  names = async () => (await things.sql('select name from things where id = $1', [this.id])).map(({ name }) => name);
  writes = () => things.writes(this.id);
  marker = async () =>
    (await things.sql('select version, row_hash as hash from banyan_marker where key = $1', [this.key]))[0];
}

describe('a transactional send', () => {
  it('carries create, update and delete, and moves the marker with each', async () => {
    const line = new Line();
    expect(await line.send(1, row('fig'))).toEqual({ type: 'done', hash: rowHash(row('fig')) });
    expect(await line.marker()).toEqual({ version: 1, hash: rowHash(row('fig')) });
    await things.sql(`update things set theirs = 'kept' where id = $1`, [line.id]);
    expect(await line.send(4, row('date'))).toMatchObject({ type: 'done' });
    expect(await things.sql('select name, theirs from things where id = $1', [line.id])).toEqual([
      { name: 'date', theirs: 'kept' },
    ]);
    expect(await line.send(5, null)).toEqual({ type: 'done', hash: null });
    expect(await line.names()).toEqual([]);
    expect(await line.marker()).toEqual({ version: 5, hash: null });
    expect(await line.send(6, row('fig'))).toMatchObject({ type: 'done' });
    expect(await line.writes()).toEqual(['INSERT', 'UPDATE', 'UPDATE', 'DELETE', 'INSERT']);
  });

  it('answers with the row as legacy keeps it, and goes on from that', async () => {
    const line = new Line();
    expect(await line.send(1, row('fig', '1.44'))).toEqual({ type: 'done', hash: rowHash(row('fig', '1.4')) });
    expect(await line.send(2, row('fig', '2.0'))).toMatchObject({ type: 'done' });
  });

  it('is executed once, however often it is sent', async () => {
    const line = new Line();
    const change = line.change(1, row('fig'));
    const sent = await Promise.all([1, 2, 3, 4].map(() => sender.send(change)));
    expect(sent).toEqual(sent.map(() => ({ type: 'done', hash: rowHash(row('fig')) })));
    expect(await line.writes()).toEqual(['INSERT']);
  });

  it('is found by its marker, though somebody has changed the row since', async () => {
    const line = new Line();
    const change = line.change(1, row('fig'));
    await sender.send(change);
    await things.sql(`update things set name = 'theirs' where id = $1`, [line.id]);
    // The answer of before, so that the next send meets what it did not leave.
    expect(await line.send(1, row('fig'))).toEqual({ type: 'done', hash: rowHash(row('fig')) });
    expect(await line.send(2, row('date'))).toMatchObject({ type: 'bypass' });
    expect(await line.names()).toEqual(['theirs']);
  });

  it('is looked at, and written if it is another row, when it is sent again', async () => {
    const line = new Line();
    await line.send(1, row('fig'));
    const again = async (as: ThingRow | null) => {
      const sent = await sender.send({ ...line.change(1, as), again: true });
      if (sent.type === 'done') line.last = { version: 1, hash: sent.hash };
      return sent;
    };
    expect(await again(row('fig'))).toEqual({ type: 'done', hash: rowHash(row('fig')), unsent: true });
    expect(await again(row('figs'))).toEqual({ type: 'done', hash: rowHash(row('figs')) });
    expect(await line.marker()).toEqual({ version: 1, hash: rowHash(row('figs')) });
    await things.sql(`update things set name = 'theirs' where id = $1`, [line.id]);
    expect(await again(row('fig'))).toMatchObject({ type: 'bypass' });
    await things.sql(`update things set name = 'figs' where id = $1`, [line.id]);
    expect(await line.send(2, row('date'))).toMatchObject({ type: 'done' });
    expect([await line.names(), (await line.writes()).length]).toEqual([['date'], 5]);
  });

  it('adopts a row that is as it shall be, and needs nothing where nothing shall be', async () => {
    const [there, absent] = [new Line(), new Line()];
    await things.sql(`insert into things (id, name, price) values ($1, 'fig', 1.5)`, [there.id]);
    expect(await there.send(1, row('fig'))).toMatchObject({ type: 'done' });
    expect(await there.writes()).toEqual(['INSERT']);
    expect(await absent.send(3, null)).toEqual({ type: 'done', hash: null });
  });
});

describe('compare-and-set', () => {
  const nothingMoved = async (line: Line, name: string | undefined, version: number | undefined) => {
    expect(await line.names()).toEqual(name === undefined ? [] : [name]);
    expect((await line.marker())?.version).toBe(version);
  };

  it('never overwrites or deletes what somebody else wrote', async () => {
    const line = new Line();
    await line.send(1, row('fig'));
    await things.sql(`update things set name = 'theirs' where id = $1`, [line.id]);
    expect(await line.send(2, row('date'))).toMatchObject({ type: 'bypass' });
    expect(await line.send(2, null)).toMatchObject({ type: 'bypass' });
    await nothingMoved(line, 'theirs', 1);
  });

  it('never makes a row again that somebody else deleted', async () => {
    const line = new Line();
    await line.send(1, row('fig'));
    await things.sql(`delete from things where id = $1`, [line.id]);
    expect(await line.send(2, row('date'))).toMatchObject({ type: 'bypass' });
    expect(await line.send(2, null)).toMatchObject({ type: 'bypass' });
    await nothingMoved(line, undefined, 1);
  });

  it('never covers or deletes a row that was there before this port', async () => {
    const line = new Line();
    await things.sql(`insert into things (id, name) values ($1, 'older')`, [line.id]);
    expect(await line.send(2, row('fig'))).toMatchObject({ type: 'bypass' });
    expect(await line.send(2, null)).toMatchObject({ type: 'bypass' });
    await nothingMoved(line, 'older', undefined);
  });

  it('takes a marker that is not where the journal left it for a database that was put back', async () => {
    const line = new Line();
    await line.send(1, row('fig'));
    await line.send(2, row('date'));
    const behind = { ...line.change(3, row('plum')), last: { version: 1, hash: rowHash(row('fig')) } };
    expect(await sender.send(behind)).toMatchObject({
      type: 'marker',
      reason: expect.stringContaining('at version 2'),
    });
    expect(await sender.send({ ...behind, last: undefined })).toMatchObject({ type: 'marker' });
    expect(await sender.send({ ...behind, version: 1, last: undefined })).toMatchObject({ type: 'marker' });
    await things.sql('delete from banyan_marker where key = $1', [line.key]);
    expect(await line.send(3, row('plum'))).toMatchObject({ type: 'marker' });
    await nothingMoved(line, 'date', undefined);
  });

  it('waits for who is at the key, and then finds what he did', async () => {
    const line = new Line();
    const other = await things.pool.connect();
    await other.query('begin');
    await other.query('insert into banyan_marker values ($1, $2, 1, $3)', [PORT, line.key, rowHash(row('fig'))]);
    await other.query(`insert into things (id, name, price) values ($1, 'fig', 1.5)`, [line.id]);
    const sending = line.send(1, row('fig'));
    for (;;) {
      const waits = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
      if ((await things.sql(waits)).length > 0) break;
    }
    await other.query('commit');
    other.release();
    expect(await sending).toEqual({ type: 'done', hash: rowHash(row('fig')) });
    expect(await line.writes()).toEqual(['INSERT']);
  });
});

describe('what goes wrong', () => {
  it('a refusal of the database is told in its words, and leaves nothing', async () => {
    const line = new Line();
    expect(await line.send(1, row('never'))).toMatchObject({
      type: 'rejected',
      sqlState: '23514',
      words: expect.stringContaining('things_name_check'),
    });
    expect(await line.send(1, row('fig', '99999999'))).toMatchObject({ type: 'rejected', sqlState: '22003' });
    expect([await line.names(), await line.marker()]).toEqual([[], undefined]);
  });

  it('a row that nobody can map is not written over', async () => {
    const line = new Line();
    await line.send(1, row('fig'));
    const narrow = createSqlSender(
      PORT,
      { ...thingsTarget, select: thingsTarget.select.replace("'Name'", "'Nome'") },
      things.pool,
    );
    expect(await line.send(2, row('date'), narrow)).toMatchObject({ type: 'unreadable' });
    expect(await line.names()).toEqual(['fig']);
  });

  it('a lapsed lease writes nothing, also when it lapses on the way', async () => {
    const line = new Line();
    let asked = 0;
    for (const until of [0, 1]) {
      asked = 0;
      const mayWrite = () => asked++ < until;
      expect(await sender.send(line.change(1, row('fig')), { mayWrite })).toMatchObject({ type: 'not-sent' });
    }
    expect([await line.names(), await line.marker()]).toEqual([[], undefined]);
  });

  it('a row that somebody holds is not waited for longer than a statement may take', async () => {
    const line = new Line();
    await line.send(1, row('fig'));
    const impatient = createPool({ url: things.url, applicationName: 'impatient', statementTimeoutMs: 200 });
    const holder = await things.pool.connect();
    await holder.query('begin');
    await holder.query('select 1 from things where id = $1 for update', [line.id]);
    const sent = await line.send(2, row('date'), createSqlSender(PORT, thingsTarget, impatient));
    await holder.query('rollback');
    holder.release();
    await impatient.end();
    expect(sent).toMatchObject({ type: 'not-sent' });
    expect(await line.send(2, row('date'))).toMatchObject({ type: 'done' });
  });

  it('without the marker table nothing is sent, and the words say what to do', async () => {
    const bare = await SqlThings.start({ marker: false });
    try {
      const poor = createSqlSender(PORT, thingsTarget, bare.pool);
      const change = new Line().change(1, row('fig'));
      const remedy = expect.stringMatching(/no table banyan_marker.*banyan ports marker/s);
      expect(await poor.send(change)).toMatchObject({ type: 'not-sent', reason: remedy });
      expect(await poor.cannotSend()).toEqual(remedy);
      await bare.sql(MARKER_DDL);
      await bare.sql(MARKER_DDL);
      expect(await poor.cannotSend()).toBeUndefined();
      expect(await poor.send(change)).toMatchObject({ type: 'done' });
      expect(await bare.sql('select port from banyan_marker')).toEqual([{ port: PORT }]);
    } finally {
      await bare.stop();
    }
  });
});

describe('a broken way to legacy', () => {
  const through = async (use: (link: FaultyLink, by: SqlSender<ThingRow>) => Promise<void>) => {
    const link = await FaultyLink.to(things.url);
    await link.up();
    const pool = createPool({ url: link.through(things.url), applicationName: 'far', statementTimeoutMs: 2_000 });
    try {
      await use(link, createSqlSender(PORT, thingsTarget, pool));
    } finally {
      await pool.end();
      await link.down();
    }
  };

  it('is found out by the marker when the answer to the commit is lost: once, with no waiting', async () => {
    await through(async (link, far) => {
      for (const [version, name] of [
        [1, 'fig'],
        [2, 'date'],
      ] as const) {
        const line = new Line();
        if (version === 2) await line.send(1, row('fig'));
        const lost = link.loseAnswers(commit, 1);
        expect(await line.send(version, row(name), far)).toMatchObject({ type: 'unclear' });
        expect(lost.lost).toBe(1);
        expect(await line.send(version, row(name), far)).toEqual({ type: 'done', hash: rowHash(row(name)) });
        expect(await line.writes()).toEqual(version === 1 ? ['INSERT'] : ['INSERT', 'UPDATE']);
      }
    });
  });

  it('is certainly not sent before the commit', async () => {
    await through(async (link, far) => {
      const line = new Line();
      const lost = link.loseAnswers((sent) => (sent.includes('insert into things') ? () => true : undefined), 1);
      expect(await line.send(1, row('fig'), far)).toMatchObject({ type: 'not-sent' });
      expect(lost.lost).toBe(1);
      await link.down();
      expect(await line.send(1, row('fig'), far)).toMatchObject({ type: 'not-sent' });
      expect(await far.cannotSend()).toBeUndefined();
      await link.up();
      expect(await line.send(1, row('fig'), far)).toMatchObject({ type: 'done' });
      expect(await line.writes()).toEqual(['INSERT']);
    });
  });
});
