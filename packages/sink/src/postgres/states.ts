import { type BulkRow, bulkInsert, bulkUpsert, type Connection, recentText, type StoredState } from '@banyan/postgres';
import type { SinkPlace } from './place.js';

/** @param areNew none of them is there, which costs PostgreSQL a seventh less than to look */
export async function saveStates(
  tx: Connection,
  { schema, consumer }: SinkPlace,
  states: ReadonlyMap<string, StoredState>,
  areNew: boolean,
): Promise<void> {
  // Sorted, though who writes states of a partition holds its position: whoever only locks some of them need not hold it, and does so in the
  // order of keys. In another one the two would wait for each other.
  const rows = [...states.keys()].sort().map((key) => rowOf(consumer, key, states.get(key) as StoredState));
  const table = { schema, table: 'state', columns: STATE_TYPES };
  if (areNew) await bulkInsert(tx, table, rows);
  else await bulkUpsert(tx, { ...table, conflict: ['consumer', 'key'] }, rows);
}

function rowOf(consumer: string, key: string, state: StoredState): BulkRow {
  const { keyState, document } = state;
  return {
    consumer,
    key,
    version: keyState.version,
    liveness: keyState.liveness,
    owner: keyState.owner,
    epoch: keyState.epoch,
    hash: keyState.hash,
    recent_events: recentText(keyState.recent),
    // Text that is a value of its own would be taken for that of JSON.
    document: typeof document === 'string' ? JSON.stringify(document) : document,
    applied_version: state.appliedVersion,
    parked: state.parked,
    effects_held: state.effectsHeld,
    transformer_version: state.transformerVersion,
    state_hash: state.stateHash,
  };
}

const STATE_TYPES = {
  consumer: 'text',
  key: 'uuid',
  version: 'bigint',
  liveness: 'text',
  owner: 'text',
  epoch: 'bigint',
  hash: 'text',
  recent_events: 'text',
  document: 'jsonb',
  applied_version: 'bigint',
  parked: 'boolean',
  effects_held: 'boolean',
  transformer_version: 'int',
  state_hash: 'text',
};
