import { HEADER } from '@banyan/contracts';
import { newId } from '@banyan/core';
import { MemoryDatabase } from '@banyan/postgres/testing';
import { type Change, stateHash } from '@banyan/sink';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { PorterStore, TakenLink } from '../store/porter-store.js';
import { createMemoryPorterStore } from '../testing/memory-store/memory-porter-store.js';
import { type LinkRow, TABLE, type WorkRow } from '../testing/memory-store/rows.js';
import { ThingsRig } from '../testing/things.js';
import { type Bypass, intake } from './intake.js';

const CONSUMER = 'thing.backend';
const { entity } = new ThingsRig().port;
let database: MemoryDatabase;
let store: PorterStore;
let taken: TakenLink[];
let bypasses: Bypass[];
let echoes: string[];
let actions: string[];
let natives: string[];

beforeEach(() => {
  database = new MemoryDatabase();
  store = createMemoryPorterStore({ session: database.session(), clock: { now: () => 0 }, newId });
  taken = [];
  bypasses = [];
  echoes = [];
  actions = [];
  natives = [];
});

/** In a transaction of somebody else's, as the sink's is. */
const takeIn = (...changes: Change[]): Promise<void> => takeInAt({ port: 'backend', primary: true }, changes);

async function takeInAt(port: { readonly port: string; readonly primary: boolean }, changes: Change[]): Promise<void> {
  const session = database.session();
  const apply = intake({
    store: createMemoryPorterStore({ session, clock: { now: () => 0 }, newId }),
    entity,
    ...port,
    writer: 'porter-0',
    nowMs: () => 7,
    onLinkTaken: (link) => taken.push(link),
    onBypass: (bypass) => bypasses.push(bypass),
    onEcho: ({ code }) => void echoes.push(code),
    onNatives: (ids) => void natives.push(...ids),
    onSends: (ids) => void actions.push(...ids),
  });
  await session.transaction((tx) => apply(tx, changes));
}

function change(over: Partial<Change>): Change {
  return {
    key: newId(),
    partition: 0,
    offset: 0n,
    headers: { [HEADER.liveness]: 'live', [HEADER.correlationId]: 'c', [HEADER.hops]: '1' },
    eventId: newId(),
    eventType: 'x.v1.Happened',
    origin: 'api',
    expectedVersion: 0,
    contentHash: undefined,
    outcome: 'effective',
    version: 1,
    before: undefined,
    after: { name: 'fig' },
    beforeLive: false,
    afterLive: true,
    event: { type: 'x.v1.Happened', data: {} },
    ...over,
  } as Change;
}

const imported = (key: string, version: number, legacyId: string, over: Partial<Change> = {}) =>
  change({
    key,
    version,
    origin: 'backfill',
    contentHash: `v1:${version}`,
    event: { type: 'x.v1.Imported', data: { legacyId } },
    ...over,
  } as Partial<Change>);
const work = () => database.committed<WorkRow>(TABLE.work).map(([, row]) => row);
const receipts = async () => (await store.alone.waitingReceipts('porter-0', [], 100)).map(({ body }) => body);

describe('an intake', () => {
  it('keeps an echo for a person, with a receipt, and counts what belongs to one action', async () => {
    const far = { [HEADER.liveness]: 'live', [HEADER.correlationId]: 'c', [HEADER.hops]: '9' };
    const [near, echo] = [change({}), change({ headers: far })];
    await takeIn(near, echo);
    expect(work().map(({ key, state, errorCode }) => [key, state, errorCode])).toEqual([
      [near.key, 'ready', null],
      [echo.key, 'parked', 'PORTER_ECHO'],
    ]);
    const receipts = database
      .committed<{ body: { key: string; outcome: string } }>(TABLE.receipt)
      .map(([, row]) => row.body);
    expect(receipts.map(({ key, outcome }) => [key, outcome])).toEqual([[echo.key, 'parked']]);
    expect([echoes, actions]).toEqual([['PORTER_ECHO'], ['c', 'c']]);
  });

  it('counts every event of V2 that took effect, sent or not, and none of legacy’s', async () => {
    const apart = change({ headers: { [HEADER.liveness]: 'live' } });
    await takeIn(
      change({}),
      change({ afterLive: false }),
      apart,
      change({ outcome: 'stale' }),
      imported(newId(), 1, '41'),
    );
    expect([natives, actions]).toEqual([
      ['c', 'c', apart.eventId],
      ['c', apart.eventId],
    ]);
  });

  it('makes work of what is to be sent, and receipts of what is not', async () => {
    const sent = change({});
    const refused = change({ outcome: 'stale' });
    await takeIn(sent, refused, change({ afterLive: false }));
    expect(work()).toMatchObject([
      {
        consumer: CONSUMER,
        key: sent.key,
        operation: 'create',
        document: { name: 'fig' },
        stateHash: stateHash({ name: 'fig' }),
      },
    ]);
    expect(work()[0]?.trace).toEqual({ correlationId: 'c', hops: 1 });
    expect(await receipts()).toMatchObject([
      { key: refused.key, outcome: 'refused', reason: 'stale', atMs: 7 },
      { outcome: 'skipped' },
    ]);
  });

  it('tells at once of what a port that is off does not send', async () => {
    await store.alone.saveSwitch({ consumer: CONSUMER, mode: 'off', version: 1 });
    await takeIn(change({}));
    expect(work()).toMatchObject([{ toldOff: true }]);
    expect(await receipts()).toMatchObject([{ outcome: 'skipped', reason: 'port off', operation: 'create' }]);
  });

  it('remembers the rows and links of imports, and wakes what they have overtaken', async () => {
    const key = newId();
    await takeIn(change({ key }));
    const [claimed] = await store.alone.claimWork([CONSUMER], { name: 'porter-0', incarnation: 1 }, 1);
    if (claimed === undefined) throw new Error('nothing to claim');
    await store.alone.releaseWork(claimed, { state: 'parked' });
    await takeIn(imported(key, 2, '41'), imported(key, 3, '41'));
    expect(work()).toMatchObject([{ state: 'ready' }]);
    expect((await store.alone.readPorted(CONSUMER, [key])).get(key)).toMatchObject({ version: 3, hash: 'v1:3' });
    expect(database.committed<LinkRow>(TABLE.link).map(([, { key: of, legacyId }]) => [of, legacyId])).toEqual([
      [key, '41'],
    ]);
    await takeIn(imported(newId(), 1, '41'));
    expect(taken).toMatchObject([{ legacyId: '41', heldBy: key }]);
  });

  it('reports a row that somebody else wrote, and not one that legacy had by us', async () => {
    const key = newId();
    await takeIn(imported(key, 1, '41'));
    await takeIn(imported(key, 2, '41'));
    const seen = (contentHash: string) =>
      imported(key, 2, '41', { outcome: 'superseded', contentHash } as Partial<Change>);
    await takeIn(seen('v1:1'), seen('v1:2'), seen('v1:other'));
    expect(bypasses).toEqual([{ entity: 'thing', key, legacyId: '41', hash: 'v1:other', ported: 'v1:2' }]);
  });

  it('notes nothing of an import at a further port: it says neither what that backend has nor what it is owed', async () => {
    const [key, sent] = [newId(), newId()];
    const other = imported(key, 2, '41', { outcome: 'superseded', contentHash: 'v1:other' } as Partial<Change>);
    await takeInAt({ port: 'archive', primary: false }, [imported(key, 1, '41'), other, change({ key: sent })]);
    expect((await store.alone.readPorted('thing.archive', [key])).size).toBe(0);
    expect(database.committed(TABLE.link)).toEqual([]);
    expect([bypasses, taken]).toEqual([[], []]);
    expect(work()).toMatchObject([{ consumer: 'thing.archive', key: sent, operation: 'create' }]);
  });

  it('leaves nothing of a slice that is rolled back', async () => {
    const session = database.session(async (what) => {
      if (what === 'commit') throw new Error('no');
    });
    const dying = createMemoryPorterStore({ session, clock: { now: () => 0 }, newId });
    const on = { store: dying, entity, port: 'backend', primary: true, writer: 'porter-0', nowMs: () => 0 };
    const apply = intake({
      ...on,
      onLinkTaken: () => undefined,
      onBypass: () => undefined,
      onEcho: () => undefined,
      onSends: () => undefined,
    });
    await expect(session.transaction((tx) => apply(tx, [change({})]))).rejects.toThrow('no');
    expect([work(), await receipts()]).toEqual([[], []]);
  });
});
