import { newId } from '@banyan/core';
import type { StoredState } from '@banyan/postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { register } from '../instance/incarnations.js';
import { attempt } from '../sending/attempt.js';
import type { Verdict } from '../sending/verdict.js';
import type { Work } from '../store/work.js';
import type { PorterWorld, PorterWorlds, RepairsOfWorld } from '../testing/porter-world.js';
import { Sends } from '../testing/sends.js';
import { PATH, RESTATED, type Thing, ThingsRig } from '../testing/things.js';

const CONSUMER = 'thing.backend';
const WORD = { by: 'ann', reason: 'a test order' };
const PARKED = { type: 'parked', code: 'PORTER_LEGACY_REJECTED', message: 'no' } as const;
const DOUBT = { type: 'in-doubt', code: 'PORTER_IN_DOUBT', message: 'two rows' } as const;
const SETTLE_AFTER_MS = 3_000;

/** What people may do with the keys of a port, whatever store it stands on; legacy is a real one in memory. */
export function repairsContract(name: string, start: () => Promise<PorterWorlds>): void {
  let worlds: PorterWorlds;
  let world: PorterWorld;
  let rig: ThingsRig;
  let sends: Sends;
  let repairs: RepairsOfWorld;
  let key: string;

  beforeAll(async () => {
    worlds = await start();
  }, 180_000);
  afterAll(() => worlds.close());
  beforeEach(async () => {
    world = await worlds.world();
    rig = new ThingsRig();
    sends = new Sends(world.store, rig.port, await register(world.store, 'porter-0'));
    repairs = world.repairs(rig.port);
    key = newId();
  });

  const rows = () => rig.legacy.rows(PATH).map(({ ThingID, Name }) => `${ThingID} ${Name}`);
  const bodies = async () => (await world.store.alone.waitingReceipts('porter-0', [], 1_000)).map(({ body }) => body);
  const receipts = async () => (await bodies()).map(({ outcome, version }) => [outcome, version]);
  const unlike = async () => (await repairs.unlike()).map((one) => [one.key, one.version, one.reason]);
  const states = async () => (await world.work()).map(({ state }) => state);
  const due = (
    version: number,
    operation: Work['operation'],
    document: Thing | undefined,
    of = key,
    eventType = 'Happened',
  ) =>
    world.store.alone.addWork(
      [
        {
          consumer: CONSUMER,
          key: of,
          version,
          eventId: `e-${version}`,
          eventType,
          operation,
          document,
          stateHash: undefined,
          trace: {},
        },
      ],
      false,
    );
  /** Sends what is due now, one after the other. */
  const sendAll = async (): Promise<readonly Verdict['type'][]> => {
    const verdicts: Verdict['type'][] = [];
    for (;;) {
      const [work] = await sends.claim(1);
      if (work === undefined) return verdicts;
      const { verdict } = await attempt({ work, port: rig.port, journal: sends.journal(), mayWrite: () => true });
      await sends.end(work, verdict);
      verdicts.push(verdict.type);
    }
  };
  const parked = async (verdict: Verdict = PARKED): Promise<Work> => {
    const work = await sends.claimOne();
    if (verdict.type === 'in-doubt') await sends.open(work, { row: { ThingID: null, Name: 'fig' } });
    await sends.end(work, verdict);
    return work;
  };
  const state = (
    version: number,
    document: Thing | undefined,
    more: Partial<StoredState['keyState']> = {},
  ): StoredState => ({
    keyState: {
      version,
      liveness: document === undefined ? 'deleted' : 'live',
      owner: 'new',
      epoch: 0,
      recent: [{ eventId: `e-${version}`, version }],
      ...more,
    },
    document,
    appliedVersion: version,
    parked: false,
    effectsHeld: false,
    transformerVersion: 1,
    stateHash: undefined,
  });
  const batch = (request = 1, scope = {}) => repairs.batch({ request, scope }, { size: 10, workedMs: 0 });

  describe(`${name}: a send that is given up`, () => {
    it('goes, with who and why kept, and a receipt; the next of its key goes on by itself', async () => {
      await due(1, 'create', { name: 'fig' });
      await sendAll();
      await due(2, 'update', { name: 'never' });
      await due(3, 'update', { name: 'plum' });
      await parked();
      await repairs.count({ effective: 3, applied: 3 });
      await repairs.discard({ key, eventId: 'e-2', ...WORD });
      expect([await states(), await unlike()]).toEqual([['ready'], [[key, 2, 'a test order']]]);
      expect((await repairs.books())[0]).toMatchObject({ effective: 3, applied: 2, discarded: 1, parked: 0 });
      expect(await sendAll()).toEqual(['done']);
      expect(rows()).toEqual(['1 plum']);
      expect(await receipts()).toEqual([
        ['ported', 1],
        ['parked', 2],
        ['discarded', 2],
        ['ported', 3],
      ]);
      // What later changes bring does not tell that nothing is missing.
      expect(await unlike()).toHaveLength(1);
      expect(await world.store.alone.discarded(CONSUMER, [key])).toEqual([{ key, version: 2 }]);
    });

    it('is made good by the whole state that a person gives, once legacy has it', async () => {
      await due(1, 'create', { name: 'fig' });
      await sendAll();
      await due(2, 'update', { name: 'never' });
      await parked();
      await repairs.discard({ key, eventId: 'e-2', ...WORD });
      await due(4, 'update', { name: 'as it is' }, key, RESTATED);
      await parked();
      expect(await unlike()).toHaveLength(1);
      await world.store.alone.readyAgain(CONSUMER, key);
      expect([await sendAll(), rows(), await unlike()]).toEqual([['done'], ['1 as it is'], []]);
      expect((await bodies()).map(({ outcome, whole }) => [outcome, whole ?? false])).toEqual([
        ['ported', false],
        ['parked', false],
        ['discarded', false],
        ['parked', false],
        ['ported', true],
      ]);
    });

    it('is made good by an import that overtakes that whole state', async () => {
      await due(1, 'create', { name: 'fig' });
      await parked();
      await repairs.discard({ key, eventId: 'e-1', ...WORD });
      await due(3, 'update', { name: 'as it is' }, key, RESTATED);
      await world.store.alone.savePorted([{ consumer: CONSUMER, key, version: 4, hash: 'h' }]);
      expect([await sendAll(), await unlike()]).toEqual([['overtaken'], []]);
      expect((await bodies()).at(-1)).toMatchObject({ outcome: 'skipped', whole: true });
    });

    it('is the one that was named, and stands: another one is left', async () => {
      await due(1, 'create', { name: 'fig' });
      const refused = { code: 'PORTER_SEND_NOT_STANDING' };
      await expect(repairs.discard({ key, eventId: 'e-1', ...WORD })).rejects.toMatchObject(refused);
      await parked();
      await expect(repairs.discard({ key, eventId: 'e-2', ...WORD })).rejects.toMatchObject(refused);
      await expect(repairs.discard({ key: newId(), eventId: 'e-1', ...WORD })).rejects.toMatchObject(refused);
      expect([await states(), await unlike()]).toEqual([['parked'], []]);
    });

    it('is not one in doubt, before a person says that it did not arrive and it cannot any more', async () => {
      await due(1, 'create', { name: 'fig' });
      await parked(DOUBT);
      const order = { key, eventId: 'e-1', ...WORD };
      const refused = { code: 'PORTER_STILL_IN_DOUBT' };
      await expect(repairs.discard(order)).rejects.toMatchObject(refused);
      await expect(repairs.discard({ ...order, notArrived: true })).rejects.toMatchObject(refused);
      await world.pass(SETTLE_AFTER_MS + 1);
      await expect(repairs.discard(order)).rejects.toMatchObject(refused);
      await repairs.discard({ ...order, notArrived: true });
      expect([await states(), await world.intents(), (await unlike()).length]).toEqual([[], [], 1]);
    });
  });

  describe(`${name}: a send in doubt that a person settles`, () => {
    beforeEach(async () => {
      await due(1, 'create', { name: 'fig' });
      await parked(DOUBT);
    });
    const order = () => ({ key, eventId: 'e-1', ...WORD });

    it('is sent as if for the first time where it did not arrive, once it cannot any more', async () => {
      const notArrived = { ...order(), notArrived: true } as const;
      await expect(repairs.settle(notArrived)).rejects.toMatchObject({ code: 'PORTER_STILL_IN_DOUBT' });
      await world.pass(SETTLE_AFTER_MS + 1);
      rig.legacy.put(PATH, { ThingID: 41, Name: 'fig' });
      await repairs.settle(notArrived);
      expect(await sendAll()).toEqual(['done']);
      expect(rows()).toEqual(['41 fig', '42 fig']);
    });

    it('is linked to the row that it arrived as, and the next change is compared with what was sent', async () => {
      rig.legacy.put(PATH, { ThingID: 7, Name: 'fig, and somebody’s word' });
      await repairs.settle({ ...order(), arrivedAs: '7' });
      expect([await states(), await receipts()]).toEqual([
        [],
        [
          ['inDoubt', 1],
          ['ported', 1],
        ],
      ]);
      const links = await world.store.alone.findLinks({ entity: 'thing', port: 'backend', keys: [key] });
      expect(links).toMatchObject([{ legacyId: '7' }]);
      const row = (await world.store.alone.readPorted(CONSUMER, [key])).get(key);
      expect((await bodies()).at(-1)).toMatchObject({ outcome: 'ported', legacyId: '7', rowHash: row?.hash });
      await due(2, 'update', { name: 'plum' });
      expect(await sendAll()).toEqual(['parked']);
      rig.legacy.put(PATH, { ThingID: 7, Name: 'fig' });
      await world.store.alone.readyAgain(CONSUMER, key);
      expect([await sendAll(), rows()]).toEqual([['done'], ['7 plum']]);
    });

    it('is linked also where a porter sent it whose database was lost; its next change is held, since nobody knows the row', async () => {
      const lost = newId();
      await due(1, 'create', { name: 'date' }, lost);
      await world.store.alone.doubtSends(CONSUMER, 'porter-0', [lost]);
      for (const ThingID of [8, 9]) rig.legacy.put(PATH, { ThingID, Name: 'date' });
      expect(await sendAll()).toEqual(['in-doubt']);
      await repairs.settle({ key: lost, eventId: 'e-1', ...WORD, arrivedAs: '8' });
      expect((await bodies()).at(-1)).toMatchObject({ outcome: 'ported', legacyId: '8', rowHash: null });
      const row = (await world.store.alone.readPorted(CONSUMER, [lost])).get(lost);
      expect(row?.hash).toContain('does not tell');
      await due(2, 'update', { name: 'plum' }, lost);
      expect([await sendAll(), rows()]).toEqual([['parked'], ['8 date', '9 date']]);
    });

    it('is left where that cannot be: no such row, one of another key, or no doubt', async () => {
      const unlikely = { code: 'PORTER_ARRIVED_UNLIKELY' };
      await expect(repairs.settle({ ...order(), arrivedAs: '7' })).rejects.toMatchObject(unlikely);
      rig.legacy.put(PATH, { ThingID: 7, Name: 'fig' });
      const other = newId();
      await world.store.alone.addLinks([{ entity: 'thing', port: 'backend', key: other, legacyId: '7' }]);
      await expect(repairs.settle({ ...order(), arrivedAs: '7' })).rejects.toMatchObject(unlikely);
      expect(await states()).toEqual(['in-doubt']);
      await world.store.alone.readyAgain(CONSUMER, key);
      await parked();
      for (const seen of [{ arrivedAs: '7' }, { notArrived: true }] as const)
        await expect(repairs.settle({ ...order(), ...seen })).rejects.toMatchObject(unlikely);
    });
  });

  describe(`${name}: a re-port`, () => {
    /** A thing that legacy has, of version 1. */
    const ported = async (document: Thing = { name: 'fig' }) => {
      await due(1, 'create', document);
      await sendAll();
    };

    it('sends what was given up, and the key is unlike no longer', async () => {
      await ported();
      await due(2, 'update', { name: 'never' });
      await parked();
      await repairs.discard({ key, eventId: 'e-2', ...WORD });
      await world.saved(CONSUMER, key, state(2, { name: 'plum' }));
      expect(await batch(1, { unlike: true })).toMatchObject({ total: 1, done: 1, finished: true });
      expect([await repairs.underWay(), (await unlike()).length]).toEqual([1, 1]);
      expect(await sendAll()).toEqual(['done']);
      expect([rows(), await unlike(), await repairs.underWay()]).toEqual([['1 plum'], [], 0]);
      expect((await receipts()).at(-1)).toEqual(['ported', 2]);
    });

    it('creates what legacy never had, and deletes what it still has', async () => {
      await due(1, 'create', { name: 'fig' });
      await parked();
      await repairs.discard({ key, eventId: 'e-1', ...WORD });
      await world.saved(CONSUMER, key, state(1, { name: 'fig' }));
      await batch(1);
      expect([await sendAll(), rows(), await unlike()]).toEqual([['done'], ['1 fig'], []]);
      await due(2, 'delete', undefined);
      await parked();
      await repairs.discard({ key, eventId: 'e-2', ...WORD });
      await world.saved(CONSUMER, key, state(2, undefined));
      await batch(2);
      expect([await sendAll(), rows(), await unlike()]).toEqual([['done'], [], []]);
    });

    it('sends nothing where legacy has that row, and says so', async () => {
      await ported();
      await world.saved(CONSUMER, key, state(1, { name: 'fig' }));
      await batch();
      expect([await sendAll(), await unlike()]).toEqual([['done'], []]);
      expect([rig.count('PUT'), rig.count('POST'), (await receipts()).at(-1)]).toEqual([0, 1, ['skipped', 1]]);
    });

    it('sends a row that is formatted another way now, of the version that legacy has, and compares later ones with it', async () => {
      await ported();
      await world.saved(CONSUMER, key, state(1, { name: 'figs' }));
      await batch();
      expect([await sendAll(), rows()]).toEqual([['done'], ['1 figs']]);
      await due(2, 'update', { name: 'plum' });
      expect([await sendAll(), rows()]).toEqual([['done'], ['1 plum']]);
    });

    it('never covers what somebody else wrote: that is parked as ever, and given up it counts no effect twice', async () => {
      await ported();
      await repairs.count({ effective: 1, applied: 1 });
      rig.legacy.put(PATH, { ThingID: 1, Name: 'theirs' });
      await world.saved(CONSUMER, key, state(1, { name: 'figs' }));
      await batch();
      expect([await sendAll(), rows()]).toEqual([['parked'], ['1 theirs']]);
      await repairs.discard({ key, eventId: 'e-1', ...WORD });
      expect((await repairs.books())[0]).toMatchObject({ applied: 1, discarded: 0 });
      expect(await unlike()).toHaveLength(1);
    });

    it('takes a delete for done where there is no such row, whoever deleted it', async () => {
      await ported();
      rig.legacy.remove(PATH, '1');
      await due(2, 'delete', undefined);
      expect(await sendAll()).toEqual(['parked']);
      await repairs.discard({ key, eventId: 'e-2', ...WORD });
      await world.saved(CONSUMER, key, state(2, undefined));
      await batch();
      expect([await sendAll(), await unlike()]).toEqual([['done'], []]);
    });

    it('needs no send where legacy never had a row and needs none', async () => {
      await due(1, 'create', { name: 'fig' });
      await parked();
      await repairs.discard({ key, eventId: 'e-1', ...WORD });
      await world.saved(CONSUMER, key, state(2, undefined));
      await batch();
      expect([await states(), await unlike(), rows()]).toEqual([[], [], []]);
    });

    it('goes behind what is due of its key, and joins what is due of that very version', async () => {
      await ported();
      await due(2, 'update', { name: 'date' });
      await parked();
      await repairs.discard({ key, eventId: 'e-2', ...WORD });
      await due(3, 'update', { name: 'plum' });
      await world.saved(CONSUMER, key, state(3, { name: 'plum' }));
      await batch();
      expect([await states(), await repairs.underWay()]).toEqual([['ready'], 1]);
      expect([await sendAll(), rig.count('PUT'), await unlike()]).toEqual([['done'], 1, []]);
      expect((await receipts()).at(-1)).toEqual(['ported', 3]);
    });

    it('changes the row that was being made when it was asked for, and makes no second one', async () => {
      await due(1, 'create', { name: 'fig' });
      await world.saved(CONSUMER, key, state(2, { name: 'plum' }));
      await batch();
      expect([await sendAll(), rows(), rig.count('POST')]).toEqual([['done', 'done'], ['1 plum'], 1]);
      expect(await repairs.underWay()).toBe(0);
    });

    it('calls nothing done while something is under way that may make a row', async () => {
      await due(1, 'create', { name: 'fig' });
      await world.saved(CONSUMER, key, state(2, undefined));
      expect(await batch()).toMatchObject({ done: 1, standing: 1, finished: true });
      expect([await sendAll(), rows()]).toEqual([['done'], ['1 fig']]);
      expect(await batch(2)).toMatchObject({ done: 1, standing: 0, finished: true });
      expect([await sendAll(), rows()]).toEqual([['done'], []]);
    });

    it('leaves keys of which a send stands', async () => {
      await ported();
      await due(2, 'update', { name: 'never' });
      await parked();
      await world.saved(CONSUMER, key, state(3, { name: 'plum' }));
      expect(await batch()).toMatchObject({ done: 1, standing: 1, failed: 0, finished: true });
      expect([await states(), await repairs.underWay()]).toEqual([['parked'], 0]);
    });

    it('never sends a key that legacy owns; an import of it closes what was given up before', async () => {
      const [imported, unknown] = [newId(), newId()];
      for (const one of [imported, unknown]) {
        await world.saved(CONSUMER, one, state(2, { name: 'old' }, { owner: 'legacy' }));
        await due(1, 'update', { name: 'x' }, one);
        await parked();
        await repairs.discard({ key: one, eventId: 'e-1', ...WORD });
      }
      await world.store.alone.savePorted([{ consumer: CONSUMER, key: imported, version: 2, hash: 'h' }]);
      await batch();
      expect([await states(), await unlike()]).toEqual([[], [[unknown, 1, 'a test order']]]);
    });

    it('knows nothing of what was journalled for the send of that version', async () => {
      await due(1, 'create', { name: 'fig' });
      rig.legacy.failNext('POST', { type: 'drop-after-commit' });
      await attempt({
        work: await sends.claimOne(),
        port: rig.port,
        journal: sends.journal(),
        mayWrite: () => true,
      }).then(async ({ verdict }) => expect(verdict).toMatchObject({ type: 'again', mayHaveArrived: true }));
      sends = new Sends(world.store, rig.port, await register(world.store, 'porter-0'));
      expect(await sendAll()).toEqual(['done']);
      expect(await world.intents()).toMatchObject([{ state: 'closed', mayHaveArrived: true }]);
      await world.saved(CONSUMER, key, state(1, { name: 'figs' }));
      await batch();
      expect(await world.intents()).toEqual([]);
      expect([await sendAll(), rows()]).toEqual([['done'], ['1 figs']]);
    });

    it('is passed by a later import, which brings the whole row', async () => {
      await due(1, 'create', { name: 'fig' });
      await parked();
      await repairs.discard({ key, eventId: 'e-1', ...WORD });
      await world.saved(CONSUMER, key, state(1, { name: 'fig' }));
      await batch();
      await world.store.alone.savePorted([{ consumer: CONSUMER, key, version: 2, hash: 'h' }]);
      expect([await sendAll(), await unlike(), rows()]).toEqual([['overtaken'], [], []]);
    });

    it('finds what it had sent when its process dies behind the write', async () => {
      await ported();
      await world.saved(CONSUMER, key, state(1, { name: 'figs' }));
      await batch();
      rig.legacy.failNext('PUT', { type: 'drop-after-commit' });
      const work = await sends.claimOne();
      await attempt({ work, port: rig.port, journal: sends.journal(), mayWrite: () => true });
      sends = new Sends(world.store, rig.port, await register(world.store, 'porter-0'));
      await world.pass(SETTLE_AFTER_MS + 1);
      expect([await sendAll(), rows(), rig.count('PUT')]).toEqual([['done'], ['1 figs'], 1]);
    });
  });
}
