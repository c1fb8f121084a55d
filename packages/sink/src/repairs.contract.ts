import type { LogRecord } from '@banyan/contracts';
import type { Origin } from '@banyan/core';
import type { StoredState } from '@banyan/postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Apply } from './apply.js';
import { imbalances } from './books.js';
import { createSink, type Sink } from './create-sink.js';
import { resyncBatch } from './resync-batch.js';
import type { Remember } from './sink-options.js';
import { jsonDecoder, type Notes, notes, recordOf } from './testing/notes.js';
import type { SinkWorld, SinkWorlds } from './testing/sink-world.js';

const [A, B, C] = ['a', 'b', 'c'].map((end) => `00000000-0000-4000-8000-00000000000${end}`) as [string, string, string];
const WORD = { by: 'ann', reason: 'a test row of the supplier' };

interface Given {
  readonly key?: string;
  readonly on: number;
  readonly origin?: Origin;
  readonly payload?: string;
}

/** A log of one partition; each event's id is `e<offset>`. */
function logOf(...events: readonly Given[]): readonly LogRecord[] {
  return events.map(({ key = A, on, origin = 'api', payload }, offset) => {
    const contentHash = origin === 'api' ? undefined : `v1:e${offset}`;
    const headers = { key, id: `e${offset}`, origin, expectedVersion: on, epoch: 0, contentHash } as const;
    return recordOf({ type: 'event', headers: { ...headers, liveness: 'live' } }, { offset: BigInt(offset) }, payload);
  });
}
const slice = (records: readonly LogRecord[]) => ({ topic: 'test.note.v1', partition: 0, records });
const textOf = (state: unknown): string => (state as Notes).ids.join(',');

/** What people repair, whatever store it stands on: discarding an effect, and making things anew from states. */
export function repairsContract<Tx>(name: string, open: () => Promise<SinkWorlds<Tx>>): void {
  let worlds: SinkWorlds<Tx>;
  let world: SinkWorld<Tx>;
  /** Events whose effects cannot be written. */
  let refused: string[];

  beforeAll(async () => {
    worlds = await open();
  }, 180_000);
  afterAll(() => worlds?.close());
  beforeEach(async () => {
    world = await worlds.world();
    refused = [];
  });

  const applyRows: Apply<Tx> = async (tx, changes) => {
    for (const { key, version, after, outcome, eventId } of changes) {
      if (refused.includes(eventId)) throw new TypeError(`no ${eventId}`);
      if (outcome === 'effective') await world.put(tx, { key, version, text: textOf(after) });
    }
  };
  const sinkWith = (options: { apply?: Apply<Tx>; remember?: Remember<Tx> } = {}): Sink =>
    createSink({ store: world.store(), entity: notes, codec: jsonDecoder, apply: applyRows, ...options });
  const handled = async (...events: readonly Given[]): Promise<Sink> => {
    const sink = sinkWith();
    await sink.position(0);
    await sink.handle(slice(logOf(...events)));
    return sink;
  };
  const books = async (): Promise<Record<string, number>> => {
    const [first] = await world.store().books();
    if (first === undefined) throw new Error('no books');
    expect(imbalances(first)).toEqual([]);
    const { effective, applied, parked, discarded } = first;
    return { effective, applied, parked, discarded };
  };
  const unlike = async () =>
    (await world.store().unlike()).map(({ key, version, by, reason }) => [key, version, by, reason]);
  const stateOf = async (key: string): Promise<StoredState | undefined> =>
    (await world.store().transaction((tx) => tx.readStates([key]))).get(key);

  describe(`${name}: an effect that is discarded`, () => {
    it('is never written; what waits behind it goes on in order, and the key is told to be unlike', async () => {
      refused = ['e0'];
      const sink = await handled({ on: 0 }, { on: 1 }, { key: B, on: 0 }, { on: 2 });
      expect(await sink.discard({ key: A, eventId: 'e0', ...WORD })).toEqual({ replayed: 2, waiting: 0 });
      expect(await world.rows()).toEqual(['a2:e0,e1', 'a3:e0,e1,e3', 'b1:e2']);
      expect([await sink.parked(), await unlike()]).toEqual([[], [[A, 1, 'ann', WORD.reason]]]);
      expect([(await world.store().unlike(A)).length, await world.store().unlike(B)]).toEqual([1, []]);
      expect(await books()).toEqual({ effective: 4, applied: 3, parked: 0, discarded: 1 });
      expect(await sink.closed(A)).toMatchObject([
        {
          kind: 'effect',
          eventId: 'e0',
          version: 1,
          errorCode: 'SINK_EFFECT_FAILED',
          closedBy: 'ann',
          why: WORD.reason,
        },
      ]);
      expect(Buffer.from((await sink.closed())[0]?.value ?? '', 'base64').toString()).toContain('e0');
      expect(await sink.status()).toMatchObject({ parked: 0, unlike: 1 });
      expect(await sink.standing()).toMatchObject({ keys: 0, unlike: 1 });
      expect(await stateOf(A)).toMatchObject({
        effectsHeld: false,
        appliedVersion: 3,
        document: { ids: ['e0', 'e1', 'e3'] },
      });
    });

    it('is known to a process that keeps its states, whoever discarded it', async () => {
      refused = ['e0'];
      // The second one is a conflict: its slice leaves a key that stands.
      const log = logOf({ on: 0 }, { on: 0 }, { on: 1 }, { on: 2 });
      const sink = sinkWith();
      await sink.position(0);
      await sink.handle(slice(log.slice(0, 1)));
      await sink.handle(slice(log.slice(1, 2)));
      await sinkWith().discard({ key: A, eventId: 'e0', ...WORD });
      await sink.handle(slice(log.slice(2, 3)));
      expect([await world.rows(), await sink.parked()]).toEqual([['a2:e0,e2'], []]);
      await resyncBatch(
        {
          store: world.store(),
          version: 7,
          name: 'other',
          apply: async (_tx, [one]) => ({ like: one ? [one.key] : [] }),
        },
        { request: 1, scope: {} },
        { size: 10, workedMs: 0 },
      );
      // What is made anew from states leaves them as they are.
      await sink.handle(slice(log.slice(3)));
      expect(await stateOf(A)).toMatchObject({ effectsHeld: false, document: { ids: ['e0', 'e2', 'e3'] } });
      expect(await unlike()).toEqual([]);
    });

    it('is never one that can be written: what was withheld with it goes first', async () => {
      refused = ['e1'];
      const sink = await handled({ on: 0 }, { on: 1 });
      expect(await sink.parked()).toMatchObject([{ eventId: 'e0', behind: 1 }]);
      const taken = sink.discard({ key: A, eventId: 'e0', ...WORD });
      await expect(taken).rejects.toMatchObject({ code: 'SINK_NOT_STANDING', message: expect.stringContaining('e1') });
      expect([await world.rows(), await unlike()]).toEqual([['a1:e0'], []]);
      expect(await sink.parked()).toMatchObject([{ eventId: 'e1', behind: 0 }]);
    });

    it('leaves the next one standing, for its own reason, when that fails as well', async () => {
      refused = ['e0', 'e1'];
      const sink = await handled({ on: 0 }, { on: 1 }, { on: 2 });
      const done = await sink.discard({ key: A, eventId: 'e0', ...WORD });
      expect(done).toMatchObject({ replayed: 0, waiting: 2, error: { code: 'SINK_EFFECT_FAILED' } });
      expect(await sink.parked()).toMatchObject([
        { key: A, eventId: 'e1', errorCode: 'SINK_EFFECT_FAILED', behind: 1 },
      ]);
      expect(await stateOf(A)).toMatchObject({ effectsHeld: true });
      await sink.discard({ key: A, eventId: 'e1', ...WORD, reason: 'this one too' });
      expect([await world.rows(), await unlike()]).toEqual([['a3:e0,e1,e2'], [[A, 2, 'ann', 'this one too']]]);
      expect(await books()).toEqual({ effective: 3, applied: 1, parked: 0, discarded: 2 });
    });

    it('is the one that was named: another one that stands by then is left', async () => {
      refused = ['e0', 'e1'];
      const sink = await handled({ on: 0 }, { on: 1 });
      for (const [key, eventId] of [
        [A, 'e1'],
        [A, 'e9'],
        [B, 'e0'],
      ] as const)
        await expect(sink.discard({ key, eventId, ...WORD })).rejects.toMatchObject({ code: 'SINK_NOT_STANDING' });
      expect([(await sink.parked()).length, await unlike()]).toEqual([1, []]);
    });

    it('is never a state that stands: later events were decided on it', async () => {
      const sink = await handled({ on: 0, payload: 'poison' }, { on: 1 });
      await expect(sink.discard({ key: A, eventId: 'e0', ...WORD })).rejects.toMatchObject({
        code: 'SINK_STATE_NOT_DISCARDED',
      });
      expect([(await sink.parked()).length, await unlike()]).toEqual([1, []]);
      expect(await books()).toMatchObject({ parked: 2, discarded: 0 });
    });

    it('is no effect in the books where its event took none', async () => {
      refused = ['e1', 'e2'];
      // The second one is refused by the fold; what it means (a receipt) is refused as well.
      const sink = await handled({ on: 0 }, { on: 1 }, { on: 0 });
      await sink.discard({ key: A, eventId: 'e1', ...WORD });
      await sink.discard({ key: A, eventId: 'e2', ...WORD });
      expect(await books()).toEqual({ effective: 2, applied: 1, parked: 0, discarded: 1 });
    });

    it('stands as before when the process dies on the way', async () => {
      refused = ['e0'];
      await handled({ on: 0 }, { on: 1 });
      const dying = sinkWith({
        apply: (tx, changes) => (changes[0]?.eventId === 'e1' ? world.cut(tx) : applyRows(tx, changes)),
      });
      const died = dying.discard({ key: A, eventId: 'e0', ...WORD });
      await expect(died).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
      expect([await world.rows(), await unlike()]).toEqual([[], []]);
      expect(await books()).toEqual({ effective: 2, applied: 0, parked: 2, discarded: 0 });
      await sinkWith().discard({ key: A, eventId: 'e0', ...WORD });
      expect(await world.rows()).toEqual(['a2:e0,e1']);
    });

    it('is remembered for what no state tells, as far as that can be kept', async () => {
      refused = ['e0', 'e1'];
      await handled({ on: 0 }, { on: 1 });
      const remember: Remember<Tx> = async (tx, changes, { by }) => {
        for (const { key, version, eventId } of changes) {
          await world.put(tx, { key, version, text: eventId === 'e1' ? 'x'.repeat(40) : `${by} of ${eventId}` });
        }
      };
      const sink = sinkWith({ remember });
      await sink.discard({ key: A, eventId: 'e0', ...WORD });
      await sink.discard({ key: A, eventId: 'e1', ...WORD });
      expect([await world.rows(), await sink.parked()]).toEqual([['a1:ann of e0'], []]);
    });
  });

  describe(`${name}: a resync`, () => {
    /** A row `<version>: again <ids>` per key, where the state's version is 100 higher than that of rows made by events. */
    const makeAnew = async (handle: Tx, keys: readonly { key: string; state: StoredState }[]) => {
      for (const { key, state } of keys) {
        if (refused.includes(key)) throw new TypeError('no such column');
        await world.put(handle, { key, version: 100 + state.keyState.version, text: textOf(state.document) });
      }
      return { like: keys.map(({ key }) => key) };
    };
    const options = (version = 1) => ({
      store: world.store(),
      name: 'projector.note',
      version,
      apply: (tx: { handle: Tx }, keys: readonly { key: string; state: StoredState }[]) => makeAnew(tx.handle, keys),
    });
    const batch = (request: number, scope = {}, size = 2, version = 1) =>
      resyncBatch(options(version), { request, scope }, { size, workedMs: 10 });
    const made = async () => (await world.rows()).filter((row) => /^.1\d\d:/.test(row));

    it('is at every key once, batch by batch, whoever runs it', async () => {
      await handled({ on: 0 }, { key: B, on: 0 }, { on: 1 }, { key: C, on: 0 });
      expect(await batch(7)).toMatchObject({ total: 3, done: 2, finished: false, after: B });
      expect(await made()).toEqual(['a102:e0,e2', 'b101:e1']);
      expect(await batch(7)).toMatchObject({ total: 3, done: 3, finished: true, workedMs: 20 });
      const over = await batch(7);
      expect(await made()).toEqual(['a102:e0,e2', 'b101:e1', 'c101:e3']);
      expect(over).toMatchObject({ done: 3, workedMs: 20 });
      expect(over).toEqual(await world.store().resyncProgress());
    });

    it('takes turns with another process that runs the same request', async () => {
      await handled({ on: 0 }, { key: B, on: 0 }, { key: C, on: 0 });
      await Promise.all(Array.from({ length: 4 }, () => batch(1, {}, 1)));
      expect([await made(), await world.store().resyncProgress()]).toMatchObject([
        ['a101:e0', 'b101:e1', 'c101:e2'],
        { done: 3, finished: true },
      ]);
    });

    it('leaves nothing of a batch that dies, and repeats it', async () => {
      await handled({ on: 0 }, { key: B, on: 0 });
      const dying = resyncBatch(
        {
          ...options(),
          apply: async (tx, keys) => {
            await makeAnew(tx.handle, keys);
            await world.cut(tx.handle);
            return { like: [] };
          },
        },
        { request: 1, scope: {} },
        { size: 5, workedMs: 0 },
      );
      await expect(dying).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
      expect([await made(), await world.store().resyncProgress()]).toEqual([[], undefined]);
      await batch(1);
      expect(await made()).toEqual(['a101:e0', 'b101:e1']);
    });

    it('gives way to a later request, and never to an earlier one', async () => {
      await handled({ on: 0 }, { key: B, on: 0 });
      await batch(3, {}, 1);
      expect(await batch(4, { key: B }, 5)).toMatchObject({ request: 4, total: 1, done: 1, finished: true });
      expect(await batch(3)).toBeUndefined();
      expect(await made()).toEqual(['a101:e0', 'b101:e1']);
    });

    it('closes what is unlike, as of the version that it made, and passes over the others when asked to', async () => {
      refused = ['e1'];
      const sink = await handled({ on: 0 }, { on: 1 }, { key: B, on: 0 });
      await sink.discard({ key: A, eventId: 'e1', ...WORD });
      await world.store().transaction((tx) => tx.markUnlike({ key: C, version: 9, ...WORD }));
      expect(await batch(1, { unlike: true })).toMatchObject({ total: 1, done: 1, finished: true });
      expect([await made(), await unlike()]).toEqual([['a102:e0,e1'], [[C, 9, 'ann', WORD.reason]]]);
    });

    it('keeps a mark of a version that it has not made', async () => {
      await handled({ on: 0 });
      await world.store().transaction((tx) => tx.markUnlike({ key: A, version: 2, ...WORD }));
      await world.store().transaction((tx) => tx.markUnlike({ key: A, version: 1, by: 'bob', reason: 'older' }));
      await batch(1);
      expect(await unlike()).toEqual([[A, 2, 'ann', WORD.reason]]);
    });

    it('takes only what an older version made, where asked to, and nothing of it twice', async () => {
      await handled({ on: 0 }, { key: B, on: 0 });
      const older = { olderThan: 2 };
      expect(await batch(1, older, 5, 2)).toMatchObject({ total: 2, done: 2 });
      expect(await batch(2, older, 5, 2)).toMatchObject({ total: 0, done: 0, finished: true });
      expect(await batch(3, { olderThan: 1 }, 5, 2)).toMatchObject({ total: 0 });
    });

    it('leaves keys that stand, and marks those that it cannot make', async () => {
      refused = ['e0'];
      await handled({ on: 0 }, { key: B, on: 0, payload: 'poison' }, { key: C, on: 0 });
      refused = [C];
      expect(await batch(1, {}, 5)).toMatchObject({ done: 3, standing: 2, failed: 1, finished: true });
      expect([await made(), await unlike()]).toEqual([
        [],
        [[C, 1, 'projector.note', 'it could not be made anew from its state: no such column']],
      ]);
      refused = [];
      expect(await batch(2, { unlike: true }, 5)).toMatchObject({ done: 1, failed: 0 });
      expect([await made(), await unlike()]).toEqual([['c101:e2'], []]);
    });

    it('waits for a slice that is at a key, and then makes what that left', async () => {
      await handled({ on: 0 });
      const [at, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const sink = sinkWith({
        apply: async (tx, changes) => {
          at.resolve();
          await go.promise;
          await applyRows(tx, changes);
        },
      });
      const slicing = sink.handle(slice(logOf({ on: 0 }, { on: 1 }).slice(1)));
      await at.promise;
      const resyncing = batch(1);
      await world.someoneWaits();
      go.resolve();
      await Promise.all([slicing, resyncing]);
      expect(await world.rows()).toEqual(['a102:e0,e1', 'a1:e0', 'a2:e0,e1']);
    });

    it('holds a slice up that comes to a key meanwhile, so that the newer row is written last', async () => {
      await handled({ on: 0 });
      const [at, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const resyncing = resyncBatch(
        {
          ...options(),
          apply: async (tx, keys) => {
            at.resolve();
            await go.promise;
            return makeAnew(tx.handle, keys);
          },
        },
        { request: 1, scope: {} },
        { size: 5, workedMs: 0 },
      );
      await at.promise;
      const slicing = sinkWith().handle(slice(logOf({ on: 0 }, { on: 1 }).slice(1)));
      await world.someoneWaits();
      go.resolve();
      await Promise.all([slicing, resyncing]);
      expect(await world.rows()).toEqual(['a101:e0', 'a1:e0', 'a2:e0,e1']);
    });
  });
}
