import { type EventHeaders, FIRST_AUTHORITY } from '@banyan/core';
import { anyLog, EMPTY_PARTITION, foldLog, honestLog, type LogEntry } from '@banyan/core/testing';
import type { StoredState } from '@banyan/postgres';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countParkedEffective, ENTRIES, type Tally, tallyOf } from './books.js';
import type { Change } from './change.js';
import { foldSlice } from './fold-slice.js';
import type { ParkedRecord } from './parked-record.js';
import { replayParked, stateAfter } from './replay-parked.js';
import { stateHash } from './state-hash.js';
import { itemOf, type Notes, notes } from './testing/notes.js';

/** A consumer over one partition as the store keeps it: what a slice leaves goes through JSON, as at a restart. */
interface Store {
  readonly authority: typeof FIRST_AUTHORITY;
  readonly states: ReadonlyMap<string, StoredState>;
  readonly changes: readonly Change[];
  readonly parked: readonly ParkedRecord[];
  readonly tally: Tally;
}

const EMPTY: Store = { authority: FIRST_AUTHORITY, states: new Map(), changes: [], parked: [], tally: tallyOf({}) };

interface Scenario {
  readonly log: readonly LogEntry[];
  /** Ids whose payload cannot be read: the same for every repeat of the event. */
  readonly poison: ReadonlySet<string>;
}

const scenario: fc.Arbitrary<Scenario> = fc
  .tuple(fc.oneof(honestLog(40), anyLog(30)), fc.integer({ min: 0, max: 3 }), fc.nat())
  .map(([log, share, seed]) => {
    const ids = [
      ...new Set(log.flatMap((entry) => (entry.type === 'event' && entry.headers.id ? [entry.headers.id] : []))),
    ];
    return { log, poison: new Set(ids.filter((_, index) => (index * 7 + seed) % 10 < share)) };
  });

const slicing = fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 10 });

/** @param sizes sizes of the slices, over and over; none = the whole log at once */
function consume({ log, poison }: Scenario, sizes: readonly number[] = [], from: Store = EMPTY): Store {
  const items = log.map((entry, offset) => itemOf(entry, BigInt(offset), isPoison(poison, entry)));
  let store = from;
  for (let at = 0, turn = 0; at < items.length; turn += 1) {
    const size = sizes[turn % Math.max(sizes.length, 1)] ?? items.length;
    store = consumeSlice(store, items.slice(at, at + size));
    at += size;
  }
  return store;
}

function consumeSlice(store: Store, items: readonly ReturnType<typeof itemOf>[]): Store {
  const { authority, states } = store;
  const knownInvalid = new Set(
    store.parked.filter(({ kind }) => kind === 'invalid').map(({ record }) => record.offset),
  );
  const folded = foldSlice({ entity: notes, authority, states, knownInvalid, items });
  const all = [...store.parked, ...folded.parked];
  const kept = all.filter(
    ({ kind, key, record }) =>
      kind !== 'state' || !folded.closings.some((closing) => closing.key === key && record.offset < closing.before),
  );
  const saved = [...folded.states].map(([key, state]): [string, StoredState] => [key, throughJson(state)]);
  return {
    authority: folded.authority,
    states: new Map([...states, ...saved]),
    changes: [...store.changes, ...folded.changes],
    parked: kept,
    tally: sum(store.tally, folded.tally, tallyOf({ discarded: all.length - kept.length })),
  };
}

function sum(...tallies: readonly Tally[]): Tally {
  const columns = Object.keys(tallyOf({})) as (keyof Tally)[];
  return tallyOf(
    Object.fromEntries(columns.map((column) => [column, tallies.reduce((all, one) => all + one[column], 0)])),
  );
}

/** After how many slices all keys are replayed, and whether the poison can be read from there on. */
const replays = fc.array(fc.record({ after: fc.integer({ min: 1, max: 12 }), mended: fc.boolean() }), { maxLength: 4 });

function consumeWithReplays(
  given: Scenario,
  sizes: readonly number[],
  at: readonly { readonly after: number; readonly mended: boolean }[],
): Store {
  let { poison } = given;
  let store = EMPTY;
  for (let from = 0, turn = 0; from < given.log.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? given.log.length;
    const items = given.log
      .slice(from, from + size)
      .map((entry, index) => itemOf(entry, BigInt(from + index), isPoison(poison, entry)));
    store = consumeSlice(store, items);
    from += size;
    for (const { mended } of at.filter(({ after }) => after === turn + 1)) {
      if (mended) poison = new Set();
      store = replayAll(store, { ...given, poison });
    }
  }
  return store;
}

/** Replays every key as the store does. */
function replayAll(store: Store, { log, poison }: Scenario): Store {
  const states = new Map(store.states);
  const changes = [...store.changes];
  let { parked } = store;
  for (const [key, state] of store.states) {
    const items = parked.flatMap(({ record, kind, key: of, change }, id) => {
      const entry = log[Number(record.offset)];
      if (of !== key || kind === 'invalid' || entry === undefined || change === undefined) return [];
      return [{ ...itemOf(entry, record.offset, isPoison(poison, entry)), id, parkedKind: kind, change }];
    });
    const progress = replayParked(notes, key, state, items);
    const done = new Set(progress.changes.map(({ item }) => item.id));
    const left = items.filter(({ id }) => !done.has(id)).map(({ parkedKind }) => parkedKind);
    states.set(key, throughJson(stateAfter(progress.state, left)));
    changes.push(...progress.changes.map(({ change }) => change));
    parked = parked.filter((_, id) => !done.has(id));
  }
  return { ...store, states, changes, parked };
}

function isPoison(poison: ReadonlySet<string>, entry: LogEntry): boolean {
  return entry.type === 'event' && poison.has(entry.headers.id ?? '');
}

function expectApplied({
  keyState,
  appliedVersion,
  parked,
}: Pick<StoredState, 'keyState' | 'appliedVersion' | 'parked'>) {
  if (parked) expect(appliedVersion).toBeLessThan(keyState.version);
  else expect(appliedVersion).toBe(keyState.version);
}

function throughJson(state: StoredState): StoredState {
  const plain = JSON.parse(JSON.stringify(state)) as StoredState;
  return { ...plain, document: plain.document ?? undefined, stateHash: plain.stateHash ?? undefined };
}

function visible({ authority, states, changes, parked }: Store): unknown {
  const byKey = [...states].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, state]) => [key, throughJson(state)]);
  const stands = parked.map(({ record, kind, error, change }) => [record.offset, kind, error?.code, change]);
  return { authority, byKey, changes, stands };
}

describe('folding a slice', () => {
  it('ends the same however the log is cut and however often the process restarts', () => {
    fc.assert(
      fc.property(scenario, slicing, (given, sizes) => {
        expect(visible(consume(given, sizes))).toEqual(visible(consume(given)));
      }),
    );
  });

  it('parks an effect, never a place: with poison the key states are those of the bare fold', () => {
    fc.assert(
      fc.property(scenario, slicing, (given, sizes) => {
        const bare = foldLog(given.log).at(-1)?.after ?? EMPTY_PARTITION;
        const { authority, states } = consume(given, sizes);
        expect(authority).toEqual(bare.authority);
        for (const [key, state] of states) expect(state.keyState).toEqual(bare.keys[key]);
      }),
    );
  });

  it('changes nothing when the whole log is delivered again', () => {
    fc.assert(
      fc.property(scenario, slicing, (given, sizes) => {
        const once = consume(given);
        const twice = consume(given, sizes, { ...once, changes: [] });
        expect(twice.changes.filter(({ outcome }) => outcome === 'effective')).toEqual([]);
        expect(visible({ ...twice, changes: [] })).toEqual(visible({ ...once, changes: [] }));
      }),
    );
  });

  it('gives every record one outcome, and every effective event an effect that is applied, parked or discarded', () => {
    fc.assert(
      fc.property(scenario, slicing, (given, sizes) => {
        const { tally, parked } = consume(given, sizes);
        expect(ENTRIES.reduce((all, entry) => all + tally[entry], 0)).toBe(given.log.length);
        expect(tally.effective).toBe(tally.applied + countParkedEffective(parked) + tally.discarded);
        expect(tally).toEqual(consume(given).tally);
        const outcomes = foldLog(given.log).flatMap(({ outcome }) => outcome ?? []);
        for (const outcome of ENTRIES.slice(1))
          expect(tally[outcome as never]).toBe(outcomes.filter((one) => one === outcome).length);
      }),
    );
  });

  it('chains the changes of a key: each begins where the one before it ended', () => {
    fc.assert(
      fc.property(scenario, slicing, (given, sizes) => {
        const last = new Map<string, Change>();
        for (const change of consume(given, sizes).changes.filter(({ outcome }) => outcome === 'effective')) {
          const before = last.get(change.key);
          // A whole state that passes a standing key leaves out the versions that were closed.
          expect(change.version).toBeGreaterThan(before?.version ?? 0);
          expect(change.before).toEqual(before?.after);
          last.set(change.key, change);
        }
      }),
    );
  });

  it('keeps a document of the applied version, with its hash, which is the key’s own unless the key stands', () => {
    fc.assert(
      fc.property(scenario, slicing, (given, sizes) => {
        for (const state of consume(given, sizes).states.values()) {
          const { keyState, appliedVersion, parked, document } = state;
          expectApplied({ keyState, appliedVersion, parked });
          expect(state.stateHash).toBe(stateHash(document));
          const last = (document as Notes | undefined)?.ids.at(-1);
          if (last !== undefined) expect(given.poison.has(last)).toBe(false);
        }
      }),
    );
  });

  it('keeps both of that through replays, in vain and of mended code, at any point of the log', () => {
    fc.assert(
      fc.property(scenario, slicing, replays, (given, sizes, at) => {
        for (const state of consumeWithReplays(given, sizes, at).states.values()) {
          expectApplied(state);
          expect(state.stateHash).toBe(stateHash(state.document));
        }
      }),
    );
  });

  it('ends, once what was poison can be read and is replayed in order, where it would have without poison', () => {
    fc.assert(
      fc.property(scenario, slicing, replays, (given, sizes, at) => {
        const mended = consume({ ...given, poison: new Set() });
        const replayed = replayAll(consumeWithReplays(given, sizes, at), { ...given, poison: new Set() });
        expect(replayed.parked.filter(({ kind }) => kind !== 'invalid')).toEqual([]);
        for (const [key, state] of replayed.states) {
          const { document, appliedVersion } = mended.states.get(key) ?? {};
          expect([state.document, state.appliedVersion, state.parked]).toEqual([document, appliedVersion, false]);
        }
      }),
    );
  });
});

describe('a whole state that passes a standing key', () => {
  const KEY = '00000000-0000-4000-8000-00000000000a';
  const event = (id: string, expectedVersion: number, more: Partial<EventHeaders> = {}): LogEntry => ({
    type: 'event',
    headers: {
      key: KEY,
      id,
      origin: 'api',
      expectedVersion,
      epoch: 0,
      liveness: 'live',
      contentHash: undefined,
      ...more,
    },
  });
  const restated = (on: number): LogEntry => event('whole', on, { origin: 'repair' });
  const last = (...log: LogEntry[]) => consume({ log, poison: new Set(['poison']) }).changes.at(-1);

  // What is closed never came to legacy: a port asks whether the row is there, and the fold alone would say it wrong.
  it('goes from the document that the key stood at: what is closed neither made it nor took it away', () => {
    expect(last(event('a', 0), event('poison', 1, { liveness: 'deleted' }), restated(2))).toMatchObject({
      eventId: 'whole',
      before: { ids: ['a'] },
      beforeLive: true,
      afterLive: true,
    });
    expect(last(event('poison', 0), restated(1))).toMatchObject({ before: undefined, beforeLive: false });
  });
});
