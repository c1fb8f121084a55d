import { newId } from '@banyan/core';
import { type Pool, query } from '@banyan/postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { forget, register } from '../instance/incarnations.js';
import { SILENT_MS } from '../instance/lease-time.js';
import type { Verdict } from '../sending/verdict.js';
import type { Work } from '../store/work.js';
import { type PostgresWorld, type PostgresWorlds, postgresWorlds } from '../testing/postgres-world.js';
import { Sends } from '../testing/sends.js';
import { ThingsRig } from '../testing/things.js';
import { backlogs } from './backlog.js';
import { instances, openIntents, portsOff, standingSends, waitingSends, workCounts } from './reads.js';

const CONSUMER = 'thing.backend';
const { port } = new ThingsRig();
let worlds: PostgresWorlds;
let world: PostgresWorld;
let pool: Pool;
let sends: Sends;

beforeAll(async () => {
  worlds = await postgresWorlds();
}, 180_000);
afterAll(() => worlds.close());
beforeEach(async () => {
  world = await worlds.world();
  pool = world.pool;
  sends = new Sends(world.store, port, await register(world.store, 'porter-0'));
});

describe('what operators see', () => {
  it('of a send that a silent instance was sending: it is in doubt, and stands', async () => {
    const [sent, idle] = [newId(), newId()];
    await sends.add([sent, 1], [idle, 1]);
    const [first] = await sends.claim();
    await sends.open(first as Work);
    expect(await openIntents(pool, 'thing')).toMatchObject([{ key: sent, state: 'open', highWaterMark: '40' }]);
    expect(await standingSends(pool, CONSUMER)).toEqual([]);
    await world.pass(SILENT_MS + 1_000);
    expect(await openIntents(pool, 'thing')).toMatchObject([{ key: sent, state: 'in-doubt' }]);
    expect(await workCounts(pool, CONSUMER)).toMatchObject({ work: 2, inDoubt: 1 });
    expect(await standingSends(pool, CONSUMER)).toMatchObject([
      { key: sent, errorCode: 'PORTER_WRITER_SILENT', writer: 'porter-0', version: 1 },
    ]);
    expect(await standingSends(pool, CONSUMER, idle)).toEqual([]);
  });

  it('of what stands and of what waits: what, why, since when, and how many behind it', async () => {
    const [refused, doubted, waits, owner] = [newId(), newId(), newId(), newId()];
    await sends.add([refused, 1], [doubted, 1], [waits, 1], [refused, 2], [refused, 3], [waits, 2]);
    const verdicts = new Map<string, Verdict>([
      [refused, { type: 'parked', code: 'PORTER_LEGACY_REJECTED', message: 'no' }],
      [doubted, { type: 'in-doubt', code: 'PORTER_IN_DOUBT', message: 'two rows' }],
      [waits, { type: 'waiting', references: [{ entity: 'owner', id: owner }] }],
    ]);
    for (const work of await sends.claim()) await sends.end(work, verdicts.get(work.key) as Verdict);
    const at = { consumer: CONSUMER, eventType: 'Happened', version: 1, since: expect.any(String), writer: null };
    const standing = await standingSends(pool, CONSUMER);
    expect(standing.toSorted((a, b) => b.behind - a.behind)).toEqual([
      {
        ...{ ...at, key: refused, eventId: 'e-1', kind: 'send', behind: 2, waitsFor: [] },
        ...{ errorCode: 'PORTER_LEGACY_REJECTED', errorMessage: 'no' },
      },
      {
        ...{ ...at, key: doubted, eventId: 'e-1', kind: 'in-doubt', behind: 0, waitsFor: [] },
        ...{ errorCode: 'PORTER_IN_DOUBT', errorMessage: 'two rows' },
      },
    ]);
    expect((await standingSends(pool, CONSUMER, doubted)).map(({ key }) => key)).toEqual([doubted]);
    expect(await waitingSends(pool, CONSUMER)).toEqual([
      {
        ...{ ...at, key: waits, eventId: 'e-1', kind: 'waiting', behind: 1 },
        ...{ errorCode: null, errorMessage: `It waits for the legacy id of owner ${owner}.` },
        waitsFor: [{ entity: 'owner', key: owner }],
      },
    ]);
    expect(await waitingSends(pool, CONSUMER, refused)).toEqual([]);
  });

  it('of instances: whether they live, and what they may have at legacy', async () => {
    await sends.add([newId(), 1]);
    await sends.open(await sends.claimOne());
    await world.pass(SILENT_MS + 1_000);
    await register(world.store, 'porter-1');
    expect(await instances(pool)).toMatchObject([
      { name: 'porter-0', state: 'silent', openSends: 1 },
      { name: 'porter-1', state: 'alive', openSends: 0 },
    ]);
    await forget(world.store, 'porter-0');
    expect(await instances(pool)).toMatchObject([{ state: 'left', openSends: 0 }, { state: 'alive' }]);
  });

  it('of ports: which are off', async () => {
    await world.store.alone.saveSwitch({ consumer: CONSUMER, mode: 'off', version: 1 });
    expect(await portsOff(pool, [CONSUMER, 'thing.other'])).toEqual(new Set([CONSUMER]));
    await world.store.alone.saveSwitch({ consumer: CONSUMER, mode: 'on', version: 2 });
    expect(await portsOff(pool, [CONSUMER])).toEqual(new Set());
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
    await sends.add([parked, 1], [parked, 2]);
    await sends.end(await sends.claimOne(), { type: 'parked', code: 'X', message: 'no' });
    await age('ready', 500);
    expect(await now()).toEqual({ parked: 1, inDoubt: 0, oldest: 0 });
    await sends.add([newId(), 1]);
    await query(pool, "update porter.work set since = now() - interval '70 s' where key <> $1", [parked]);
    expect(await now()).toMatchObject({ oldest: 70 });
    await sends.claim();
    expect(await now()).toMatchObject({ oldest: 70 });
    await query(pool, "insert into porter.switch (consumer, mode, control_version) values ($1, 'off', 1)", [CONSUMER]);
    await query(pool, 'update porter.work set claimed_by = null');
    expect(await now()).toMatchObject({ oldest: 0 });
  });

  it('has the age of what waits for another entity', async () => {
    await sends.add([newId(), 1]);
    await sends.end(await sends.claimOne(), { type: 'waiting', references: [{ entity: 'owner', id: newId() }] });
    await age('waiting', 90);
    expect(await now()).toEqual({ parked: 0, inDoubt: 0, oldest: 90 });
  });

  it('counts what only a person can tell as in doubt, and what a silent instance was sending', async () => {
    await sends.add([newId(), 1], [newId(), 1]);
    const [first, second] = (await sends.claim()) as [Work, Work];
    await sends.end(first, { type: 'in-doubt', code: 'X', message: 'two rows' });
    await sends.open(second);
    expect(await now()).toMatchObject({ inDoubt: 1 });
    await world.pass(SILENT_MS + 1_000);
    expect(await now()).toMatchObject({ inDoubt: 2, parked: 0 });
  });
});
