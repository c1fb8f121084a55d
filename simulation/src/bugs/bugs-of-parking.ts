import { BanyanError } from '@banyan/core';
import { NO_STATE, type StoredState } from '@banyan/postgres';
import type { MemoryTx } from '@banyan/postgres/testing';
import type { ParkedRecord, SinkStore } from '@banyan/sink';
import { type Bug, eachTx } from './bug.js';

/** What is done with events that cannot be processed. */
export const BUGS_OF_PARKING: readonly Bug[] = [
  {
    name: 'park-after-commit',
    what: 'what is parked is written in a transaction behind that of the slice',
    variant: { sinkStore: parkLater },
  },
  {
    name: 'parked-bytes-lost',
    what: 'an event is parked without its bytes',
    variant: {
      sinkStore: (store) =>
        eachTx(store, (tx) => ({ ...tx, saveParked: (records) => tx.saveParked(records.map(withoutBytes)) })),
    },
  },
  {
    name: 'poison-passed-over',
    what: 'an event that cannot be processed is logged and left out',
    variant: {
      sinkStore: (store) =>
        eachTx(store, (tx) => ({
          ...tx,
          saveParked: (records) => tx.saveParked(records.filter(({ kind }) => kind === 'invalid')),
          saveStates: (states) => tx.saveStates(each(states, (state) => ({ ...state, parked: false }))),
        })),
    },
  },
  {
    name: 'poison-blocks-its-partition',
    what: 'an event that cannot be processed is tried again, and all behind it wait',
    variant: {
      sinkStore: (store) =>
        eachTx(store, (tx) => ({
          ...tx,
          saveParked: async (records) => {
            const poison = records.find(({ kind, error }) => kind !== 'invalid' && error !== undefined);
            if (poison !== undefined) throw new BanyanError('SIM_AGAIN', 'another time', { retryable: true });
            await tx.saveParked(records);
          },
        })),
    },
  },
  {
    name: 'parking-loses-the-place',
    what: 'an event that is parked does not raise the version of its key',
    variant: {
      sinkStore: (store) =>
        eachTx(store, (tx) => {
          let before: ReadonlyMap<string, StoredState> = new Map();
          return {
            ...tx,
            readStates: async (keys) => {
              before = await tx.readStates(keys);
              return before;
            },
            saveStates: (states) =>
              tx.saveStates(
                each(states, (state, key) =>
                  state.parked ? { ...state, keyState: (before.get(key) ?? NO_STATE).keyState } : state,
                ),
              ),
          };
        }),
    },
  },
  {
    name: 'later-event-at-once',
    what: 'an event of a key of which one stands is applied when it comes',
    variant: { sinkStore: (store) => reading(store, (state) => ({ ...state, parked: false })) },
  },
  {
    name: 'later-effect-at-once',
    what: 'an effect of a key of which one stands is carried out when it comes',
    variant: { sinkStore: (store) => reading(store, (state) => ({ ...state, effectsHeld: false })) },
  },
  {
    name: 'replay-overtakes',
    what: 'a replay begins with the event that was parked last',
    variant: {
      sinkStore: (store) => {
        const newestFirst = <K extends Pick<SinkStore<MemoryTx>, 'loadParked'>>(of: K): K => ({
          ...of,
          loadParked: async (key: string) => (await of.loadParked(key)).toReversed(),
        });
        return newestFirst(eachTx(store, newestFirst));
      },
    },
  },
  {
    name: 'replay-beside-the-lock',
    what: 'a replay does not keep slices of its partition out',
    variant: {
      sinkStore: (store) => eachTx(store, (tx) => ({ ...tx, lockPosition: (partition) => store.position(partition) })),
    },
  },
  {
    name: 'passed-and-left',
    what: 'an import that passes a key leaves what stands there, and a replay carries it out behind it',
    variant: { sinkStore: (store) => eachTx(store, (tx) => ({ ...tx, closeParked: async () => 0 })) },
  },
  {
    name: 'invalid-holds-its-key',
    what: 'an event that takes no effect anywhere lets its key stand',
    variant: {
      sinkStore: (store) =>
        eachTx(store, (tx) => ({
          ...tx,
          saveParked: async (records) => {
            await tx.saveParked(records);
            const keys = records.flatMap(({ kind, key }) => (kind === 'invalid' ? (key ?? []) : []));
            await tx.saveStates(each(await tx.readStates(keys), (state) => ({ ...state, parked: true })));
          },
        })),
    },
  },
];

function parkLater(store: SinkStore<MemoryTx>): SinkStore<MemoryTx> {
  return {
    ...store,
    transaction: async (work) => {
      let later: readonly ParkedRecord[] = [];
      const result = await store.transaction((tx) => {
        later = [];
        return work({
          ...tx,
          saveParked: async (records) => {
            later = [...later, ...records];
          },
        });
      });
      const [first] = later;
      if (first === undefined) return result;
      await store.transaction(async (tx) => {
        await tx.lockPosition(first.record.partition);
        await tx.saveParked(later);
      });
      return result;
    },
  };
}

function withoutBytes(record: ParkedRecord): ParkedRecord {
  return { ...record, record: { ...record.record, value: null } };
}

function reading(store: SinkStore<MemoryTx>, wrong: (state: StoredState) => StoredState): SinkStore<MemoryTx> {
  return eachTx(store, (tx) => ({ ...tx, readStates: async (keys) => each(await tx.readStates(keys), wrong) }));
}

function each(
  states: ReadonlyMap<string, StoredState>,
  change: (state: StoredState, key: string) => StoredState,
): ReadonlyMap<string, StoredState> {
  return new Map([...states].map(([key, state]) => [key, change(state, key)]));
}
