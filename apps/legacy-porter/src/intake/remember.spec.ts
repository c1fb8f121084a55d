import { HEADER } from '@banyan/contracts';
import { newId } from '@banyan/core';
import { MemoryDatabase } from '@banyan/postgres/testing';
import { type Change, stateHash } from '@banyan/sink';
import { beforeEach, describe, expect, it } from '@jest/globals';
import type { PorterStore } from '../store/porter-store.js';
import { createMemoryPorterStore } from '../testing/memory-store/memory-porter-store.js';
import { TABLE } from '../testing/memory-store/rows.js';
import { ThingsRig } from '../testing/things.js';
import { remember } from './remember.js';

const CONSUMER = 'thing.backend';
const WORD = { by: 'ann', reason: 'nobody will mend it' };
const { entity } = new ThingsRig().port;
let database: MemoryDatabase;
let store: PorterStore;

beforeEach(() => {
  database = new MemoryDatabase();
  store = createMemoryPorterStore({ session: database.session(), clock: { now: () => 0 }, newId });
});

async function givenUp(change: Change, primary = true): Promise<void> {
  const session = database.session();
  const keep = remember({
    store: createMemoryPorterStore({ session, clock: { now: () => 0 }, newId }),
    entity,
    port: 'backend',
    primary,
    writer: 'porter-0',
    nowMs: () => 7,
    onLinkTaken: () => undefined,
    onBypass: () => undefined,
    onEcho: () => undefined,
    onSends: () => undefined,
  });
  await session.transaction((tx) => keep(tx, [change], WORD));
}

const change = (over: Partial<Change>): Change =>
  ({
    key: newId(),
    partition: 0,
    offset: 0n,
    headers: { [HEADER.liveness]: 'live', [HEADER.correlationId]: 'c' },
    eventId: newId(),
    eventType: 'x.v1.Happened',
    origin: 'api',
    expectedVersion: 0,
    outcome: 'effective',
    version: 3,
    after: { name: 'fig' },
    beforeLive: true,
    afterLive: true,
    event: { type: 'x.v1.Happened', data: {} },
    ...over,
  }) as Change;
const imported = (key: string) =>
  change({ key, origin: 'backfill', contentHash: 'v1:h', event: { type: 'x.v1.Imported', data: { legacyId: '41' } } });
const receipts = async () => (await store.alone.waitingReceipts('porter-0', [], 100)).map(({ body }) => body);
const links = (key: string) => store.alone.findLinks({ entity: 'thing', port: 'backend', keys: [key] });
const ported = async (key: string) => (await store.alone.readPorted(CONSUMER, [key])).get(key);

describe('what was given up before it was a send', () => {
  it('leaves the row that an import read: a later change finds it, and a re-port makes no second one', async () => {
    const key = newId();
    await givenUp(imported(key));
    expect([await links(key), await ported(key)]).toMatchObject([[{ legacyId: '41' }], { version: 3, hash: 'v1:h' }]);
    expect(await receipts()).toEqual([]);
  });

  it('leaves nothing of an import at a further port, which has none of its rows', async () => {
    const key = newId();
    await givenUp(imported(key), false);
    expect([await links(key), await ported(key)]).toEqual([[], undefined]);
  });

  it('leaves the receipt of an event of V2, with who and why, and no send', async () => {
    const one = change({});
    await givenUp(one);
    const told = { eventId: one.eventId, version: 3, outcome: 'discarded', operation: 'update', atMs: 7 };
    expect(await receipts()).toMatchObject([
      { ...told, reason: 'ann: nobody will mend it', stateHash: stateHash({ name: 'fig' }) },
    ]);
    expect(database.committed(TABLE.work)).toEqual([]);
  });

  it('leaves the receipt of one that needed no send, or took no effect, as it would have been', async () => {
    await givenUp(change({ beforeLive: false, afterLive: false }));
    await givenUp(change({ outcome: 'conflict' }));
    await givenUp(change({ outcome: 'superseded', origin: 'backfill' }));
    expect((await receipts()).map(({ outcome, reason }) => [outcome, reason])).toEqual([
      ['skipped', 'legacy had no such row and needs none'],
      ['refused', 'conflict'],
    ]);
  });
});
