import { newId, systemClock } from '@banyan/core';
import { createPool, migrate, type Pool, query, transaction } from '@banyan/postgres';
import { createDatabase, dropDatabase, randomPrefix, testStack } from '@banyan/stack/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { forget, freeAbandoned, heartbeat, instances, leave, register } from '../instance/instance-store.js';
import { openIntents, workCounts } from '../internal/reads.js';
import { Claims } from '../sending/claims.js';
import type { Verdict } from '../sending/verdict.js';
import { ThingsRig } from '../testing/things.js';
import { backlogs } from './backlog.js';
import { recheckWaiting } from './housekeeping.js';
import { createJournal } from './journal.js';
import { findLinks, writeLinks } from './links.js';
import { readPorted, savePorted } from './ported.js';
import { porterMigrations } from './porter-migrations.js';
import { settle } from './settle.js';
import type { Holder, Work } from './work.js';
import { addWork, claimWork, readyAgain } from './work-store.js';

const CONSUMER = 'thing.backend';
const { port } = new ThingsRig();
const database = `${randomPrefix()}store`;
let superuserUrl: string;
let pool: Pool;
let holder: Holder;

beforeAll(async () => {
  superuserUrl = (await testStack()).databaseUrl;
  pool = createPool({ url: await createDatabase(superuserUrl, database), applicationName: 'store-spec' });
  await migrate(pool, 'porter', porterMigrations);
}, 180_000);
afterAll(async () => {
  await pool.end();
  await dropDatabase(superuserUrl, database);
});
beforeEach(async () => {
  await pool.query(
    'truncate porter.work, porter.intent, porter.link, porter.ported, porter.receipt, porter.instance, porter.state, porter.switch',
  );
  holder = await register(pool, 'porter-0');
});

const add = (...work: [key: string, version: number][]) =>
  transaction(pool, (tx) =>
    addWork(
      tx,
      work.map(([key, version]) => ({
        consumer: CONSUMER,
        key,
        version,
        eventId: `e-${version}`,
        eventType: 'Happened',
        operation: version === 1 ? ('create' as const) : ('update' as const),
        document: { name: 'fig' },
        stateHash: undefined,
        trace: {},
      })),
    ),
  );
const claim = (limit = 10, by = holder) => claimWork(pool, [CONSUMER], by, limit);
const claimOne = async (by = holder): Promise<Work> => {
  const [work] = await claim(1, by);
  if (work === undefined) throw new Error('nothing to claim');
  return work;
};
const end = (work: Work, verdict: Verdict, by = holder) => settle({ pool, holder: by, port, work, nowMs: 0 }, verdict);
const intent = (row: object = { Name: 'fig' }) => ({
  highWaterMark: '40',
  legacyId: undefined,
  row: row as Record<string, string>,
});
const states = () => query<{ state: string }>(pool, 'select state from porter.work order by seq');
const journalOf = (by: Holder) => createJournal(pool, by);

describe('claiming', () => {
  it('gives the first send of each key, oldest first, and the next one when it is done', async () => {
    const [a, b] = [newId(), newId()];
    await add([a, 1], [a, 2], [b, 1]);
    const [first, second, ...more] = await claim();
    expect([first?.key, second?.key, more]).toEqual([a, b, []]);
    expect(await claim()).toEqual([]);
    await end(first as Work, { type: 'done', legacyId: '1', hash: 'h' });
    expect(await claim()).toMatchObject([{ key: a, version: 2 }]);
  });

  it('gives two instances that ask at once different sends', async () => {
    const other = await register(pool, 'porter-1');
    await add(...Array.from({ length: 20 }, (): [string, number] => [newId(), 1]));
    const both = await Promise.all([claim(10), claim(10, other), claim(10), claim(10, other)]);
    const keys = both.flat().map(({ key }) => key);
    expect([keys.length, new Set(keys).size]).toEqual([20, 20]);
  });

  it('leaves out what waits, stands or is not due, and everything behind it', async () => {
    const key = newId();
    await add([key, 1], [key, 2]);
    await end(await claimOne(), { type: 'parked', code: 'X', message: 'no' });
    expect(await claim()).toEqual([]);
    expect(await readyAgain(pool, CONSUMER, key)).toBe(1);
    await end(await claimOne(), { type: 'again', reason: 'busy', mayHaveArrived: false, afterMs: 60_000 });
    expect(await claim()).toEqual([]);
  });
});

describe('one claim and the next of the same instance', () => {
  // The answer to the commit of a settlement was lost, so it is repeated; meanwhile the next claim is sending already.
  it('are not taken for each other: what the first writes late changes nothing of the second', async () => {
    await add([newId(), 1]);
    const first = await claimOne();
    const notSent: Verdict = { type: 'again', reason: 'no answer', mayHaveArrived: false, afterMs: 0 };
    await end(first, notSent);
    const second = await claimOne();
    await journalOf(holder).open(second, intent());
    await expect(end(first, notSent)).rejects.toMatchObject({ code: 'PORTER_CLAIM_LOST' });
    await expect(journalOf(holder).open(first, intent())).rejects.toMatchObject({ code: 'PORTER_CLAIM_LOST' });
    expect(await claim()).toEqual([]);
    expect(await openIntents(pool, port.entity.name)).toHaveLength(1);
    await end(second, { type: 'done', legacyId: '1', hash: 'h' });
    expect(await states()).toEqual([]);
  });

  it('are given back when the answer to the claim was lost, and nothing else is', async () => {
    await add([newId(), 1], [newId(), 1]);
    let lost = false;
    const losing = {
      query: async (text: string, values: unknown[]) => {
        const answer = await pool.query(text, values);
        if (!lost) return answer;
        lost = false;
        throw new Error('Connection terminated unexpectedly');
      },
    } as unknown as Pool;
    const claims = new Claims({ pool: losing, consumers: [CONSUMER], holder, clock: systemClock });
    const [sending] = await claims.claim(1);
    await claims.hold(sending as Work, async () => {
      lost = true;
      await expect(claims.claim(10)).rejects.toThrow('terminated');
      const [again, ...more] = await claims.claim(10);
      expect([again?.key !== sending?.key, more]).toEqual([true, []]);
    });
  });
});

describe('taking over', () => {
  it('a later incarnation frees the claims of the earlier one, whose sends end there', async () => {
    await add([newId(), 1]);
    const work = await claimOne();
    const later = await register(pool, 'porter-0');
    await expect(journalOf(holder).open(work, intent())).rejects.toMatchObject({ code: 'PORTER_CLAIM_LOST' });
    await expect(end(work, { type: 'done', legacyId: '1', hash: 'h' })).rejects.toMatchObject({
      code: 'PORTER_CLAIM_LOST',
    });
    expect(await heartbeat(pool, holder)).toBe(false);
    expect(await claim(1, later)).toHaveLength(1);
  });

  it('makes an open send unclear, and its "no" count only behind the lease and the settling time', async () => {
    await add([newId(), 1]);
    await journalOf(holder).open(await claimOne(), intent());
    const later = await register(pool, 'porter-0');
    const work = await claimOne(later);
    const { intent: found } = await journalOf(later).load(work, port);
    expect(found).toMatchObject({ mayHaveArrived: true, settled: false, highWaterMark: '40', row: { Name: 'fig' } });
    expect(found?.settledInMs).toBeGreaterThan(port.sender.target.settleAfterMs);
    await query(pool, "update porter.intent set settle_from = now() - interval '3.1 s'");
    expect((await journalOf(later).load(work, port)).intent).toMatchObject({ settled: true });
  });

  it('leaves an open send of a silent instance in doubt, and frees what it had only claimed', async () => {
    const [open, idle] = [newId(), newId()];
    await add([open, 1], [idle, 1]);
    const [first] = await claim();
    await journalOf(holder).open(first as Work, intent());
    const other = await register(pool, 'porter-1');
    expect(await freeAbandoned(pool)).toBe(0);
    expect(await openIntents(pool, 'thing')).toMatchObject([{ key: open, state: 'open', highWaterMark: '40' }]);
    await query(pool, "update porter.instance set heartbeat_at = now() - interval '1 min' where name = 'porter-0'");
    expect(await freeAbandoned(pool)).toBe(1);
    expect(await claim(10, other)).toMatchObject([{ key: idle }]);
    expect(await openIntents(pool, 'thing')).toMatchObject([{ key: open, state: 'in-doubt' }]);
    expect(await workCounts(pool, CONSUMER)).toMatchObject({ work: 2, inDoubt: 1 });
  });

  it('goes on with what an instance left that a person said is dead, and stops it should it live', async () => {
    await add([newId(), 1]);
    const work = await claimOne();
    await journalOf(holder).open(work, intent());
    const other = await register(pool, 'porter-1');
    expect(await forget(pool, 'porter-0')).toEqual({ was: 'alive', sends: 0 });
    expect(await forget(pool, 'porter-7')).toEqual({ was: 'unknown', sends: 0 });
    await query(pool, "update porter.instance set heartbeat_at = now() - interval '10.1 s' where name = 'porter-0'");
    expect(await forget(pool, 'porter-0')).toEqual({ was: 'silent', sends: 1 });
    expect(await instances(pool)).toMatchObject([
      { name: 'porter-0', state: 'left', openSends: 0 },
      { name: 'porter-1', state: 'alive', openSends: 0 },
    ]);
    expect(await heartbeat(pool, holder)).toBe(false);
    await expect(end(work, { type: 'done', legacyId: '1', hash: 'h' })).rejects.toMatchObject({
      code: 'PORTER_CLAIM_LOST',
    });
    expect((await journalOf(other).load(await claimOne(other), port)).intent).toMatchObject({ mayHaveArrived: true });
    expect(await forget(pool, 'porter-0')).toEqual({ was: 'left', sends: 0 });
  });

  it('lets anybody go on with what an instance left that went in order', async () => {
    await add([newId(), 1]);
    await journalOf(holder).open(await claimOne(), intent());
    await leave(pool, holder);
    const other = await register(pool, 'porter-1');
    expect((await journalOf(other).load(await claimOne(other), port)).intent).toMatchObject({ mayHaveArrived: true });
  });
});

describe('settling', () => {
  it('closes intent, work, link and hash together, and notes the receipt', async () => {
    const key = newId();
    await add([key, 1]);
    const work = await claimOne();
    await journalOf(holder).open(work, intent());
    await end(work, { type: 'done', legacyId: '41', hash: 'v1:row' });
    expect(await states()).toEqual([]);
    expect(await openIntents(pool, 'thing')).toEqual([]);
    expect(await query(pool, 'select state, outcome, legacy_id from porter.intent')).toEqual([
      { state: 'closed', outcome: 'ported', legacy_id: '41' },
    ]);
    expect(await findLinks(pool, { entity: 'thing', port: 'backend', legacyIds: ['41'] })).toEqual([
      { entity: 'thing', key, legacyId: '41' },
    ]);
    expect(await query(pool, 'select version, hash from porter.ported')).toEqual([{ version: 1, hash: 'v1:row' }]);
    expect(await query(pool, "select body->>'outcome' as outcome from porter.receipt")).toEqual([
      { outcome: 'ported' },
    ]);
  });

  it('never gives one legacy row to two keys', async () => {
    await add([newId(), 1], [newId(), 1]);
    const [first, second] = await claim();
    await end(first as Work, { type: 'done', legacyId: '41', hash: 'h' });
    await end(second as Work, { type: 'done', legacyId: '41', hash: 'h' });
    expect(await query(pool, 'select key::text, state, error_code from porter.work')).toEqual([
      { key: second?.key, state: 'in-doubt', error_code: 'PORTER_LINK_TAKEN' },
    ]);
  });

  it('forgets an attempt that reached nobody, and keeps one that may have', async () => {
    await add([newId(), 1]);
    const again = { type: 'again', reason: 'x', afterMs: 0 } as const;
    const tried = async (mayHaveArrived: boolean) => {
      const work = await claimOne();
      await journalOf(holder).open(work, intent());
      await end(work, { ...again, mayHaveArrived });
      return query(pool, 'select state, may_have_arrived, attempt from porter.intent');
    };
    expect(await tried(false)).toEqual([]);
    expect(await tried(true)).toEqual([{ state: 'unclear', may_have_arrived: true, attempt: 1 }]);
    expect(await tried(false)).toEqual([{ state: 'unclear', may_have_arrived: true, attempt: 2 }]);
  });

  it.each([
    ['parked', { type: 'parked', code: 'X' }],
    ['ready', { type: 'again', mayHaveArrived: false }],
  ] as const)('keeps a result that quotes what PostgreSQL cannot hold: %s', async (state, verdict) => {
    await add([newId(), 1]);
    const words = 'no: \u0000 and half of 🌳: \ud83c';
    const quoting = verdict.type === 'parked' ? { ...verdict, message: words } : { ...verdict, reason: words };
    await end(await claimOne(), quoting);
    expect(await query(pool, 'select state, error_message from porter.work')).toEqual([
      { state, error_message: 'no: \ufffd and half of 🌳: \ufffd' },
    ]);
  });

  it('keeps the row of a later import, whatever an older send ends with', async () => {
    const key = newId();
    await add([key, 1]);
    const work = await claimOne();
    await transaction(pool, (tx) => savePorted(tx, [{ consumer: CONSUMER, key, version: 2, hash: 'imported' }]));
    await end(work, { type: 'done', legacyId: '41', hash: 'older' });
    expect(await query(pool, 'select version, hash from porter.ported')).toEqual([{ version: 2, hash: 'imported' }]);
  });

  it('keeps the rows that legacy had by us before the last one, the latest first and at most eight', async () => {
    const [born, imported] = [newId(), newId()];
    await add([born, 1]);
    await end(await claimOne(), { type: 'done', legacyId: '41', hash: 'h1' });
    const save = (key: string, version: number) =>
      transaction(pool, (tx) => savePorted(tx, [{ consumer: CONSUMER, key, version, hash: `h${version}` }]));
    await save(born, 2);
    for (let version = 1; version <= 10; version += 1) await save(imported, version);
    await save(imported, 3);
    expect(await readPorted(pool, CONSUMER, [born, imported, newId()])).toEqual(
      new Map([
        [born, { version: 2, hash: 'h2', earlier: ['h1', null] }],
        [imported, { version: 10, hash: 'h10', earlier: ['h9', 'h8', 'h7', 'h6', 'h5', 'h4', 'h3', 'h2'] }],
      ]),
    );
  });

  it('gives the latest link of a key that was created twice, and still finds it by the first', async () => {
    const key = newId();
    for (const legacyId of ['41', '42']) {
      await transaction(pool, (tx) => writeLinks(tx, [{ entity: 'thing', port: 'backend', key, legacyId }]));
    }
    expect(await findLinks(pool, { entity: 'thing', port: 'backend', keys: [key] })).toMatchObject([
      { legacyId: '42' },
    ]);
    expect(await findLinks(pool, { entity: 'thing', port: 'backend', legacyIds: ['41'] })).toMatchObject([{ key }]);
  });
});

describe('the backlog', () => {
  const now = async () => {
    const { oldestSeconds = -1, ...counts } = (await backlogs(pool, [CONSUMER])).get(CONSUMER) ?? {};
    // To ten seconds: how long the statements in between take is another matter.
    return { ...counts, oldest: Math.floor(oldestSeconds / 10) * 10 };
  };
  const age = (state: string, seconds: number) =>
    query(pool, 'update porter.work set since = now() - make_interval(secs => $2) where state = $1', [state, seconds]);

  it('is nothing where nothing is to be sent', async () => {
    expect(await now()).toEqual({ parked: 0, inDoubt: 0, oldest: 0 });
  });

  it('has the age of what is due, also while it is tried, and not of what waits behind a parked send', async () => {
    const parked = newId();
    await add([parked, 1], [parked, 2]);
    await end(await claimOne(), { type: 'parked', code: 'X', message: 'no' });
    await age('ready', 500);
    expect(await now()).toEqual({ parked: 1, inDoubt: 0, oldest: 0 });
    await add([newId(), 1]);
    await query(pool, "update porter.work set since = now() - interval '70 s' where key <> $1", [parked]);
    expect(await now()).toMatchObject({ oldest: 70 });
    await claim();
    expect(await now()).toMatchObject({ oldest: 70 });
    await query(pool, "insert into porter.switch (consumer, mode, control_version) values ($1, 'off', 1)", [CONSUMER]);
    await query(pool, 'update porter.work set claimed_by = null');
    expect(await now()).toMatchObject({ oldest: 0 });
  });

  it('has the age of what waits for another entity', async () => {
    await add([newId(), 1]);
    await end(await claimOne(), { type: 'waiting', references: [{ entity: 'owner', id: newId() }] });
    await age('waiting', 90);
    expect(await now()).toEqual({ parked: 0, inDoubt: 0, oldest: 90 });
  });

  it('counts what only a person can tell as in doubt, and what a silent instance was sending', async () => {
    await add([newId(), 1], [newId(), 1]);
    const [first, second] = (await claim()) as [Work, Work];
    await end(first, { type: 'in-doubt', code: 'X', message: 'two rows' });
    await journalOf(holder).open(second, intent());
    expect(await now()).toMatchObject({ inDoubt: 1 });
    await query(pool, "update porter.instance set heartbeat_at = now() - interval '1 min'");
    expect(await now()).toMatchObject({ inDoubt: 2, parked: 0 });
  });
});

describe('asking whose row it is', () => {
  const row = (legacyId: string) => ({ legacyId, row: { ThingID: Number(legacyId), Name: 'fig' }, hash: '' });

  it('knows rows that are linked, and rows that another open create may have made', async () => {
    const [a, b] = [newId(), newId()].sort();
    await add([a as string, 1], [b as string, 1]);
    const [first, second] = [...(await claim())].sort((x, y) => (x.key < y.key ? -1 : 1)) as [Work, Work];
    const journal = journalOf(holder);
    await journal.open(first, intent());
    await journal.open(second, intent());
    expect((await journal.claimants(first, port, [row('41'), row('39')])).contested).toEqual(new Set(['41']));
    // Both unclear: the first by key takes the row, the other waits for that.
    await end(first, { type: 'again', reason: 'x', mayHaveArrived: true, afterMs: 0 });
    await end(second, { type: 'again', reason: 'x', mayHaveArrived: true, afterMs: 0 });
    expect((await journal.claimants(first, port, [row('41')])).contested).toEqual(new Set());
    expect((await journal.claimants(second, port, [row('41')])).contested).toEqual(new Set(['41']));
    await transaction(pool, (tx) =>
      writeLinks(tx, [{ entity: 'thing', port: 'backend', key: first.key, legacyId: '41' }]),
    );
    expect((await journal.claimants(second, port, [row('41')])).linked).toEqual(new Set(['41']));
  });
});

describe('waiting for a link', () => {
  const link = (id: string) => ({ entity: 'owner', port: 'backend', key: id, legacyId: `L-${id}` });

  it('ends when the link is written, however the two fall together', async () => {
    for (let round = 0; round < 30; round += 1) {
      const owner = newId();
      await add([newId(), 1]);
      const work = await claimOne();
      const waits = end(work, { type: 'waiting', references: [{ entity: 'owner', id: owner }] });
      await Promise.all([waits, transaction(pool, (tx) => writeLinks(tx, [link(owner)]))]);
      expect((await states()).at(-1)).toEqual({ state: 'ready' });
      await pool.query('truncate porter.work');
    }
  });

  it('goes on for other links as it was, and for its own', async () => {
    const owner = newId();
    await add([newId(), 1]);
    await end(await claimOne(), { type: 'waiting', references: [{ entity: 'owner', id: owner }] });
    await transaction(pool, (tx) => writeLinks(tx, [link(newId())]));
    expect(await states()).toEqual([{ state: 'waiting' }]);
    expect(await recheckWaiting(pool)).toBe(0);
    await transaction(pool, (tx) => writeLinks(tx, [link(owner)]));
    expect(await states()).toEqual([{ state: 'ready' }]);
  });
});
