import { BanyanError } from '@banyan/core';
import type { StoredState } from '@banyan/postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { tallyOf } from './books.js';
import type { ParkedRecord } from './parked-record.js';
import type { SinkStore } from './sink-store.js';
import type { SinkWorld, SinkWorlds } from './testing/sink-world.js';

const A = '00000000-0000-4000-8000-00000000000a';
const B = '00000000-0000-4000-8000-00000000000b';

const FULL: StoredState = {
  keyState: {
    version: 3,
    liveness: 'live',
    owner: 'legacy',
    epoch: 2,
    hash: 'v1:abc',
    recent: [
      { eventId: 'e0', version: 1 },
      { eventId: 'e2', version: 3 },
    ],
  },
  document: { name: 'Ölmühle "Süd" \\u0000 😀', lines: [{ n: 1.5 }, null], none: null, nested: { b: 1, a: [] } },
  appliedVersion: 2,
  parked: true,
  effectsHeld: true,
  transformerVersion: 7,
  stateHash: 'f00',
};
const BARE: StoredState = {
  keyState: { version: 1, liveness: 'deleted', owner: 'new', epoch: 0, recent: [] },
  document: undefined,
  appliedVersion: 1,
  parked: false,
  effectsHeld: false,
  transformerVersion: 1,
  stateHash: undefined,
};

const BROKEN = new BanyanError('SINK_EVOLVE_FAILED', 'broken');

interface Given {
  readonly offset: number;
  readonly partition?: number;
  readonly key?: string | null;
  readonly kind?: ParkedRecord['kind'];
  readonly error?: BanyanError;
  readonly change?: ParkedRecord['change'];
  readonly value?: Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
}

const STOOD = { version: 1, beforeLive: false, afterLive: true };

function parked({ offset, partition = 0, key = A, kind = 'state', error, ...rest }: Given): ParkedRecord {
  const { change = kind === 'invalid' ? undefined : STOOD, value = Buffer.from(`v${offset}`), headers = {} } = rest;
  const record = { partition, offset: BigInt(offset), key, value, headers };
  return { record, key, kind, eventId: `e${offset}`, eventType: 'test.note.v1.Noted', change, error };
}

/** What every `SinkStore` keeps. */
export function sinkStoreContract<Tx>(name: string, open: () => Promise<SinkWorlds<Tx>>): void {
  let worlds: SinkWorlds<Tx>;
  let world: SinkWorld<Tx>;
  let store: SinkStore<Tx>;

  beforeAll(async () => {
    worlds = await open();
  }, 180_000);

  afterAll(async () => {
    await worlds?.close();
  });

  beforeEach(async () => {
    world = await worlds.world();
    store = world.store();
  });

  const take = (from: SinkStore<Tx>, expected: bigint, next: bigint, partition = 0) =>
    from.transaction((tx) => tx.takePosition({ partition, expected, next }));
  const save = (...records: readonly ParkedRecord[]) => store.transaction((tx) => tx.saveParked(records));
  const statesOf = (from: SinkStore<Tx>, ...keys: readonly string[]) => from.transaction((tx) => tx.readStates(keys));
  const offsets = async (key = A) => (await store.loadParked(key)).map(({ record }) => Number(record.offset));

  describe(`${name}: positions`, () => {
    it('begins a partition at 0, when it is asked for or prepared, and leaves those that have moved', async () => {
      expect(await store.position(1)).toBe(0n);
      await take(store, 0n, 5n, 1);
      await store.prepare(3);
      expect(await Promise.all([0, 1, 2].map((partition) => store.position(partition)))).toEqual([0n, 5n, 0n]);
    });

    it('moves the position of one partition of one consumer', async () => {
      const other = world.store('other');
      await store.prepare(2);
      await other.prepare(2);
      expect((await take(store, 0n, 2n ** 40n)).authority).toEqual({ epoch: 0, share: 0, handback: 0 });
      expect(await store.position(0)).toBe(2n ** 40n);
      expect([await store.position(1), await other.position(0)]).toEqual([0n, 0n]);
    });

    it('refuses who expects another position, and a partition that was never read', async () => {
      await store.prepare(1);
      await take(store, 0n, 5n);
      for (const late of [take(store, 0n, 6n), take(store, 6n, 7n), take(store, 0n, 1n, 9)])
        await expect(late).rejects.toMatchObject({ code: 'POSITION_TAKEN' });
      expect(await store.position(0)).toBe(5n);
    });

    it('lets two that take a position wait for each other: the second is late', async () => {
      await store.prepare(1);
      const late = await behind((tx) => tx.takePosition({ partition: 0, expected: 0n, next: 7n }), 'commit');
      await expect(late()).rejects.toMatchObject({ code: 'POSITION_TAKEN' });
      expect(await store.position(0)).toBe(5n);
    });

    it('gives the position to who waited when the first one leaves without it', async () => {
      await store.prepare(1);
      const second = await behind((tx) => tx.takePosition({ partition: 0, expected: 0n, next: 7n }), 'roll back');
      await second();
      expect(await store.position(0)).toBe(7n);
    });

    it('locks a position without moving it: it is read behind who moves it', async () => {
      await store.prepare(1);
      const second = await behind((tx) => tx.lockPosition(0), 'commit');
      expect(await second()).toBe(5n);
      expect(await store.position(0)).toBe(5n);
      expect(await store.transaction((tx) => tx.lockPosition(9))).toBe(0n);
    });

    it('answers the authority that was saved, and keeps the position beside it', async () => {
      await store.prepare(2);
      const authority = { epoch: 3, share: 40, handback: 2 };
      await store.transaction(async (tx) => {
        await tx.takePosition({ partition: 1, expected: 0n, next: 4n });
        await tx.saveAuthority(1, authority);
      });
      expect((await take(store, 4n, 5n, 1)).authority).toEqual(authority);
      expect((await take(store, 0n, 1n, 0)).authority).toEqual({ epoch: 0, share: 0, handback: 0 });
    });

    it('counts the turns at a position, taken or locked, that were committed, of each partition alone', async () => {
      await store.prepare(2);
      const first = (await take(store, 0n, 5n)).turn;
      expect((await take(store, 5n, 6n)).turn).toBe(first + 1);
      const undone = store.transaction(async (tx) => {
        await tx.takePosition({ partition: 0, expected: 6n, next: 9n });
        throw BROKEN;
      });
      await expect(undone).rejects.toBe(BROKEN);
      await expect(take(store, 5n, 6n)).rejects.toMatchObject({ code: 'POSITION_TAKEN' });
      await take(store, 0n, 1n, 1);
      expect((await take(store, 6n, 7n)).turn).toBe(first + 2);
      await store.transaction((tx) => tx.lockPosition(0));
      expect((await take(world.store(), 7n, 8n)).turn).toBe(first + 4);
    });

    it('keeps the books with it: what was counted adds up, what is parked is counted where it lies', async () => {
      await store.prepare(2);
      const other = world.store('other');
      await other.prepare(1);
      const tally = tallyOf({ marker: 1, effective: 3, invalid: 1, applied: 1 });
      await store.transaction(async (tx) => {
        await tx.takePosition({ partition: 1, expected: 0n, next: 5n });
        await tx.saveParked([
          parked({ partition: 1, offset: 1 }),
          parked({ partition: 1, offset: 2, kind: 'effect', change: { ...STOOD, outcome: 'effective' } }),
          parked({ partition: 1, offset: 3, kind: 'effect', change: { ...STOOD, outcome: 'conflict' } }),
          parked({ partition: 1, offset: 4, kind: 'invalid' }),
        ]);
        await tx.notifyPosition(1, 5n, tally);
      });
      const undone = store.transaction(async (tx) => {
        await tx.lockPosition(1);
        await tx.notifyPosition(1, 5n, tally);
        throw BROKEN;
      });
      await expect(undone).rejects.toBe(BROKEN);
      await store.transaction(async (tx) => {
        await tx.lockPosition(1);
        await tx.notifyPosition(1, 5n, tallyOf({ applied: 1, discarded: 1 }));
        await tx.notifyPosition(1, 5n);
      });
      expect(await store.books()).toEqual([
        { ...tallyOf({}), partition: 0, from: 0, next: 0, parked: 0 },
        { ...tally, applied: 2, discarded: 1, partition: 1, from: 0, next: 5, parked: 2 },
      ]);
      expect(await store.tallies()).toEqual((await store.books()).map(({ parked: _, ...counted }) => counted));
      expect(await other.books()).toEqual([{ ...tallyOf({}), partition: 0, from: 0, next: 0, parked: 0 }]);
    });

    it('tells of a position once it is committed, and never of one that is not', async () => {
      const ear = await world.listen();
      const undone = store.transaction(async (tx) => {
        await tx.notifyPosition(0, 1n);
        throw BROKEN;
      });
      await expect(undone).rejects.toBe(BROKEN);
      await store.transaction(async (tx) => {
        await tx.notifyPosition(3, 2n);
        await world.store('other').transaction((first) => first.notifyPosition(0, 9n));
      });
      expect([await ear.next(), await ear.next()]).toEqual(['other:0:9', 'note:3:2']);
      await ear.close();
    });

    /** `second` in a transaction that waits for one which has moved the position from 0 to 5, until that one ends. */
    async function behind<T>(
      second: Parameters<typeof store.transaction<T>>[0],
      end: 'commit' | 'roll back',
    ): Promise<() => Promise<T>> {
      const [taken, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const first = store.transaction(async (tx) => {
        await tx.takePosition({ partition: 0, expected: 0n, next: 5n });
        taken.resolve();
        await go.promise;
        if (end === 'roll back') throw BROKEN;
      });
      await taken.promise;
      const waiting = Promise.allSettled([world.store().transaction(second)]);
      await world.someoneWaits();
      go.resolve();
      await first.catch((error: unknown) => expect(error).toBe(BROKEN));
      const [settled] = await waiting;
      return async () => {
        if (settled.status === 'rejected') throw settled.reason;
        return settled.value;
      };
    }
  });

  describe(`${name}: a transaction`, () => {
    async function writeAll(end: (tx: Tx) => Promise<unknown>): Promise<void> {
      await store.prepare(1);
      await store.transaction(async (tx) => {
        await tx.takePosition({ partition: 0, expected: 0n, next: 5n });
        await tx.saveAuthority(0, { epoch: 1, share: 0, handback: 0 });
        await tx.saveStates(new Map([[A, FULL]]));
        await tx.saveParked([parked({ offset: 1, error: BROKEN })]);
        await world.put(tx.handle, { key: A, version: 1, text: 'effect' });
        expect((await tx.readStates([A])).get(A)).toEqual(FULL);
        expect(await tx.loadParked(A)).toHaveLength(1);
        expect([await store.position(0), await store.loadParked(A)]).toEqual([0n, []]);
        await end(tx.handle);
      });
    }

    async function nothingIsLeft(): Promise<void> {
      expect([await store.position(0), (await statesOf(store, A)).size, await store.loadParked(A)]).toEqual([
        0n,
        0,
        [],
      ]);
      expect([await world.rows(), (await store.status()).authority.epoch]).toEqual([[], 0]);
    }

    it('keeps everything together, and shows it to others when it is committed', async () => {
      await writeAll(async () => undefined);
      expect([await store.position(0), (await statesOf(store, A)).size, await offsets()]).toEqual([5n, 1, [1]]);
      expect([await world.rows(), (await store.status()).authority.epoch]).toEqual([['a1:effect'], 1]);
    });

    it('leaves nothing when its work throws, and throws that on', async () => {
      await expect(
        writeAll(async () => {
          throw BROKEN;
        }),
      ).rejects.toBe(BROKEN);
      await nothingIsLeft();
    });

    it('leaves nothing when its connection is lost, which may heal', async () => {
      await expect(writeAll((tx) => world.cut(tx))).rejects.toMatchObject({
        code: 'POSTGRES_UNAVAILABLE',
        retryable: true,
      });
      await nothingIsLeft();
    });

    it('takes back an attempt that answers a failure, and goes on', async () => {
      await store.transaction(async (tx) => {
        await world.put(tx.handle, { key: A, version: 1, text: 'before' });
        const failed = await tx.attempt(async () => {
          await world.put(tx.handle, { key: A, version: 2, text: 'undone' });
          await tx.saveStates(new Map([[A, FULL]]));
          return BROKEN;
        });
        expect(failed).toBe(BROKEN);
        const kept = await tx.attempt(async () => {
          await world.put(tx.handle, { key: A, version: 3, text: 'kept' });
          return undefined;
        });
        expect(kept).toBeUndefined();
      });
      expect(await world.rows()).toEqual(['a1:before', 'a3:kept']);
      expect((await statesOf(store, A)).size).toBe(0);
    });

    it.each([
      ['a key that is there', { key: A, version: 1, text: 'again' }, /^23/],
      ['a text that is too long', { key: A, version: 2, text: 'x'.repeat(37) }, /^22/],
    ])('takes back an attempt in which a row is refused: %s', async (_, row, sqlState) => {
      await store.transaction(async (tx) => {
        await world.put(tx.handle, { key: A, version: 1, text: 'before' });
        const refused = await tx.attempt(() =>
          world.put(tx.handle, row).then(
            () => undefined,
            (error: Error) => error,
          ),
        );
        expect(refused).toMatchObject({ code: expect.stringMatching(sqlState) });
        await world.put(tx.handle, { key: B, version: 1, text: 'behind' });
      });
      expect(await world.rows()).toEqual(['a1:before', 'b1:behind']);
    });

    it('leaves nothing of a transaction in which an attempt throws', async () => {
      const thrown = store.transaction(async (tx) => {
        await world.put(tx.handle, { key: A, version: 1, text: 'before' });
        await tx.attempt(async () => {
          throw BROKEN;
        });
      });
      await expect(thrown).rejects.toBe(BROKEN);
      expect(await world.rows()).toEqual([]);
    });
  });

  describe(`${name}: states`, () => {
    it('gives back every field, with and without what may be missing', async () => {
      await store.transaction((tx) =>
        tx.saveStates(
          new Map([
            [A, FULL],
            [B, BARE],
          ]),
        ),
      );
      const states = await statesOf(store, A, B, '00000000-0000-4000-8000-00000000000c');
      expect(states.size).toBe(2);
      expect([states.get(A), states.get(B)]).toEqual([FULL, BARE]);
      expect('hash' in (states.get(B)?.keyState ?? {})).toBe(false);
      expect(await statesOf(store)).toEqual(new Map());
    });

    it('writes states that were looked for and not found, and writes over them in the same transaction', async () => {
      await store.transaction((tx) => tx.saveStates(new Map([[B, FULL]])));
      await store.transaction(async (tx) => {
        await tx.lockPosition(0);
        expect([...(await tx.readStates([A, B])).keys()]).toEqual([B]);
        // One that is there, and behind it one that is not.
        await tx.saveStates(
          new Map([
            [B, BARE],
            [A, FULL],
          ]),
        );
        await tx.saveStates(new Map([[A, BARE]]));
      });
      await store.transaction(async (tx) => {
        const key = '00000000-0000-4000-8000-00000000000c';
        await tx.lockPosition(0);
        await tx.readStates([key]);
        await tx.saveStates(new Map([[key, BARE]]));
        await tx.saveStates(new Map([[key, FULL]]));
      });
      expect([...(await statesOf(store, A, B)).values()]).toEqual([BARE, BARE]);
      expect(await statesOf(store, '00000000-0000-4000-8000-00000000000c')).toEqual(
        new Map([['00000000-0000-4000-8000-00000000000c', FULL]]),
      );
    });

    it('writes over all of a state, and keeps those of other keys and consumers', async () => {
      const other = world.store('other');
      await other.transaction((tx) => tx.saveStates(new Map([[A, BARE]])));
      await store.transaction((tx) =>
        tx.saveStates(
          new Map([
            [A, FULL],
            [B, FULL],
          ]),
        ),
      );
      await store.transaction((tx) => tx.saveStates(new Map([[A, BARE]])));
      await store.transaction((tx) => tx.saveStates(new Map()));
      expect(await statesOf(store, A, B)).toEqual(
        new Map([
          [A, BARE],
          [B, FULL],
        ]),
      );
      expect(await statesOf(other, A, B)).toEqual(new Map([[A, BARE]]));
    });

    it.each([[{}], [[1, null, 'two']], [''], ['text'], [0], [-1.25], [false], [true], [{ a: undefined, b: null }]])(
      'holds the document %j',
      async (document) => {
        await store.transaction((tx) => tx.saveStates(new Map([[A, { ...FULL, document }]])));
        expect((await statesOf(store, A)).get(A)?.document).toEqual(document);
      },
    );

    it('reads a document that is null as none', async () => {
      await store.transaction((tx) => tx.saveStates(new Map([[A, { ...FULL, document: null }]])));
      expect((await statesOf(store, A)).get(A)?.document).toBeUndefined();
    });
  });

  describe(`${name}: what is parked`, () => {
    it('comes back in log order with its bytes, its headers and what the fold made of it', async () => {
      const change = {
        ...STOOD,
        outcome: 'effective' as const,
        before: undefined,
        after: { ids: ['é'] },
      };
      const value = Buffer.from([0, 1, 2, 255]);
      await save(
        parked({ offset: 10, kind: 'effect', change }),
        parked({ offset: 9, value, headers: { ce_id: 'x', ce_source: 'a "b" \\' }, error: BROKEN }),
        parked({ offset: 8, kind: 'invalid', error: BROKEN }),
        parked({ offset: 11, value: null }),
        parked({ offset: 7, key: B }),
      );
      const stored = await store.loadParked(A);
      expect(stored.map(({ kind, record }) => [kind, record])).toEqual([
        ['state', { partition: 0, offset: 9n, key: A, value, headers: { ce_id: 'x', ce_source: 'a "b" \\' } }],
        ['effect', { partition: 0, offset: 10n, key: A, value: Buffer.from('v10'), headers: {} }],
        ['state', { partition: 0, offset: 11n, key: A, value: null, headers: {} }],
      ]);
      expect(stored.every(({ record }) => record.value === null || Buffer.isBuffer(record.value))).toBe(true);
      expect(stored.map((one) => one.change)).toEqual([STOOD, change, STOOD]);
      expect(new Set(stored.map(({ id }) => id)).size).toBe(3);
      expect(await store.transaction((tx) => tx.loadParked(A))).toEqual(stored);
      expect(await world.store('other').loadParked(A)).toEqual([]);
    });

    it('stays as it is when it is parked again', async () => {
      await save(parked({ offset: 1, error: BROKEN }));
      const before = [await store.loadParked(A), await store.parked()];
      await save(parked({ offset: 1, kind: 'effect', value: Buffer.from('other') }));
      expect([await store.loadParked(A), await store.parked()]).toEqual(before);
    });

    it('keeps words that cannot be stored, mended', async () => {
      const error = new BanyanError('SINK_INVALID_EVENT', `a\u0000${'x'.repeat(5_000)}`);
      await save(
        parked({ offset: 1, key: 'no\u0000uuid', kind: 'invalid', error, headers: { h: 'a\u0000\ud800' } }),
        parked({ offset: 2, key: null, kind: 'invalid', error }),
        parked({ offset: 3, headers: { h: 'a\u0000\ud800' } }),
      );
      const [first, second] = await store.parked();
      expect([first?.key, second?.key]).toEqual(['no\ufffduuid', null]);
      expect(first?.errorMessage).toBe(`a\ufffd${'x'.repeat(3_998)}`);
      expect((await store.loadParked(A))[0]?.record.headers).toEqual({ h: 'a\ufffd\ufffd' });
    });

    it('goes when it is released, and only that', async () => {
      await save(
        parked({ offset: 1 }),
        parked({ offset: 2 }),
        parked({ offset: 3 }),
        parked({ offset: 1, partition: 1, key: B }),
      );
      const ids = (await store.loadParked(A)).slice(0, 2).map(({ id }) => id);
      await store.transaction((tx) => tx.releaseParked(ids));
      await store.transaction((tx) => tx.releaseParked([]));
      expect([await offsets(A), await offsets(B)]).toEqual([[3], [1]]);
    });

    it('is restated as effects once its state has evolved: the first has the reason', async () => {
      await save(parked({ offset: 1, error: BROKEN }), parked({ offset: 2 }), parked({ offset: 3 }));
      const ids = (await store.loadParked(A)).map(({ id }) => id);
      const change = {
        ...STOOD,
        outcome: 'effective' as const,
        before: { n: 1 },
        after: undefined,
      };
      await store.transaction((tx) =>
        tx.restateParked(
          ids.slice(0, 2).map((id) => ({ id, change })),
          new BanyanError('SINK_EFFECT_FAILED', 'no such column'),
        ),
      );
      const stored = await store.loadParked(A);
      expect(stored.map(({ kind }) => kind)).toEqual(['effect', 'effect', 'state']);
      expect(stored.map((one) => one.change)).toEqual([change, change, STOOD]);
      expect(stored.map(({ id }) => id)).toEqual(ids);
      expect(await store.parked()).toMatchObject([
        { key: A, kind: 'effect', errorCode: 'SINK_EFFECT_FAILED', errorMessage: 'no such column', behind: 2 },
      ]);
      await store.transaction((tx) => tx.releaseParked(ids.slice(0, 1)));
      expect(await store.parked()).toMatchObject([
        { kind: 'effect', offset: '2', errorCode: null, errorMessage: null },
      ]);
    });

    it('says why it still stands', async () => {
      await save(parked({ offset: 1, error: BROKEN }), parked({ offset: 2 }));
      const [first] = await store.loadParked(A);
      await store.transaction((tx) => tx.parkedBecause(first?.id ?? -1, new BanyanError('SINK_NO_PAYLOAD', 'why')));
      expect(await store.parked()).toMatchObject([
        { offset: '1', kind: 'state', errorCode: 'SINK_NO_PAYLOAD', errorMessage: 'why', behind: 1 },
      ]);
    });

    it('is closed for the states of a key that stand before an offset', async () => {
      await save(
        parked({ offset: 1, error: BROKEN }),
        parked({ offset: 2, kind: 'effect' }),
        parked({ offset: 3, kind: 'invalid' }),
        parked({ offset: 5 }),
        parked({ offset: 0, key: B }),
      );
      const closing = { key: A, before: 5n, eventId: 'e5', why: 'restated by x: y \u0000' };
      expect(await store.transaction((tx) => tx.closeParked([closing, { ...closing, why: 'again' }]))).toBe(1);
      expect([await offsets(A), await offsets(B), (await store.status()).invalid]).toEqual([[2, 5], [0], 1]);
      const { record, eventId, eventType, change } = parked({ offset: 1, error: BROKEN });
      const value = record.value?.toString('base64');
      const why = { errorCode: BROKEN.code, closedBy: 'e5', why: 'restated by x: y \ufffd' };
      expect(await store.closed()).toMatchObject([
        {
          consumer: 'note',
          key: A,
          kind: 'state',
          eventId,
          eventType,
          version: change?.version,
          partition: 0,
          offset: '1',
          value,
          ...why,
        },
      ]);
      expect((await store.closed())[0]?.headers).toEqual(record.headers);
      expect([await store.closed(A), await store.closed(B)]).toEqual([await store.closed(), []]);
    });

    it('stays as it was when closing is rolled back', async () => {
      await save(parked({ offset: 1, error: BROKEN }));
      const rolledBack = store.transaction(async (tx) => {
        await tx.closeParked([{ key: A, before: 5n, eventId: 'e5', why: 'x' }]);
        throw new Error('no');
      });
      await expect(rolledBack).rejects.toThrow('no');
      expect([await offsets(A), await store.closed()]).toEqual([[1], []]);
    });

    it('is known as invalid by its offset, within a range of a partition', async () => {
      await save(
        ...[1, 2, 3, 4].map((offset) => parked({ offset, kind: 'invalid' })),
        parked({ offset: 2, partition: 1, kind: 'invalid' }),
        parked({ offset: 5, kind: 'state' }),
      );
      await store.prepare(2);
      const known = async (from: bigint, to: bigint, partition = 0) =>
        (await take(store, from, to, partition)).knownInvalid;
      expect(await known(0n, 2n)).toEqual(new Set([1n]));
      expect(await known(2n, 4n)).toEqual(new Set([2n, 3n]));
      expect(await known(4n, 5n)).toEqual(new Set([4n]));
      expect(await known(5n, 9n)).toEqual(new Set());
      expect(await known(0n, 9n, 1)).toEqual(new Set([2n]));
    });
  });

  describe(`${name}: what it tells`, () => {
    it('lists one entry per key and one per invalid event, oldest first', async () => {
      await save(
        parked({ offset: 4, key: B, kind: 'invalid', error: BROKEN }),
        parked({ offset: 5, key: B, kind: 'invalid' }),
      );
      await save(parked({ offset: 3, error: BROKEN }), parked({ offset: 7 }), parked({ offset: 6, kind: 'effect' }));
      await world.store('other').transaction((tx) => tx.saveParked([parked({ offset: 3 })]));
      await world.age(A);
      const entries = await store.parked();
      expect(await store.parked(A)).toEqual(entries.filter(({ key }) => key === A));
      expect(entries).toEqual([
        {
          consumer: 'note',
          key: A,
          kind: 'state',
          eventId: 'e3',
          eventType: 'test.note.v1.Noted',
          partition: 0,
          offset: '3',
          errorCode: 'SINK_EVOLVE_FAILED',
          errorMessage: 'broken',
          since: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
          behind: 2,
        },
        expect.objectContaining({ key: B, kind: 'invalid', offset: '4', behind: 0 }),
        expect.objectContaining({ key: B, kind: 'invalid', offset: '5', behind: 0, errorCode: null }),
      ]);
    });

    it('counts keys, what waits behind them, and invalid events', async () => {
      expect(await store.status()).toEqual({
        consumer: 'note',
        parked: 0,
        waiting: 0,
        invalid: 0,
        unlike: 0,
        authority: { epoch: 0, share: 0, handback: 0 },
      });
      await save(
        ...[1, 2, 3].map((offset) => parked({ offset })),
        parked({ offset: 4, key: B, kind: 'effect' }),
        parked({ offset: 5, key: B, kind: 'invalid' }),
        parked({ offset: 6, key: null, kind: 'invalid' }),
      );
      await world.store('other').transaction((tx) => tx.saveParked([parked({ offset: 3 })]));
      expect(await store.status()).toMatchObject({ parked: 2, waiting: 2, invalid: 2 });
    });

    it('has the authority of the partition that is furthest behind', async () => {
      await store.prepare(3);
      const at = (partition: number, epoch: number) =>
        store.transaction((tx) => tx.saveAuthority(partition, { epoch, share: partition, handback: 0 }));
      await at(0, 12);
      await at(1, 9);
      await at(2, 9);
      expect((await store.status()).authority).toEqual({ epoch: 9, share: 1, handback: 0 });
    });

    it('counts the keys that stand, and since when the oldest does, by the first event of each', async () => {
      expect(await store.standing()).toEqual({ keys: 0, oldestSeconds: 0, unlike: 0 });
      await save(parked({ offset: 1 }), parked({ offset: 2 }), parked({ offset: 3, key: B, kind: 'effect' }));
      await save(parked({ offset: 4, key: 'x', kind: 'invalid' }));
      await world.age('x');
      const fresh = await store.standing();
      expect([fresh.keys, fresh.oldestSeconds < 60]).toEqual([2, true]);
      await world.age(B);
      const { keys, oldestSeconds } = await store.standing();
      expect([keys, Math.floor(oldestSeconds / 60)]).toEqual([2, 1]);
    });
  });
}
