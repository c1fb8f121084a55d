import type { StoredState } from '@banyan/postgres';
import type { MemoryTx } from '@banyan/postgres/testing';
import { STATES, type StateInMemory, stateKey, stateLock } from './memory-tables.js';

export async function readStates(
  tx: MemoryTx,
  consumer: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, StoredState>> {
  if (keys.length === 0) return new Map();
  return tx.run('readStates', (rows) => {
    const found = keys.map((key) => rows.get<StateInMemory>(STATES, stateKey(consumer, key)));
    return new Map(found.flatMap((row) => (row === undefined ? [] : [[row.key, row.state] as const])));
  });
}

export async function saveStates(
  tx: MemoryTx,
  consumer: string,
  states: ReadonlyMap<string, StoredState>,
): Promise<void> {
  if (states.size === 0) return;
  for (;;) {
    const held = await tx.run('saveStates', (rows) => {
      for (const key of states.keys()) if (!rows.tryLock(stateLock(consumer, key))) return stateLock(consumer, key);
      for (const [key, state] of states)
        rows.put(STATES, stateKey(consumer, key), { consumer, key, state: asRead(state) });
      return undefined;
    });
    if (held === undefined) return;
    await tx.lock(held);
  }
}

/** As PostgreSQL gives it back: what jsonb cannot tell apart is the same here too. */
function asRead(state: StoredState): StoredState {
  const { keyState, document, stateHash, ...rest } = JSON.parse(JSON.stringify(state)) as StoredState;
  return { keyState, document: document ?? undefined, ...rest, stateHash: stateHash ?? undefined };
}
