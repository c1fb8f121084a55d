import type { LogRecord } from '@banyan/contracts';
import { BanyanError, type Origin } from '@banyan/core';
import type { LogEntry } from '@banyan/core/testing';
import { NO_STATE, type StoredState } from '@banyan/postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Apply } from './apply.js';
import { createSink, type Sink } from './create-sink.js';
import type { Decoder } from './decode.js';
import type { SinkStore } from './sink-store.js';
import { jsonDecoder, NOTED, type Noted, notes, recordOf } from './testing/notes.js';
import type { SinkWorld, SinkWorlds } from './testing/sink-world.js';

const A = '00000000-0000-4000-8000-00000000000a';
const B = '00000000-0000-4000-8000-00000000000b';

interface Given {
  readonly key?: string;
  readonly origin?: Origin;
  readonly on: number;
  readonly epoch?: number;
  readonly payload?: string;
  readonly noted?: Partial<Noted>;
}

/** `evolve` once what it threw for is mended. */
const mend: typeof notes.evolve = (state, event) =>
  notes.evolve(state, { ...event, data: { ...event.data, broken: false } });

/** A log of one partition; each event's id is `e<offset>`. */
function logOf(...events: readonly Given[]): readonly LogRecord[] {
  return events.map(({ key = A, origin = 'api', on, epoch = 0, payload, noted }, offset) => {
    const id = `e${offset}`;
    const contentHash = origin === 'backfill' ? `v1:${id}` : undefined;
    const entry: LogEntry = {
      type: 'event',
      headers: { key, id, origin, expectedVersion: on, epoch, liveness: 'live', contentHash },
    };
    const data = noted === undefined ? undefined : JSON.stringify({ id, whole: false, ...noted });
    return recordOf(entry, { offset: BigInt(offset) }, payload ?? data);
  });
}

const slice = (records: readonly LogRecord[]) => ({ topic: 'test.note.v1', partition: 0, records });

/** What a sink keeps, whatever store it stands on. */
export function sinkContract<Tx>(name: string, open: () => Promise<SinkWorlds<Tx>>): void {
  let worlds: SinkWorlds<Tx>;
  let world: SinkWorld<Tx>;

  beforeAll(async () => {
    worlds = await open();
  }, 180_000);

  afterAll(async () => {
    await worlds?.close();
  });

  beforeEach(async () => {
    world = await worlds.world();
  });

  /** The effects of the test sink: one row per change of a key's document, its after-state as text. */
  const applyRows: Apply<Tx> = async (tx, changes) => {
    for (const { key, version, after, outcome } of changes) {
      if (outcome !== 'effective') continue;
      await world.put(tx, { key, version, text: (after as { ids: string[] }).ids.join(',') });
    }
  };

  function sinkWith(
    options: { apply?: Apply<Tx>; codec?: Decoder; evolve?: typeof notes.evolve; store?: SinkStore<Tx> } = {},
  ): Sink {
    return createSink({
      store: options.store ?? world.store(),
      entity: { ...notes, evolve: options.evolve ?? notes.evolve },
      codec: options.codec ?? jsonDecoder,
      apply: options.apply ?? applyRows,
    });
  }

  const rows = () => world.rows();
  const stateOf = async (key: string): Promise<StoredState> =>
    (await world.store().transaction((tx) => tx.readStates([key]))).get(key) ?? NO_STATE;

  describe(name, () => {
    it('moves position, states, effects and authority together', async () => {
      const sink = sinkWith();
      const fence = recordOf({ type: 'marker', marker: { type: 'fence', epoch: 1, share: 100 } }, { offset: 3n });
      expect(await sink.position(0)).toBe(0n);
      await sink.handle(slice([...logOf({ on: 0 }, { on: 1 }, { key: B, on: 0 }), fence]));
      expect(await rows()).toEqual(['a1:e0', 'a2:e0,e1', 'b1:e2']);
      expect(await sink.position(0)).toBe(4n);
      expect(await stateOf(A)).toMatchObject({
        keyState: { version: 2, liveness: 'live', owner: 'new', recent: [{ eventId: 'e0' }, { eventId: 'e1' }] },
        document: { ids: ['e0', 'e1'] },
        appliedVersion: 2,
      });
      expect(await sink.status()).toMatchObject({ authority: { epoch: 1, share: 100, handback: 0 } });
    });

    it('leaves nothing when it dies between the effect and the commit, and takes the slice once when it comes back', async () => {
      const records = logOf({ on: 0 }, { on: 1 });
      await sinkWith().position(0);
      const dying: Apply<Tx> = async (tx, changes) => {
        await applyRows(tx, changes);
        await world.cut(tx);
      };
      await expect(sinkWith({ apply: dying }).handle(slice(records))).rejects.toMatchObject({
        code: 'POSTGRES_UNAVAILABLE',
        retryable: true,
      });
      expect(await rows()).toEqual([]);
      expect(await sinkWith().position(0)).toBe(0n);
      await sinkWith().handle(slice(records));
      expect(await rows()).toEqual(['a1:e0', 'a2:e0,e1']);
    });

    it('lets a zombie write nothing: its position is taken', async () => {
      const [owner, zombie] = [sinkWith(), sinkWith()];
      const records = logOf({ on: 0 }, { on: 1 });
      await zombie.position(0);
      await owner.position(0);
      await owner.handle(slice(records));
      await expect(zombie.handle(slice(records.slice(0, 1)))).rejects.toMatchObject({ code: 'POSITION_TAKEN' });
      expect(await rows()).toEqual(['a1:e0', 'a2:e0,e1']);
    });

    it('takes a slice once when two members bring it at the same time', async () => {
      const sinks = [sinkWith(), sinkWith(), sinkWith()];
      await sinks[0]?.position(0);
      const tries = await Promise.allSettled(sinks.map((sink) => sink.handle(slice(logOf({ on: 0 })))));
      expect(tries.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
      expect(await rows()).toEqual(['a1:e0']);
    });

    it('changes nothing when the topic is read again from 0', async () => {
      const sink = sinkWith();
      // The invalid one was decided on a version the key had not reached; it has by the second time.
      const records = logOf({ on: 0 }, { on: 2 }, { on: 1 }, { on: 9, key: B }, { on: 0, key: B, payload: 'poison' });
      await sink.position(0);
      await sink.handle(slice(records));
      const before = [await stateOf(A), await stateOf(B), await sink.parked(), await rows()];
      await world.rewind();
      await sink.handle(slice(records));
      expect([await stateOf(A), await stateOf(B), await sink.parked(), await rows()]).toEqual(before);
    });

    it('waits when the registry is away: the position does not move', async () => {
      const away: Decoder = {
        decode: async () => {
          throw new BanyanError('CONTRACTS_REGISTRY_DOWN', 'away', { retryable: true });
        },
      };
      const sink = sinkWith({ codec: away });
      await sink.position(0);
      await expect(sink.handle(slice(logOf({ on: 0 })))).rejects.toMatchObject({ code: 'CONTRACTS_REGISTRY_DOWN' });
      expect(await sink.position(0)).toBe(0n);
      expect(await sink.parked()).toEqual([]);
    });

    it.each([
      ['bytes that cannot be read', { payload: 'poison' }, 'CONTRACTS_UNDECODABLE'],
      ['an event that evolve refuses', { noted: { broken: true } }, 'SINK_EVOLVE_FAILED'],
      ['a state with NUL, which jsonb cannot hold', { noted: { text: 'a\u0000b' } }, 'SINK_STATE_UNSTORABLE'],
      ['a state with half a surrogate pair', { noted: { text: '\ud800' } }, 'SINK_STATE_UNSTORABLE'],
    ])('parks the key of %s; its later events wait behind it, other keys flow', async (_, bad, errorCode) => {
      const sink = sinkWith();
      const records = logOf({ on: 0 }, { on: 1, ...bad }, { on: 2 }, { key: B, on: 0 }, { on: 3 });
      await sink.position(0);
      await sink.handle(slice(records.slice(0, 3)));
      await sink.handle(slice(records.slice(3)));
      expect(await rows()).toEqual(['a1:e0', 'b1:e3']);
      expect(await stateOf(A)).toMatchObject({
        parked: true,
        appliedVersion: 1,
        keyState: { version: 4 },
        document: { ids: ['e0'] },
      });
      expect(await sink.parked()).toMatchObject([
        { key: A, kind: 'state', eventId: 'e1', eventType: NOTED, errorCode, behind: 2 },
      ]);
      expect(await sink.status()).toMatchObject({ parked: 1, waiting: 2, invalid: 0 });
      const kept = await world.store().loadParked(A);
      expect(kept.map(({ record }) => record.value)).toEqual([1, 2, 4].map((at) => records[at]?.value));
    });

    it('holds text that only looks like an escaped NUL', async () => {
      const sink = sinkWith();
      await sink.position(0);
      await sink.handle(slice(logOf({ on: 0, noted: { text: '\\u0000 \\\\ud800 😀' } })));
      expect(await stateOf(A)).toMatchObject({ parked: false, document: { text: '\\u0000 \\\\ud800 😀' } });
    });

    it('counts the keys that stand, and how long, whatever waits behind them', async () => {
      const sink = sinkWith();
      await sink.position(0);
      expect(await sink.standing()).toEqual({ keys: 0, oldestSeconds: 0, unlike: 0 });
      const broken = { on: 0, payload: 'poison' };
      await sink.handle(
        slice(logOf(broken, { on: 1 }, { on: 2 }, { key: B, ...broken }, { key: B, on: 1 }, { on: 9 })),
      );
      await world.age(B);
      const { keys, oldestSeconds } = await sink.standing();
      // To half a minute: the statements in between take some time, too.
      expect([keys, Math.floor(oldestSeconds / 30)]).toEqual([2, 2]);
    });

    it('drains a parked key in order once the code is mended', async () => {
      const records = logOf({ on: 0 }, { on: 1, noted: { broken: true } }, { on: 2 }, { on: 3 });
      const sink = sinkWith();
      await sink.position(0);
      await sink.handle(slice(records));
      const still = await sink.replay(A);
      expect(still).toMatchObject({ replayed: 0, waiting: 3, error: { code: 'SINK_EVOLVE_FAILED' } });
      const mended = sinkWith({ evolve: mend });
      expect(await mended.replay(A)).toEqual({ replayed: 3, waiting: 0 });
      expect(await rows()).toEqual(['a1:e0', 'a2:e0,e1', 'a3:e0,e1,e2', 'a4:e0,e1,e2,e3']);
      expect(await stateOf(A)).toMatchObject({ parked: false, effectsHeld: false, appliedVersion: 4 });
      expect(await mended.parked()).toEqual([]);
      expect(await mended.replay(A)).toEqual({ replayed: 0, waiting: 0 });
      const later = logOf({ on: 0 }, { on: 1 }, { on: 2 }, { on: 3 }, { on: 4 }).slice(4);
      await mended.handle(slice(later));
      expect((await rows()).at(-1)).toBe('a5:e0,e1,e2,e3,e4');
    });

    it('has the document of the key’s own version after a replay, when an import of a later epoch had nothing new', async () => {
      const sink = sinkWith();
      await sink.position(0);
      const first = logOf({ on: 0, origin: 'backfill', noted: { broken: true } });
      const fence = recordOf({ type: 'marker', marker: { type: 'fence', epoch: 1, share: 100 } }, { offset: 1n });
      const headers = {
        key: A,
        id: 'again',
        origin: 'backfill',
        expectedVersion: 1,
        epoch: 1,
        liveness: 'live',
      } as const;
      const same = recordOf({ type: 'event', headers: { ...headers, contentHash: 'v1:e0' } }, { offset: 2n });
      await sink.handle(slice([...first, fence, same]));
      expect(await stateOf(A)).toMatchObject({ parked: true, appliedVersion: 0, keyState: { version: 2, epoch: 1 } });
      expect(await sinkWith({ evolve: mend }).replay(A)).toEqual({ replayed: 1, waiting: 0 });
      expect(await stateOf(A)).toMatchObject({ parked: false, appliedVersion: 2, keyState: { version: 2 } });
      // A command is decided on what the document is of.
      await sink.handle(
        slice([
          recordOf(
            {
              type: 'event',
              headers: { ...headers, id: 'n', origin: 'api', expectedVersion: 2, contentHash: undefined },
            },
            { offset: 3n },
          ),
        ]),
      );
      expect(await stateOf(A)).toMatchObject({ appliedVersion: 3, document: { ids: ['e0', 'n'] } });
    });

    it('lets an import of the whole state pass a standing key that legacy owns, and closes what was parked', async () => {
      const sink = sinkWith();
      await sink.position(0);
      const records = logOf(
        { on: 0, origin: 'backfill' },
        { on: 1, origin: 'backfill', payload: 'poison' },
        { on: 2, origin: 'backfill' },
      );
      await sink.handle(slice(records));
      expect(await rows()).toEqual(['a1:e0', 'a3:e2']);
      expect(await stateOf(A)).toMatchObject({ parked: false, appliedVersion: 3, document: { ids: ['e2'] } });
      expect(await sink.parked()).toEqual([]);
      const value = Buffer.from('poison').toString('base64');
      expect(await sink.closed()).toMatchObject([{ key: A, eventId: 'e1', value, closedBy: 'e2' }]);
    });

    it.each([
      ['in slices of their own', 1],
      ['in one slice', 9],
    ])('lets a restatement pass a standing key of V2, and keeps what it closes: %s', async (_, size) => {
      const sink = sinkWith();
      await sink.position(0);
      const records = logOf(
        { on: 0 },
        { on: 1, payload: 'poison' },
        { on: 2 },
        { on: 3, origin: 'repair', noted: { whole: true, by: 'ada', reason: 'its writer is gone' } },
        { on: 4 },
        { on: 0, key: B, payload: 'poison' },
      );
      for (let at = 0; at < records.length; at += size) await sink.handle(slice(records.slice(at, at + size)));
      expect(await rows()).toEqual(['a1:e0', 'a4:e3', 'a5:e3,e4']);
      expect(await stateOf(A)).toMatchObject({ parked: false, appliedVersion: 5, document: { ids: ['e3', 'e4'] } });
      expect(await sink.parked()).toMatchObject([{ key: B, eventId: 'e5' }]);
      const why = 'restated by ada: its writer is gone';
      expect(await sink.closed(A)).toMatchObject([
        { eventId: 'e2', version: 3, errorCode: null, closedBy: 'e3', why },
        { eventId: 'e1', version: 2, errorCode: 'CONTRACTS_UNDECODABLE', closedBy: 'e3', why },
      ]);
      expect((await sink.closed(A)).map(({ value }) => value)).toEqual(
        [2, 1].map((at) => records[at]?.value?.toString('base64')),
      );
      expect(await sink.closed(B)).toEqual([]);
      const [books] = await sink.books();
      expect(books).toMatchObject({ effective: 6, applied: 3, discarded: 2, parked: 1 });
      expect(await sink.replay(A)).toEqual({ replayed: 0, waiting: 0 });
    });

    it('lets no other repair pass: it would be applied to a document that is not of its version', async () => {
      const sink = sinkWith();
      await sink.position(0);
      const records = logOf({ on: 0 }, { on: 1, payload: 'poison' }, { on: 2, origin: 'repair' });
      await sink.handle(
        slice(records.map((record) => ({ ...record, headers: { ...record.headers, ce_type: NOTED } }))),
      );
      expect(await rows()).toEqual(['a1:e0']);
      expect(await sink.parked()).toMatchObject([{ key: A, eventId: 'e1', behind: 1 }]);
    });

    it('parks a restatement that cannot be read itself, behind what stands', async () => {
      const sink = sinkWith();
      await sink.position(0);
      await sink.handle(slice(logOf({ on: 0, payload: 'poison' }, { on: 1, origin: 'repair', payload: 'poison' })));
      expect(await sink.parked()).toMatchObject([{ key: A, eventId: 'e0', behind: 1 }]);
      expect(await sink.closed()).toEqual([]);
      const again = logOf({ on: 0 }, { on: 1 }, { on: 2, origin: 'repair', noted: { whole: true } }).slice(2);
      await sink.handle(slice(again));
      expect(await rows()).toEqual(['a3:e2']);
      expect((await sink.closed()).map(({ eventId }) => eventId)).toEqual(['e1', 'e0']);
    });

    it('carries out the effect of a restatement behind those of its key that wait', async () => {
      const sink = sinkWith();
      await sink.position(0);
      const tooLong = Array.from({ length: 12 }, (_, on) => ({ on }));
      const behind = [
        { on: 12, payload: 'poison' },
        { on: 13, origin: 'repair' as const, noted: { whole: true } },
      ];
      await sink.handle(slice(logOf(...tooLong, ...behind)));
      expect(await rows()).toEqual([]);
      expect(await stateOf(A)).toMatchObject({ parked: false, effectsHeld: true, appliedVersion: 14 });
      await world.widen();
      expect(await sink.replay(A)).toEqual({ replayed: 13, waiting: 0 });
      expect((await rows()).find((row) => row.startsWith('a14'))).toBe('a14:e13');
    });

    it('parks an effect that PostgreSQL refuses: the state moves on, the key’s later effects wait, other keys flow', async () => {
      const sink = sinkWith();
      await sink.position(0);
      const tooLong = Array.from({ length: 12 }, (_, on) => ({ on }));
      await sink.handle(slice(logOf(...tooLong, { key: B, on: 0 })));
      expect(await rows()).toEqual(['b1:e12']);
      expect(await stateOf(A)).toMatchObject({ parked: false, effectsHeld: true, appliedVersion: 12 });
      const later = logOf(...tooLong, { key: B, on: 0 }, { on: 12 }, { key: B, on: 1 }).slice(13);
      await sink.handle(slice(later));
      expect(await rows()).toEqual(['b1:e12', 'b2:e12,e14']);
      expect(await sink.parked()).toMatchObject([
        { key: A, kind: 'effect', eventId: 'e0', errorCode: 'SINK_EFFECT_FAILED', behind: 12 },
      ]);
      // Replay goes as far as it can, in order, and says why it stops.
      const partly = await sink.replay(A);
      expect(partly).toMatchObject({ replayed: 11, waiting: 2, error: { code: 'SINK_EFFECT_FAILED' } });
      await world.widen();
      expect(await sink.replay(A)).toEqual({ replayed: 2, waiting: 0 });
      expect((await rows()).filter((row) => row.startsWith('a'))).toHaveLength(13);
      expect(await stateOf(A)).toMatchObject({ effectsHeld: false });
    });

    it('parks the key whose projection throws, and only that one', async () => {
      const sink = sinkWith({
        apply: async (tx, changes) => {
          if (changes.some(({ key }) => key === A)) throw new TypeError('cannot read status of undefined');
          await applyRows(tx, changes);
        },
      });
      await sink.position(0);
      await sink.handle(slice(logOf({ on: 0 }, { key: B, on: 0 })));
      expect(await rows()).toEqual(['b1:e1']);
      expect(await sink.parked()).toMatchObject([{ key: A, kind: 'effect', behind: 0 }]);
    });

    it('waits when the effect fails for a reason that passes', async () => {
      const sink = sinkWith({
        apply: async () => {
          throw Object.assign(new Error('the server is shutting down'), { code: '57P01' });
        },
      });
      await sink.position(0);
      await expect(sink.handle(slice(logOf({ on: 0 })))).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
      expect(await sink.parked()).toEqual([]);
      expect(await sink.position(0)).toBe(0n);
    });

    it('keeps records that no key can hold, with their bytes, and goes on', async () => {
      const sink = sinkWith();
      const [good, other] = logOf({ on: 0 }, { on: 1 });
      if (good === undefined || other === undefined) throw new Error('two records');
      const odd: LogRecord[] = [
        { ...good, offset: 0n, key: null },
        { ...good, offset: 1n, key: 'not a uuid \u0000' },
        { ...good, offset: 2n, key: A.toUpperCase() },
        { ...good, offset: 3n, headers: {}, value: null },
        { ...good, offset: 4n, headers: { ...good.headers, ce_source: 'a\u0000\ud800', ce_epoch: '7' } },
        { ...good, offset: 5n },
      ];
      await sink.position(0);
      await sink.handle(slice(odd));
      expect(await rows()).toEqual(['a1:e0']);
      expect(await sink.status()).toMatchObject({ parked: 0, waiting: 0, invalid: 5 });
      expect(
        (await sink.parked()).every(({ kind, errorCode }) => kind === 'invalid' && errorCode === 'SINK_INVALID_EVENT'),
      ).toBe(true);
    });

    it('lets a replay and slices of the same partition take turns', async () => {
      const records = logOf({ on: 0 }, { on: 1, noted: { broken: true } }, { on: 2 }, { on: 3 }, { on: 4 }, { on: 5 });
      await sinkWith().position(0);
      await sinkWith().handle(slice(records.slice(0, 2)));
      const mended = sinkWith({ evolve: mend });
      const handled = (async () => {
        for (const record of records.slice(2)) await mended.handle(slice([record]));
      })();
      await Promise.all([handled, mended.replay(A), mended.replay(A)]);
      await mended.replay(A);
      expect((await rows()).at(-1)).toBe('a6:e0,e1,e2,e3,e4,e5');
      expect(await rows()).toHaveLength(6);
    });

    it('evolves an event once when a replay waits for another one that can only do half of it', async () => {
      await sinkWith().position(0);
      await sinkWith().handle(slice(logOf({ on: 0, noted: { broken: true } }, { on: 1 })));
      const [locked, read] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      // Holds the lock until the other replay has read what is parked; then its effect fails.
      const first = sinkWith({
        evolve: mend,
        apply: async () => {
          locked.resolve();
          await read.promise;
          throw new TypeError('no such column');
        },
      });
      const second = sinkWith({
        evolve: mend,
        codec: {
          decode: async (type, value) => {
            const event = await jsonDecoder.decode(type, value as Buffer);
            read.resolve();
            return event;
          },
        },
      });
      const failing = first.replay(A);
      await locked.promise;
      expect(await Promise.all([failing, second.replay(A)])).toMatchObject([
        { replayed: 0, waiting: 2, error: { code: 'SINK_EFFECT_FAILED' } },
        { replayed: 2, waiting: 0 },
      ]);
      expect(await rows()).toEqual(['a1:e0', 'a2:e0,e1']);
      expect(await stateOf(A)).toMatchObject({ document: { ids: ['e0', 'e1'] }, parked: false, effectsHeld: false });
    });

    describe('the states that it left', () => {
      /** A store that notes which states are read; behind a turn it may lose the answer to the commit. */
      function watched(asked: string[][], loses: () => boolean = () => false): SinkStore<Tx> {
        const store = world.store();
        return {
          ...store,
          transaction: async (work) => {
            const result = await store.transaction((tx) =>
              work({
                ...tx,
                readStates: (keys) => {
                  if (keys.length > 0) asked.push([...keys]);
                  return tx.readStates(keys);
                },
              }),
            );
            if (loses()) throw new BanyanError('POSTGRES_UNAVAILABLE', 'the answer is lost', { retryable: true });
            return result;
          },
        };
      }
      const log = logOf({ on: 0 }, { key: B, on: 0 }, { on: 1 }, { on: 2 }, { on: 3 }, { on: 4 });
      const [first, second, third, fourth] = [log.slice(0, 2), log.slice(2, 3), log.slice(3, 4), log.slice(4, 5)];

      it('are not read again, those of other keys are', async () => {
        const asked: string[][] = [];
        const sink = sinkWith({ store: watched(asked) });
        await sink.position(0);
        await sinkWith().handle(slice(first));
        await sink.handle(slice(second));
        await sink.handle(slice(third));
        const both = logOf({ on: 0 }, { on: 0 }, { on: 0 }, { on: 0 }, { on: 3 }, { key: B, on: 1 }).slice(4);
        await sink.handle(slice(both));
        expect(asked).toEqual([[A], [B]]);
        expect((await rows()).at(-1)).toBe('b2:e1,e5');
      });

      it('are not believed once another member had the partition in between, and nobody told this one', async () => {
        const sink = sinkWith();
        await sink.position(0);
        await sink.handle(slice(first));
        await sinkWith().handle(slice(second));
        await sink.handle(slice(third));
        expect(await rows()).toEqual(['a1:e0', 'a2:e0,e2', 'a3:e0,e2,e3', 'b1:e1']);
        expect(await stateOf(A)).toMatchObject({ keyState: { version: 3 }, document: { ids: ['e0', 'e2', 'e3'] } });
      });

      it('are not believed by who asks for the position, whatever the turns say: those of a store that was put back come twice', async () => {
        const store = world.store();
        let turn = 0;
        const sink = sinkWith({
          store: {
            ...store,
            transaction: (work) =>
              store.transaction((tx) =>
                work({
                  ...tx,
                  takePosition: async (move) => {
                    turn += 1;
                    return { ...(await tx.takePosition(move)), turn };
                  },
                }),
              ),
          },
        });
        await sink.position(0);
        await sink.handle(slice(first));
        await sinkWith().handle(slice(second));
        await sink.position(0);
        await sink.handle(slice(third));
        expect(await stateOf(A)).toMatchObject({ keyState: { version: 3 }, document: { ids: ['e0', 'e2', 'e3'] } });
      });

      it('are not believed by a member that had lost the partition, nor by one that gets it back', async () => {
        const [zombie, owner] = [sinkWith(), sinkWith()];
        await zombie.position(0);
        await zombie.handle(slice(first));
        await owner.position(0);
        await owner.handle(slice(second));
        await expect(zombie.handle(slice(second))).rejects.toMatchObject({ code: 'POSITION_TAKEN' });
        await owner.handle(slice(third));
        await zombie.position(0);
        await zombie.handle(slice(fourth));
        await expect(owner.handle(slice(fourth))).rejects.toMatchObject({ code: 'POSITION_TAKEN' });
        await owner.position(0);
        await owner.handle(slice(log.slice(5)));
        expect(await stateOf(A)).toMatchObject({
          keyState: { version: 5 },
          document: { ids: ['e0', 'e2', 'e3', 'e4', 'e5'] },
        });
      });

      it('are not believed once this process itself has replayed a key', async () => {
        const sink = sinkWith({ evolve: (state, event) => (mended ? mend : notes.evolve)(state, event) });
        let mended = false;
        await sink.position(0);
        const records = logOf({ on: 0, noted: { broken: true } }, { on: 1 });
        await sink.handle(slice(records.slice(0, 1)));
        mended = true;
        await sink.replay(A);
        await sink.handle(slice(records.slice(1)));
        expect(await sink.parked()).toEqual([]);
        expect(await stateOf(A)).toMatchObject({ document: { ids: ['e0', 'e1'] }, parked: false });
      });

      it('are not believed once another process has replayed a key', async () => {
        const sink = sinkWith();
        await sink.position(0);
        const records = logOf({ on: 0, noted: { broken: true } }, { on: 1 });
        await sink.handle(slice(records.slice(0, 1)));
        await sinkWith({ evolve: mend }).replay(A);
        await sink.handle(slice(records.slice(1)));
        expect(await sink.parked()).toEqual([]);
        expect(await rows()).toEqual(['a1:e0', 'a2:e0,e1']);
      });

      it('are not believed once a slice was rolled back, or its answer was lost, whether it counts or not', async () => {
        let lost = false;
        const asked: string[][] = [];
        const sink = sinkWith({ store: watched(asked, () => lost) });
        await sink.position(0);
        await sink.handle(slice(first));
        lost = true;
        await expect(sink.handle(slice(second))).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
        lost = false;
        // It counts: the runtime asks for the position, and goes on behind it.
        await expect(sink.handle(slice(second))).rejects.toMatchObject({ code: 'POSITION_TAKEN' });
        await sink.handle(slice(third));
        expect((await rows()).slice(0, 3)).toEqual(['a1:e0', 'a2:e0,e2', 'a3:e0,e2,e3']);
        const dying = sinkWith({
          store: watched(asked),
          apply: async (tx, changes) => {
            await applyRows(tx, changes);
            if (lost) await world.cut(tx);
          },
        });
        await dying.handle(slice(fourth));
        lost = true;
        const last = log.slice(5);
        await expect(dying.handle(slice(last))).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
        lost = false;
        await dying.handle(slice(last));
        expect((await rows()).slice(3)).toEqual(['a4:e0,e2,e3,e4', 'a5:e0,e2,e3,e4,e5', 'b1:e1']);
        // All but the first slice of each read what they needed, the refused one too: the one that was cut off had it, and read it again.
        expect(asked.flat().filter((key) => key === A)).toHaveLength(5);
      });

      it('are not believed in the slice behind one whose effect was parked', async () => {
        const sink = sinkWith({
          apply: async (tx, changes) => {
            if (changes.some(({ offset }) => offset === 2n)) throw new TypeError('no such column');
            await applyRows(tx, changes);
          },
        });
        await sink.position(0);
        await sink.handle(slice(first));
        await sink.handle(slice(second));
        await sink.handle(slice(third));
        expect(await rows()).toEqual(['a1:e0', 'b1:e1']);
        expect(await stateOf(A)).toMatchObject({ effectsHeld: true, appliedVersion: 3 });
        expect(await sink.parked()).toMatchObject([{ key: A, kind: 'effect', eventId: 'e2', behind: 1 }]);
      });
    });

    it('tells listeners the new position after the commit', async () => {
      const sink = sinkWith();
      await sink.position(0);
      const ear = await world.listen();
      await sink.handle(slice(logOf({ on: 0 })));
      expect(await ear.next()).toBe('note:0:1');
      await ear.close();
    });
  });
}
