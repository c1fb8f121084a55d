import { FIRST_AUTHORITY } from '@banyan/core';
import { anyLog, EMPTY_PARTITION, foldLog, honestLog, type LogEntry } from '@banyan/core/testing';
import type { StoredState } from '@banyan/postgres';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Change } from './change.js';
import { foldSlice } from './fold-slice.js';
import type { ParkedRecord } from './parked-record.js';
import { replayParked } from './replay-parked.js';
import { itemOf, type Notes, notes } from './testing/notes.js';

/** A consumer over one partition as the store keeps it: what a slice leaves goes through JSON, as at a restart. */
interface Store {
  readonly authority: typeof FIRST_AUTHORITY;
  readonly states: ReadonlyMap<string, StoredState>;
  readonly changes: readonly Change[];
  readonly parked: readonly ParkedRecord[];
}

const EMPTY: Store = { authority: FIRST_AUTHORITY, states: new Map(), changes: [], parked: [] };

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
  const items = log.map((entry, offset) =>
    itemOf(entry, BigInt(offset), entry.type === 'event' && poison.has(entry.headers.id ?? '')),
  );
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
  const kept = store.parked.filter(
    ({ kind, key, record }) => kind !== 'state' || key === null || record.offset >= (folded.closed.get(key) ?? -1n),
  );
  const saved = [...folded.states].map(([key, state]): [string, StoredState] => [key, throughJson(state)]);
  return {
    authority: folded.authority,
    states: new Map([...states, ...saved]),
    changes: [...store.changes, ...folded.changes],
    parked: [...kept, ...folded.parked],
  };
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

  it('chains the changes of a key: each begins where the one before it ended', () => {
    fc.assert(
      fc.property(scenario, slicing, (given, sizes) => {
        const last = new Map<string, Change>();
        for (const change of consume(given, sizes).changes.filter(({ outcome }) => outcome === 'effective')) {
          const before = last.get(change.key);
          // An import that passes a standing key leaves out the versions that were closed.
          expect(change.version).toBeGreaterThan(before?.version ?? 0);
          expect(change.before).toEqual(before?.after);
          last.set(change.key, change);
        }
      }),
    );
  });

  it('keeps a document of the applied version, which is the key’s own unless the key stands', () => {
    fc.assert(
      fc.property(scenario, slicing, (given, sizes) => {
        for (const { keyState, appliedVersion, parked, document } of consume(given, sizes).states.values()) {
          if (parked) expect(appliedVersion).toBeLessThan(keyState.version);
          else expect(appliedVersion).toBe(keyState.version);
          const last = (document as Notes | undefined)?.ids.at(-1);
          if (last !== undefined) expect(given.poison.has(last)).toBe(false);
        }
      }),
    );
  });

  it('ends, once what was poison can be read and is replayed in order, where it would have without poison', () => {
    fc.assert(
      fc.property(scenario, slicing, (given, sizes) => {
        const mended = consume({ ...given, poison: new Set() });
        const { states, parked } = consume(given, sizes);
        for (const [key, state] of states) {
          const waiting = parked.filter((one) => one.key === key && one.kind === 'state');
          const items = waiting.flatMap(({ record, change }, id) => {
            const entry = given.log[Number(record.offset)];
            return entry === undefined || change === undefined
              ? []
              : [{ ...itemOf(entry, record.offset), id, parkedKind: 'state' as const, change }];
          });
          const { state: after, stuck } = replayParked(notes, key, state, items);
          expect(stuck).toBeUndefined();
          expect(after.document).toEqual(mended.states.get(key)?.document);
        }
      }),
    );
  });
});
