import { newId, systemClock } from '@banyan/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { forget, leave, register } from '../instance/incarnations.js';
import { SILENT_MS } from '../instance/lease-time.js';
import { learn, type Told } from '../rebuilding/learn.js';
import type { ReceiptBody } from '../receipts/receipt.js';
import { Claims } from '../sending/claims.js';
import { sharedLane } from '../sending/lanes.js';
import type { Verdict } from '../sending/verdict.js';
import { aReceipt } from '../testing/a-receipt.js';
import type { PorterWorld, PorterWorlds } from '../testing/porter-world.js';
import { Sends } from '../testing/sends.js';
import { ThingsRig } from '../testing/things.js';
import { keepHouse } from './housekeeping.js';
import { writeLinks } from './links.js';
import { latestPorted } from './ported.js';
import type { PorterStore, PortLink } from './porter-store.js';
import { applySwitch, staysOff } from './switches.js';
import type { Work } from './work.js';

const CONSUMER = 'thing.backend';
const LOST = { code: 'PORTER_CLAIM_LOST' };
const DAY_MS = 86_400_000;
const DONE = { type: 'done', legacyId: '1', hash: 'h' } as const;
const PARKED = { type: 'parked', code: 'X', message: 'no' } as const;
const NOT_SENT = { type: 'again', reason: 'no answer', mayHaveArrived: false, afterMs: 0 } as const;
const UNCLEAR = { type: 'again', reason: 'no answer', mayHaveArrived: true, afterMs: 0 } as const;

/** What the porter's store promises, and what the protocols on it promise by that. */
export function porterStoreContract(name: string, start: () => Promise<PorterWorlds>): void {
  describe(name, () => {
    const { port } = new ThingsRig();
    let worlds: PorterWorlds;
    let world: PorterWorld;
    let sends: Sends;

    beforeAll(async () => {
      worlds = await start();
    }, 180_000);
    afterAll(() => worlds.close());
    beforeEach(async () => {
      world = await worlds.world();
      sends = await comeUp('porter-0');
    });

    const comeUp = async (as: string) => new Sends(world.store, port, await register(world.store, as));
    const states = async () => (await world.work()).map(({ state }) => state);
    const open = async () => (await world.intents()).filter(({ state }) => state !== 'closed');
    const found = async (by: Sends, work: Work) => (await by.journal().load(work, port)).intent;
    const receipts = async () => world.store.alone.waitingReceipts('porter-0', [], 1_000);
    const outcomes = async () => (await receipts()).map(({ body }) => body.outcome);
    const link = (...links: PortLink[]) => world.store.transaction((tx) => writeLinks(tx, links));
    const switchTo = (mode: 'on' | 'off', version: number) =>
      applySwitch(
        { store: world.store, writer: 'porter-0', nowMs: () => 0, transformerVersion: 1 },
        { consumer: CONSUMER, mode, version },
      );

    describe('claiming', () => {
      it('gives the first send of each key, oldest first, and the next one when it is done', async () => {
        const [a, b] = [newId(), newId()];
        await sends.add([a, 1], [a, 2], [b, 1]);
        const [first, second, ...more] = await sends.claim();
        expect([first?.key, second?.key, more]).toEqual([a, b, []]);
        expect(await sends.claim()).toEqual([]);
        await sends.end(first as Work, DONE);
        expect(await sends.claim()).toMatchObject([{ key: a, version: 2 }]);
      });

      it('gives a send as it was added, once, however often it is added', async () => {
        const trace = { correlationId: 'c', hops: 2 };
        const document = { name: 'Ölmühle 😀', nested: { none: null, list: [1.5] } };
        const work = {
          consumer: CONSUMER,
          key: newId(),
          version: 3,
          eventId: 'e-3',
          eventType: 'Happened',
          operation: 'update',
          document,
          stateHash: 'f00',
          trace,
        } as const;
        await world.store.alone.addWork([work], false);
        await world.store.alone.addWork([{ ...work, eventId: 'other' }], false);
        await world.store.alone.addWork([], false);
        expect(await sends.claim()).toEqual([{ ...work, attempts: 0, claim: expect.any(String) }]);
        const erased = { ...work, version: 4, operation: 'delete', document: undefined, stateHash: undefined } as const;
        await world.store.alone.addWork([erased], false);
        await world.store.alone.readyOvertaken(CONSUMER, [work.key]);
        expect(await world.work()).toHaveLength(2);
      });

      it('gives nothing of other consumers, of no consumer, and no more than it was asked for', async () => {
        await sends.add([newId(), 1], [newId(), 1]);
        expect(await world.store.alone.claimWork(['thing.other'], sends.holder, 10)).toEqual([]);
        expect(await world.store.alone.claimWork([], sends.holder, 10)).toEqual([]);
        expect(await sends.claim(1)).toHaveLength(1);
      });

      it('gives two instances that ask at once different sends', async () => {
        const other = await comeUp('porter-1');
        await sends.add(...Array.from({ length: 20 }, (): [string, number] => [newId(), 1]));
        const both = await Promise.all([sends.claim(), other.claim(), sends.claim(), other.claim()]);
        const keys = both.flat().map(({ key }) => key);
        expect([keys.length, new Set(keys).size]).toEqual([20, 20]);
      });

      it('leaves out what waits, stands or is not due, and everything behind it', async () => {
        const key = newId();
        await sends.add([key, 1], [key, 2]);
        await sends.end(await sends.claimOne(), PARKED);
        expect(await sends.claim()).toEqual([]);
        expect(await world.store.alone.readyAgain(CONSUMER, key)).toBe(1);
        expect(await world.store.alone.readyAgain(CONSUMER, key)).toBe(0);
        await sends.end(await sends.claimOne(), { ...NOT_SENT, afterMs: 60_000 });
        expect(await sends.claim()).toEqual([]);
        await world.pass(60_001);
        expect(await sends.claimOne()).toMatchObject({ version: 1, attempts: 1 });
      });

      it('passes over what another transaction holds', async () => {
        await sends.add([newId(), 1], [newId(), 1]);
        const { promise: over, resolve: end } = Promise.withResolvers<void>();
        const { promise: held, resolve: hold } = Promise.withResolvers<void>();
        const holding = world.store.transaction(async (tx) => {
          await tx.tellOff(CONSUMER);
          hold();
          await over;
        });
        await held;
        expect(await sends.claim()).toEqual([]);
        end();
        await holding;
        expect(await sends.claim()).toHaveLength(2);
      });
    });

    describe('one claim and the next of the same instance', () => {
      // The answer to the commit of a settlement was lost, so it is repeated; meanwhile the next claim is sending already.
      it('are not taken for each other: what the first writes late changes nothing of the second', async () => {
        await sends.add([newId(), 1]);
        const first = await sends.claimOne();
        await sends.end(first, NOT_SENT);
        const second = await sends.claimOne();
        await sends.open(second);
        await expect(sends.end(first, NOT_SENT)).rejects.toMatchObject(LOST);
        await expect(sends.end(first, DONE)).rejects.toMatchObject(LOST);
        await expect(sends.open(first)).rejects.toMatchObject(LOST);
        expect(await sends.claim()).toEqual([]);
        expect(await open()).toMatchObject([{ state: 'open', attempt: 1 }]);
        await sends.end(second, DONE);
        expect(await states()).toEqual([]);
      });

      it('have one end, also when two write it at once', async () => {
        await sends.add([newId(), 1]);
        const work = await sends.claimOne();
        const ends = await Promise.allSettled([sends.end(work, DONE), sends.end(work, PARKED), sends.end(work, DONE)]);
        expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
        expect(await receipts()).toHaveLength(1);
      });

      it('are given back when the answer to the claim was lost, and nothing else is', async () => {
        const [a, b] = [newId(), newId()];
        await sends.add([a, 1], [b, 1]);
        let lost = false;
        const store = world.losing(() => lost);
        const claims = new Claims({
          store,
          lanes: sharedLane([CONSUMER], 16),
          holder: sends.holder,
          clock: systemClock,
        });
        const [sending] = await claims.claim(1);
        await claims.hold(sending as Work, async () => {
          lost = true;
          await expect(claims.claim(10)).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE', retryable: true });
          lost = false;
          expect(await claims.claim(10)).toMatchObject([{ key: b }]);
        });
      });

      it('are not given back with those for another target, which the same instance sends as well', async () => {
        const other = 'thing.archive';
        const due = { eventId: 'e1', eventType: 'Happened', document: {}, stateHash: undefined, trace: {} };
        const work = { ...due, consumer: other, key: newId(), version: 1, operation: 'create' as const };
        await world.store.alone.addWork([work], false);
        await sends.add([newId(), 1]);
        let lost = true;
        const store = world.losing(() => lost);
        const { holder } = sends;
        const ofOther = new Claims({ store: world.store, lanes: sharedLane([other], 10), holder, clock: systemClock });
        const claims = new Claims({ store, lanes: sharedLane([CONSUMER], 10), holder, clock: systemClock });
        const [sending] = await ofOther.claim(1);
        await ofOther.hold(sending as Work, async () => {
          await expect(claims.claim(10)).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
          lost = false;
          await claims.claim(10);
          expect(await ofOther.claim(10)).toEqual([]);
        });
      });
    });

    describe('taking over', () => {
      it('a later incarnation frees the claims of the earlier one, whose sends end there', async () => {
        await sends.add([newId(), 1]);
        const work = await sends.claimOne();
        expect(await world.store.alone.heartbeat(sends.holder)).toBe(true);
        const later = await comeUp('porter-0');
        await expect(sends.open(work)).rejects.toMatchObject(LOST);
        await expect(sends.end(work, DONE)).rejects.toMatchObject(LOST);
        expect(await world.store.alone.heartbeat(sends.holder)).toBe(false);
        expect(await later.claim()).toHaveLength(1);
      });

      it('leaves alone what others hold, and what the later incarnation holds itself', async () => {
        await sends.add([newId(), 1], [newId(), 1]);
        const other = await comeUp('porter-1');
        await other.open(await other.claimOne());
        await sends.open(await sends.claimOne());
        await comeUp('porter-1');
        expect((await open()).filter(({ state }) => state === 'open')).toHaveLength(1);
        expect(await sends.claim()).toHaveLength(1);
      });

      it('makes an open send unclear, and its "no" count only behind the lease and the settling time', async () => {
        await sends.add([newId(), 1]);
        await sends.open(await sends.claimOne());
        const later = await comeUp('porter-0');
        const work = await later.claimOne();
        const intent = await found(later, work);
        expect(intent).toMatchObject({
          mayHaveArrived: true,
          settled: false,
          highWaterMark: '40',
          row: { Name: 'fig' },
        });
        const { settleAfterMs } = port.sender.target;
        // Behind the lease, of which the statements in between have used up some.
        expect(intent?.settledInMs).toBeGreaterThan(settleAfterMs);
        expect(intent?.settledInMs).toBeLessThanOrEqual(settleAfterMs + 5_000);
        await world.pass(settleAfterMs + 5_001);
        expect(await found(later, work)).toMatchObject({ settled: true, settledInMs: 0 });
      });

      it('counts the settling time from now where the lease was over', async () => {
        await sends.add([newId(), 1]);
        await sends.open(await sends.claimOne());
        await world.pass(60_000);
        const later = await comeUp('porter-0');
        const { settleAfterMs } = port.sender.target;
        const { settledInMs = 0 } = (await found(later, await later.claimOne())) ?? {};
        expect(settledInMs).toBeGreaterThan(settleAfterMs - 1_000);
        expect(settledInMs).toBeLessThanOrEqual(settleAfterMs);
      });

      it('leaves an open send of a silent instance with it, and frees what it had only claimed', async () => {
        const [sent, idle] = [newId(), newId()];
        await sends.add([sent, 1], [idle, 1]);
        const [first] = await sends.claim();
        await sends.open(first as Work);
        expect(await world.store.alone.freeAbandoned()).toBe(0);
        await world.pass(SILENT_MS + 1_000);
        const other = await comeUp('porter-1');
        expect(await world.store.alone.freeAbandoned()).toBe(1);
        expect(await other.claim()).toMatchObject([{ key: idle }]);
        expect(await open()).toMatchObject([{ key: sent, state: 'open' }]);
      });

      it('goes on with what an instance left that a person said is dead, and stops it should it live', async () => {
        await sends.add([newId(), 1]);
        const work = await sends.claimOne();
        await sends.open(work);
        expect(await forget(world.store, 'porter-0')).toEqual({ was: 'alive', sends: 0 });
        expect(await forget(world.store, 'porter-7')).toEqual({ was: 'unknown', sends: 0 });
        await world.pass(SILENT_MS + 1_000);
        const other = await comeUp('porter-1');
        expect(await forget(world.store, 'porter-0')).toEqual({ was: 'silent', sends: 1 });
        expect(await world.store.alone.heartbeat(sends.holder)).toBe(false);
        await expect(sends.end(work, DONE)).rejects.toMatchObject(LOST);
        expect(await found(other, await other.claimOne())).toMatchObject({ mayHaveArrived: true });
        expect(await forget(world.store, 'porter-0')).toEqual({ was: 'left', sends: 0 });
      });

      it('lets anybody go on with what an instance left that went in order', async () => {
        await sends.add([newId(), 1]);
        await sends.open(await sends.claimOne());
        await leave(world.store, sends.holder);
        const other = await comeUp('porter-1');
        expect(await found(other, await other.claimOne())).toMatchObject({ mayHaveArrived: true });
      });
    });

    describe('settling', () => {
      it('closes intent, work, link and hash together, and notes the receipt', async () => {
        const key = newId();
        await sends.add([key, 1]);
        const work = await sends.claimOne();
        await sends.open(work);
        await sends.end(work, { type: 'done', legacyId: '41', hash: 'v1:row' });
        expect(await states()).toEqual([]);
        expect(await world.intents()).toMatchObject([{ state: 'closed', outcome: 'ported', legacyId: '41' }]);
        expect(await found(sends, work)).toBeUndefined();
        const { alone } = world.store;
        expect(await alone.findLinks({ entity: 'thing', port: 'backend', legacyIds: ['41'] })).toEqual([
          { entity: 'thing', key, legacyId: '41' },
        ]);
        expect((await alone.readPorted(CONSUMER, [key])).get(key)).toMatchObject({ version: 1, hash: 'v1:row' });
        expect(await receipts()).toMatchObject([
          { key, body: { outcome: 'ported', legacyId: '41', operation: 'create' } },
        ]);
        expect(await sends.journal().load(work, port)).toMatchObject({ legacyId: '41', ported: { version: 1 } });
      });

      it('leaves nothing of a settlement that cannot be written to its end', async () => {
        const key = newId();
        await sends.add([key, 1]);
        const work = await sends.claimOne();
        await sends.open(work);
        const half = world.store.transaction(async (tx) => {
          await writeLinks(tx, [{ entity: 'thing', port: 'backend', key, legacyId: '41' }]);
          await tx.finishWork([work]);
          await tx.closeIntents([{ work, outcome: 'ported', legacyId: '41' }]);
          throw new Error('no');
        });
        await expect(half).rejects.toThrow('no');
        expect([await states(), await open()]).toMatchObject([['ready'], [{ state: 'open' }]]);
        const where = { entity: 'thing', port: 'backend', keys: [key] };
        expect(await world.store.alone.findLinks(where)).toEqual([]);
      });

      it('never gives one legacy row to two keys', async () => {
        await sends.add([newId(), 1], [newId(), 1]);
        const [first, second] = (await sends.claim()) as [Work, Work];
        await Promise.all([sends.end(first, DONE), sends.end(second, DONE)]);
        expect(await world.work()).toMatchObject([{ state: 'in-doubt', errorCode: 'PORTER_LINK_TAKEN' }]);
        expect((await outcomes()).toSorted()).toEqual(['inDoubt', 'ported']);
      });

      describe('several at once', () => {
        const several = async (count: number): Promise<readonly Work[]> => {
          await sends.add(...Array.from({ length: count }, (): [string, number] => [newId(), 1]));
          const claimed = await sends.claim();
          await Promise.all(claimed.map((work) => sends.open(work)));
          return claimed;
        };
        const doneAs = (legacyId: string) => ({ ...DONE, legacyId });
        const endAll = (works: readonly Work[], legacyIds: readonly string[], by = sends) =>
          Promise.allSettled(works.map((work, at) => by.end(work, doneAs(legacyIds[at] ?? ''))));
        const closed = async () => (await world.intents()).filter(({ state }) => state === 'closed').length;

        it('is one transaction, in which each gets what is its own', async () => {
          let transactions = 0;
          const counting: PorterStore = {
            ...world.store,
            transaction: (work) => {
              transactions += 1;
              return world.store.transaction(work);
            },
          };
          const works = await several(3);
          await endAll(works, ['41', '42', '43'], new Sends(counting, port, sends.holder));
          expect([transactions, await states(), await closed()]).toEqual([1, [], 3]);
          const links = await world.store.alone.findLinks({
            entity: 'thing',
            port: 'backend',
            legacyIds: ['41', '42', '43'],
          });
          expect(links.map(({ key }) => key)).toEqual(works.map(({ key }) => key));
          expect((await receipts()).map(({ key, body }) => [key, body.legacyId])).toEqual(
            works.map(({ key }, at) => [key, `${41 + at}`]),
          );
        });

        it('closes the others where one has lost its claim', async () => {
          const works = await several(3);
          await sends.end(works[1] as Work, NOT_SENT);
          const ends = await endAll(works, ['41', '42', '43']);
          expect(ends).toMatchObject([{ status: 'fulfilled' }, { reason: LOST }, { status: 'fulfilled' }]);
          expect([await states(), await closed()]).toEqual([['ready'], 2]);
          const where = { entity: 'thing', port: 'backend', legacyIds: ['42'] };
          expect(await world.store.alone.findLinks(where)).toEqual([]);
        });

        it('closes the others where the store refuses what one of them says', async () => {
          const works = await several(3);
          const ends = await endAll(works, ['41', '4\u00002', '43']);
          expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
          expect([await states(), await closed()]).toEqual([['ready'], 2]);
          expect(await open()).toMatchObject([{ key: works[1]?.key, state: 'open' }]);
        });

        it('closes the others where two of them found one row', async () => {
          const works = await several(3);
          await endAll(works, ['41', '41', '43']);
          expect(await world.work()).toMatchObject([{ state: 'in-doubt', errorCode: 'PORTER_LINK_TAKEN' }]);
          expect((await outcomes()).toSorted()).toEqual(['inDoubt', 'ported', 'ported']);
        });

        it('journals the others where one has lost its claim', async () => {
          await sends.add([newId(), 1], [newId(), 1]);
          const [first, second] = (await sends.claim()) as [Work, Work];
          await sends.end(first, { ...NOT_SENT, afterMs: 60_000 });
          const opened = await Promise.allSettled([sends.open(first), sends.open(second)]);
          expect(opened).toMatchObject([{ reason: LOST }, { status: 'fulfilled' }]);
          expect(await open()).toMatchObject([{ key: second.key, state: 'open' }]);
        });

        it('leaves each as unclear when its process dies between journal and legacy', async () => {
          const works = await several(3);
          const later = await comeUp('porter-0');
          expect((await open()).map(({ state, mayHaveArrived }) => [state, mayHaveArrived])).toEqual(
            works.map(() => ['unclear', true]),
          );
          const again = await later.claim();
          const journal = later.journal();
          const loaded = await Promise.all(again.map((work) => journal.load(work, port)));
          expect(loaded.map(({ intent }) => intent?.mayHaveArrived)).toEqual([true, true, true]);
        });

        it('tells of each what is its own', async () => {
          const works = await several(3);
          await sends.end(works[0] as Work, { ...doneAs('41'), hash: 'h-41' });
          await link({ entity: 'thing', port: 'backend', key: works[2]?.key ?? '', legacyId: '43' });
          const journal = sends.journal();
          const loaded = await Promise.all(works.map((work) => journal.load(work, port)));
          expect(loaded.map(({ legacyId, ported, intent }) => [legacyId, ported?.hash, intent?.attempt])).toEqual([
            ['41', 'h-41', undefined],
            [undefined, undefined, 1],
            ['43', undefined, 1],
          ]);
        });
      });

      it('keeps what legacy called the row, until another one takes its place', async () => {
        const key = newId();
        await sends.add([key, 1], [key, 2]);
        const ended = async (verdict: Verdict) => {
          const work = await sends.claimOne();
          await sends.end(work, verdict);
          return (await sends.journal().load(work, port)).ported;
        };
        expect(await ended({ ...DONE, etag: '"7"' })).toEqual({ version: 1, hash: 'h', etag: '"7"' });
        expect(await ended({ ...DONE, hash: 'h2', etag: '"8"' })).toEqual({ version: 2, hash: 'h2', etag: '"8"' });
        await world.store.alone.savePorted([{ consumer: CONSUMER, key, version: 3, hash: 'imported' }]);
        await sends.add([key, 4]);
        const { ported } = await sends.journal().load(await sends.claimOne(), port);
        expect(ported).toEqual({ version: 3, hash: 'imported' });
      });

      it('forgets an attempt that reached nobody, and keeps one that may have', async () => {
        await sends.add([newId(), 1]);
        const tried = async (verdict: Verdict) => {
          const work = await sends.claimOne();
          await sends.open(work);
          await sends.end(work, verdict);
          return world.intents();
        };
        expect(await tried(NOT_SENT)).toEqual([]);
        expect(await tried(UNCLEAR)).toMatchObject([{ state: 'unclear', mayHaveArrived: true, attempt: 1 }]);
        expect(await tried(NOT_SENT)).toMatchObject([{ state: 'unclear', mayHaveArrived: true, attempt: 2 }]);
        expect(await tried(PARKED)).toEqual([]);
      });

      it('ends a send that an import has overtaken, wherever it stood', async () => {
        const key = newId();
        await sends.add([key, 1]);
        await sends.end(await sends.claimOne(), PARKED);
        await world.store.alone.readyOvertaken(CONSUMER, [key]);
        await sends.end(await sends.claimOne(), { type: 'overtaken', byVersion: 2 });
        expect([await states(), await outcomes()]).toEqual([[], ['parked', 'skipped']]);
      });

      it.each([
        ['parked', { type: 'parked', code: 'X' }],
        ['ready', { type: 'again', mayHaveArrived: false }],
      ] as const)('keeps a result that quotes what the store cannot hold: %s', async (state, verdict) => {
        await sends.add([newId(), 1]);
        const words = 'no: \u0000 and half of 🌳: \ud83c';
        const quoting = verdict.type === 'parked' ? { ...verdict, message: words } : { ...verdict, reason: words };
        await sends.end(await sends.claimOne(), quoting);
        expect(await world.work()).toMatchObject([{ state, errorMessage: 'no: \ufffd and half of 🌳: \ufffd' }]);
      });

      it('refuses what it cannot hold', async () => {
        await sends.add([newId(), 1]);
        const work = await sends.claimOne();
        await expect(world.store.alone.releaseWork(work, { state: 'ready', message: 'a\u0000' })).rejects.toThrow();
        await expect(sends.open(work, { row: { Name: '\ud83c' } })).rejects.toThrow();
        expect(await world.intents()).toEqual([]);
      });

      it('keeps the row of a later import, whatever an older send ends with', async () => {
        const key = newId();
        await sends.add([key, 1]);
        const work = await sends.claimOne();
        await world.store.alone.savePorted([{ consumer: CONSUMER, key, version: 2, hash: 'imported' }]);
        await sends.end(work, { type: 'done', legacyId: '41', hash: 'older' });
        expect((await world.store.alone.readPorted(CONSUMER, [key])).get(key)).toMatchObject({
          version: 2,
          hash: 'imported',
        });
      });

      it('keeps the rows that legacy had by us before the last one, the latest first and at most eight', async () => {
        const [born, imported] = [newId(), newId()];
        await sends.add([born, 1]);
        await sends.end(await sends.claimOne(), { type: 'done', legacyId: '41', hash: 'h1' });
        const row = (key: string, version: number) => ({ consumer: CONSUMER, key, version, hash: `h${version}` });
        await world.store.alone.savePorted(latestPorted([row(born, 2), row(born, 1)]));
        for (let version = 1; version <= 10; version += 1) await world.store.alone.savePorted([row(imported, version)]);
        await world.store.alone.savePorted([row(imported, 3)]);
        expect(await world.store.alone.readPorted(CONSUMER, [born, imported, newId()])).toEqual(
          new Map([
            [born, { version: 2, hash: 'h2', earlier: ['h1', null] }],
            [imported, { version: 10, hash: 'h10', earlier: ['h9', 'h8', 'h7', 'h6', 'h5', 'h4', 'h3', 'h2'] }],
          ]),
        );
      });

      it('forgets what closed long ago, and nothing else', async () => {
        await sends.add([newId(), 1], [newId(), 1], [newId(), 1]);
        const [old, young, unclear] = (await sends.claim()) as [Work, Work, Work];
        for (const work of [old, young, unclear]) await sends.open(work);
        await sends.end(unclear, UNCLEAR);
        await sends.end(old, { ...DONE, legacyId: '41' });
        await world.pass(31 * DAY_MS);
        await sends.end(young, { ...DONE, legacyId: '42' });
        await keepHouse(world.store, () => undefined);
        const left = (await world.intents()).map(({ key }) => key).toSorted();
        expect(left).toEqual([young.key, unclear.key].toSorted());
      });
    });

    describe('links', () => {
      const linkOf = (key: string, legacyId: string): PortLink => ({ entity: 'thing', port: 'backend', key, legacyId });

      it('give the latest of a key that was created twice, and still find it by the first', async () => {
        const key = newId();
        await link(linkOf(key, '41'));
        await link(linkOf(key, '42'));
        const where = { entity: 'thing', port: 'backend' };
        expect(await world.store.alone.findLinks({ ...where, keys: [key] })).toMatchObject([{ legacyId: '42' }]);
        expect(await world.store.alone.findLinks({ ...where, legacyIds: ['41', '40'] })).toMatchObject([{ key }]);
        expect(await world.store.alone.findLinks({ ...where, port: 'other', keys: [key] })).toEqual([]);
      });

      it('stay with whom they were given to', async () => {
        const [first, second] = [newId(), newId()];
        expect(await link(linkOf(first, '41'))).toEqual([]);
        expect(await link(linkOf(first, '41'), linkOf(second, '42'))).toEqual([]);
        expect(await link(linkOf(second, '41'))).toEqual([{ ...linkOf(second, '41'), heldBy: first }]);
      });

      it('are the first writer’s also when another one asks before it has committed', async () => {
        const [first, second] = [newId(), newId()];
        const { promise: over, resolve: end } = Promise.withResolvers<void>();
        const { promise: written, resolve: write } = Promise.withResolvers<void>();
        const holding = world.store.transaction(async (tx) => {
          await writeLinks(tx, [linkOf(first, '41')]);
          write();
          await over;
        });
        await written;
        const asking = link(linkOf(second, '41'));
        await world.someoneWaits();
        end();
        await holding;
        expect(await asking).toMatchObject([{ heldBy: first }]);
      });
    });

    describe('asking whose row it is', () => {
      const row = (legacyId: string) => ({ legacyId, row: { ThingID: Number(legacyId), Name: 'fig' }, hash: '' });

      it('knows rows that are linked, and rows that another open create may have made', async () => {
        await sends.add([newId(), 1], [newId(), 1]);
        const [first, second] = [...(await sends.claim())].sort((x, y) => (x.key < y.key ? -1 : 1)) as [Work, Work];
        const journal = sends.journal();
        await sends.open(first);
        await sends.open(second);
        expect((await journal.claimants(first, port, [row('41'), row('39')])).contested).toEqual(new Set(['41']));
        // Both unclear: the first by key takes the row, the other waits for that.
        await sends.end(first, UNCLEAR);
        await sends.end(second, UNCLEAR);
        expect((await journal.claimants(first, port, [row('41')])).contested).toEqual(new Set());
        expect((await journal.claimants(second, port, [row('41')])).contested).toEqual(new Set(['41']));
        await link({ entity: 'thing', port: 'backend', key: first.key, legacyId: '41' });
        expect((await journal.claimants(second, port, [row('41')])).linked).toEqual(new Set(['41']));
      });
    });

    describe('waiting for a link', () => {
      const ownerLink = (id: string) => ({ entity: 'owner', port: 'backend', key: id, legacyId: `L-${id}` });
      const waitFor = async (...owners: string[]): Promise<void> => {
        await sends.add([newId(), 1]);
        const references = owners.map((id) => ({ entity: 'owner', id }));
        await sends.end(await sends.claimOne(), { type: 'waiting', references });
      };

      it('ends when the link is written, however the two fall together', async () => {
        for (let round = 0; round < 30; round += 1) {
          const owner = newId();
          await sends.add([newId(), 1]);
          const work = await sends.claimOne();
          const waits = sends.end(work, { type: 'waiting', references: [{ entity: 'owner', id: owner }] });
          await Promise.all([waits, link(ownerLink(owner))]);
          expect(await states()).toEqual(['ready']);
          await sends.end(await sends.claimOne(), { ...DONE, legacyId: `${round}` });
        }
      });

      it('goes on for other links as it was, and for its own', async () => {
        const owner = newId();
        await waitFor(owner, newId());
        await link(ownerLink(newId()));
        expect(await states()).toEqual(['waiting']);
        expect(await world.store.alone.recheckWaiting()).toBe(0);
        await link(ownerLink(owner));
        expect(await states()).toEqual(['ready']);
      });

      it('never begins where the link is there', async () => {
        const owner = newId();
        await link(ownerLink(owner));
        await waitFor(owner);
        expect(await states()).toEqual(['ready']);
      });

      it('ends for what is deleted with nothing left to send: its link can never come', async () => {
        const owner = newId();
        await waitFor(owner);
        const ownerSend = { consumer: 'owner.backend', key: owner, version: 1, eventId: 'e', eventType: 'Happened' };
        const create = { ...ownerSend, operation: 'create', document: {}, stateHash: undefined, trace: {} } as const;
        await world.store.alone.addWork([create], false);
        await world.deleted('owner.backend', owner);
        let freed = 0;
        await keepHouse(world.store, () => {
          freed += 1;
        });
        expect([freed, await world.store.alone.goneKeys('owner.backend', [owner])]).toEqual([0, []]);
        const [left] = await world.store.alone.claimWork(['owner.backend'], sends.holder, 1);
        await world.store.alone.finishWork([left as Work]);
        expect(await world.store.alone.goneKeys('owner.backend', [owner, newId()])).toEqual([owner]);
        await keepHouse(world.store, () => {
          freed += 1;
        });
        expect([freed, await states()]).toEqual([1, ['ready']]);
      });
    });

    describe('switching a port', () => {
      it('takes only what is newer, and is told of what is due, once', async () => {
        const [a, b] = [newId(), newId()];
        await sends.add([a, 1], [b, 1]);
        expect(await switchTo('off', 2)).toBe(true);
        expect(await switchTo('on', 1)).toBe(false);
        expect(await switchTo('on', 2)).toBe(false);
        expect((await receipts()).map(({ key, body }) => [key, body.outcome, body.reason])).toEqual([
          [a, 'skipped', 'port off'],
          [b, 'skipped', 'port off'],
        ]);
        expect(await sends.claim()).toEqual([]);
        expect(await switchTo('on', 3)).toBe(true);
        expect(await sends.claim()).toHaveLength(2);
        expect(await switchTo('off', 4)).toBe(true);
        expect(await receipts()).toHaveLength(2);
      });

      it('waits for an intake that took the port for on, and tells of its work', async () => {
        const { promise: over, resolve: end } = Promise.withResolvers<void>();
        const { promise: looked, resolve: look } = Promise.withResolvers<boolean>();
        const work = { consumer: CONSUMER, key: newId(), version: 1, eventId: 'e', eventType: 'Happened' };
        const intake = world.store.transaction(async (tx) => {
          look(await staysOff(tx, CONSUMER));
          await over;
          await tx.addWork([{ ...work, operation: 'create', document: {}, stateHash: undefined, trace: {} }], false);
        });
        expect(await looked).toBe(false);
        const switched = switchTo('off', 1);
        await world.someoneWaits();
        end();
        await Promise.all([intake, switched]);
        expect(await outcomes()).toEqual(['skipped']);
        expect(await world.store.transaction((tx) => staysOff(tx, CONSUMER))).toBe(true);
      });
    });

    describe('receipts', () => {
      const note = (writer: string, ...bodies: ReceiptBody[]) =>
        world.store.alone.addReceipts(
          writer,
          bodies.map((one) => ({ body: one, trace: { hops: 1 } })),
        );
      const waiting = (...args: Parameters<PorterWorld['store']['alone']['waitingReceipts']>) =>
        world.store.alone.waitingReceipts(...args);

      it('wait in their order, each under its own id, until they are forgotten', async () => {
        const bodies = [aReceipt(), aReceipt({ reason: 'Ölmühle 😀' }), aReceipt()];
        await note('porter-0', ...bodies);
        await note('porter-0');
        const found = await waiting('porter-0', [], 10);
        expect(found.map((one) => one.body)).toEqual(bodies);
        expect(found.map((one) => [one.key, one.trace])).toEqual(bodies.map(({ key }) => [key, { hops: 1 }]));
        expect(new Set(found.map(({ receiptId }) => receiptId)).size).toBe(3);
        expect(await waiting('porter-0', [], 10)).toEqual(found);
        const [first, second, third] = found.map(({ id }) => id) as [number, number, number];
        expect((await waiting('porter-0', [first], 1)).map(({ id }) => id)).toEqual([second]);
        await world.store.alone.forgetReceipts([first, second]);
        expect((await waiting('porter-0', [], 10)).map(({ id }) => id)).toEqual([third]);
      });

      it('are the writer’s own while it lives, and anybody’s when it is silent, has left or is unknown', async () => {
        const other = await comeUp('porter-1');
        await note('porter-1', aReceipt());
        expect(await waiting('porter-0', [], 10)).toEqual([]);
        await note('nobody', aReceipt());
        expect(await waiting('porter-0', [], 10)).toHaveLength(1);
        await world.pass(SILENT_MS + 1_000);
        expect(await waiting('porter-0', [], 10)).toHaveLength(2);
        await world.store.alone.heartbeat(other.holder);
        expect(await waiting('porter-0', [], 10)).toHaveLength(1);
        await leave(world.store, other.holder);
        expect(await waiting('porter-0', [], 10)).toHaveLength(2);
      });

      it('wait for an older one of their key that another process has yet to send, and come behind it when that is gone', async () => {
        await comeUp('porter-1');
        const [moved, apart] = [newId(), newId()];
        await note('porter-1', aReceipt({ key: moved, version: 1 }));
        await note('porter-0', aReceipt({ key: moved, version: 2 }), aReceipt({ key: apart, version: 1 }));
        const told = async () => (await waiting('porter-0', [], 10)).map(({ key, body }) => [key, body.version]);
        expect(await told()).toEqual([[apart, 1]]);
        await world.pass(SILENT_MS + 1_000);
        expect(await told()).toEqual([
          [moved, 1],
          [moved, 2],
          [apart, 1],
        ]);
      });
    });

    describe('rebuilding from receipts', () => {
      const learner = { consumer: CONSUMER, entity: 'thing', port: 'backend', primary: true };
      const told = (key: string, version: number, more: Partial<ReceiptBody> = {}): Told => ({
        ...aReceipt({
          entity: 'thing',
          key,
          version,
          operation: version === 1 ? 'create' : 'update',
          legacyId: '41',
          ...more,
        }),
        rowHash: more.rowHash === undefined ? `row ${version}` : more.rowHash,
        whole: more.whole ?? false,
      });
      const learned = (...receipts: Told[]) => world.store.transaction((tx) => learn(tx, learner, receipts));
      const ported = async (key: string) => (await world.store.alone.readPorted(CONSUMER, [key])).get(key);
      const linked = (key: string) => world.store.alone.findLinks({ entity: 'thing', port: 'backend', keys: [key] });

      it('gives back links, the row last ported and those before it, and says up to where nothing is to be sent', async () => {
        const [a, b] = [newId(), newId()];
        const receipts = [
          told(a, 1),
          told(b, 1, { legacyId: '42' }),
          told(a, 2),
          told(a, 3, { operation: 'delete', rowHash: null }),
        ];
        expect(await learned(...receipts)).toBe(4);
        expect(await ported(a)).toMatchObject({ version: 3, hash: null, earlier: ['row 2', 'row 1', null] });
        expect(await ported(b)).toMatchObject({ version: 1, hash: 'row 1', earlier: [null] });
        expect([await linked(a), await linked(b)]).toMatchObject([[{ legacyId: '41' }], [{ legacyId: '42' }]]);
        const restored = await world.store.alone.restoredVersions(CONSUMER, [a, b, newId()]);
        expect(restored).toEqual(
          new Map([
            [a, 3],
            [b, 1],
          ]),
        );
        expect(await learned(...receipts)).toBe(0);
        expect(await ported(a)).toMatchObject({ version: 3, earlier: ['row 2', 'row 1', null] });
      });

      it('learns nothing that it knows, nor of what was not ported, nor of another port', async () => {
        const key = newId();
        await world.store.alone.savePorted([{ consumer: CONSUMER, key, version: 5, hash: 'here' }]);
        expect(await learned(told(key, 4), told(key, 5))).toBe(0);
        const no = [
          told(key, 6, { outcome: 'parked' }),
          told(key, 6, { port: 'other' }),
          told(key, 6, { entity: 'other' }),
        ];
        expect(await learned(...no)).toBe(0);
        expect(await ported(key)).toMatchObject({ version: 5, hash: 'here' });
        expect((await world.store.alone.restoredVersions(CONSUMER, [key])).size).toBe(0);
      });

      it('takes what was sent once more of one version for the row that legacy has, and a repeat of it for nothing new', async () => {
        const key = newId();
        const again = told(key, 2, { rowHash: 'formatted anew', whole: true });
        expect(await learned(told(key, 1), told(key, 2), again)).toBe(3);
        expect(await ported(key)).toMatchObject({ version: 2, hash: 'formatted anew' });
        expect(await learned(told(key, 2), again)).toBe(0);
        // Of a database that was put back to before it.
        const other = newId();
        await learned(told(other, 1));
        expect(await learned(told(other, 1, { outcome: 'skipped', rowHash: 'as legacy had it', whole: true }))).toBe(1);
        expect(await ported(other)).toMatchObject({ version: 1, hash: 'as legacy had it' });
      });

      describe('of sends that a person gave up', () => {
        const discarded = (key: string, version: number) =>
          told(key, version, {
            outcome: 'discarded',
            legacyId: null,
            eventId: `e-${version}`,
            reason: 'ann: a test: x',
          });
        const unlike = async () =>
          (await world.repairs(port).unlike()).map(({ key, version, by, reason }) => [key, version, by, reason]);
        const closed = async (key: string) => await world.store.alone.discarded(CONSUMER, [key]);

        it('keeps them from being sent, those that are due with the rest, and their keys unlike', async () => {
          const key = newId();
          await sends.add([key, 1], [key, 2], [key, 3]);
          const receipts = [told(key, 1), discarded(key, 2)];
          expect(await learned(...receipts)).toBe(2);
          expect(await world.work()).toMatchObject([{ key }]);
          expect(await sends.claim()).toMatchObject([{ version: 3 }]);
          expect(await unlike()).toEqual([[key, 2, 'ann', 'a test: x']]);
          expect(await closed(key)).toEqual([{ key, version: 2 }]);
          expect(await learned(...receipts)).toBe(0);
          expect(await closed(key)).toHaveLength(1);
          // Never ported: no row of it is known, and none is made up.
          const other = newId();
          await learned(discarded(other, 1));
          expect([await ported(other), await closed(other)]).toEqual([undefined, [{ key: other, version: 1 }]]);
        });

        it('are no news where what the event means was given up before it was a send', async () => {
          const key = newId();
          await world.closedEffect(CONSUMER, key, 1);
          expect(await closed(key)).toEqual([{ key, version: 1 }]);
          expect([await learned(discarded(key, 1)), await unlike()]).toEqual([0, []]);
        });

        it('knows that one was made good by a send of the whole state behind it, and by nothing else', async () => {
          const [good, bad, later] = [newId(), newId(), newId()];
          const whole = (key: string, version: number) => told(key, version, { whole: true });
          await learned(discarded(good, 1), whole(good, 2), discarded(bad, 1), told(bad, 2));
          expect(await unlike()).toEqual([[bad, 1, 'ann', 'a test: x']]);
          // In two goes, as a start reads them.
          await learned(discarded(later, 2));
          expect(await unlike()).toHaveLength(2);
          await learned(whole(later, 2), whole(bad, 3));
          expect(await unlike()).toEqual([]);
          // What is known is told again, and opens nothing; what was given up behind it does.
          await learned(whole(later, 2), discarded(later, 2), discarded(later, 3));
          expect(await unlike()).toEqual([[later, 3, 'ann', 'a test: x']]);
        });
      });

      it('holds what a receipt of an earlier version does not tell for no row that legacy could have', async () => {
        const key = newId();
        const { rowHash: _, ...untold } = told(key, 1);
        await learned({ ...untold, rowHash: null });
        expect((await ported(key))?.hash).toContain('does not tell');
      });

      it('ends what receipts say was sent, and its journal; asks legacy first of the rest', async () => {
        const [done, due, begun] = [newId(), newId(), newId()];
        await sends.add([done, 1], [done, 2], [done, 3], [due, 1], [begun, 1]);
        for (const work of await sends.claim()) if (work.key !== due) await sends.open(work);
        await learned(told(done, 1), told(done, 2));
        expect((await world.work()).map(({ key }) => key)).toEqual([done, due, begun]);
        expect((await world.intents()).map(({ key }) => key)).toEqual([begun]);
        expect(await world.store.alone.doubtSends(CONSUMER, 'porter-0', [due])).toBe(1);
        expect(await world.store.alone.doubtSends(CONSUMER, 'porter-0')).toBe(1);
        expect(await world.store.alone.doubtSends(CONSUMER, 'porter-0')).toBe(0);
        const intents = (await world.intents()).map(({ key, state, mayHaveArrived }) => [key, state, mayHaveArrived]);
        expect(intents).toEqual(
          [
            [begun, 'open', false],
            [done, 'unclear', true],
            [due, 'unclear', true],
          ].toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
        );
        const work = { consumer: CONSUMER, key: due, version: 1, operation: 'create', document: {} } as Work;
        expect(await found(sends, work)).toMatchObject({ row: null, highWaterMark: null, settled: false });
        await world.pass(port.definition.target.settleAfterMs);
        expect(await found(sends, work)).toMatchObject({ settled: true });
      });

      it('knows how far the receipts are read, and how far a past is lost, never backwards', async () => {
        const { receiptsRead, saveReceiptsRead, lostPasts, saveLostPast, isBehindLostPast } = world.store.alone;
        expect([await receiptsRead([CONSUMER]), await lostPasts([CONSUMER])]).toEqual([new Map(), new Map()]);
        await saveReceiptsRead(
          CONSUMER,
          new Map([
            [0, 5n],
            [1, 0n],
          ]),
        );
        await saveReceiptsRead(
          CONSUMER,
          new Map([
            [0, 4n],
            [1, 2n ** 40n],
          ]),
        );
        await saveReceiptsRead('other.backend', new Map([[0, 9n]]));
        expect(await receiptsRead([CONSUMER])).toEqual(
          new Map([
            [
              CONSUMER,
              new Map([
                [0, 5n],
                [1, 2n ** 40n],
              ]),
            ],
          ]),
        );
        expect(await isBehindLostPast(CONSUMER)).toBe(false);
        await saveLostPast(CONSUMER, new Map([[0, 1n]]));
        expect(await isBehindLostPast(CONSUMER)).toBe(true);
        await saveLostPast(CONSUMER, new Map([[0, 0n]]));
        expect(await lostPasts([CONSUMER, 'other.backend'])).toEqual(new Map([[CONSUMER, new Map([[0, 1n]])]]));
        await world.deleted(CONSUMER, newId());
        expect(await isBehindLostPast(CONSUMER)).toBe(false);
      });

      it('tells a database of parts of different days: something is there, and the intake begins at 0', async () => {
        const mixed = () => world.store.alone.mixed([CONSUMER, 'other.backend']);
        expect(await mixed()).toEqual([]);
        await link({ entity: 'thing', port: 'backend', key: newId(), legacyId: '41' });
        expect(await mixed()).toEqual([CONSUMER]);
        await sends.add([newId(), 1]);
        expect(await mixed()).toEqual([CONSUMER]);
        await world.deleted(CONSUMER, newId());
        expect(await mixed()).toEqual([]);
      });
    });
  });
}
