import { newId } from '@banyan/core';
import { ConnectionLost, MemoryDatabase } from '@banyan/postgres/testing';
import { createMemorySinkStore } from '@banyan/sink/testing';
import { createMemoryPorterStore } from './memory-store/memory-porter-store.js';
import { type IntentRow, TABLE, type WorkRow } from './memory-store/rows.js';
import { closeEffect, type PorterWorld, type PorterWorlds, repairsOf, saveDeleted, saveState } from './porter-world.js';

export async function memoryWorlds(): Promise<PorterWorlds> {
  return { world: async () => memoryWorld(), close: async () => undefined };
}

/** Its clock stands still, but for `pass`. */
export function memoryWorld(): PorterWorld & { readonly database: MemoryDatabase } {
  const database = new MemoryDatabase();
  let nowMs = Date.UTC(2026, 0, 1);
  const clock = { now: () => nowMs };
  const sinkStore = (consumer: string) =>
    createMemorySinkStore({ session: database.session(), schema: 'porter', consumer, clock });
  const store = createMemoryPorterStore({ session: database.session(), clock, newId });
  return {
    database,
    store,
    repairs: (port) => repairsOf(store, sinkStore(port.consumer), port),
    saved: (consumer, key, state) => saveState(sinkStore(consumer), key, state),
    closedEffect: (consumer, key, version) => closeEffect(sinkStore(consumer), key, version),
    losing: (lost) => {
      const session = database.session(async (what) => {
        if (what === 'committed' && lost()) throw new ConnectionLost('no answer');
      });
      return createMemoryPorterStore({ session, clock, newId });
    },
    pass: async (ms) => {
      nowMs += ms;
    },
    someoneWaits: () => new Promise((resolve) => setImmediate(resolve)),
    deleted: (consumer, key) => saveDeleted(sinkStore(consumer), key),
    work: async () =>
      database
        .committed<WorkRow>(TABLE.work)
        .map(([, row]) => row)
        .sort((a, b) => a.seq - b.seq)
        .map(({ key, state, attempts, claimedBy, errorCode, errorMessage }) => ({
          key,
          state,
          attempts,
          claimedBy,
          errorCode,
          errorMessage,
        })),
    intents: async () =>
      database
        .committed<IntentRow>(TABLE.intent)
        .map(([, { key, state, attempt, mayHaveArrived, outcome, legacyId }]) => ({
          key,
          state,
          attempt,
          mayHaveArrived,
          outcome,
          legacyId,
        })),
  };
}
