import { bulkUpsert, type Connection, type StoredState } from '@banyan/postgres';
import type { SinkPlace } from './place.js';

export async function saveStates(
  tx: Connection,
  { schema, consumer }: SinkPlace,
  states: ReadonlyMap<string, StoredState>,
): Promise<void> {
  // In any order: who writes states of a partition holds its position, so nobody else waits for one of them.
  const rows = Array.from(states, ([key, { keyState, document, ...state }]) => ({
    consumer,
    key,
    version: keyState.version,
    liveness: keyState.liveness,
    owner: keyState.owner,
    epoch: keyState.epoch,
    hash: keyState.hash,
    recent: keyState.recent,
    // Text that is a value of its own would be taken for that of JSON.
    document: typeof document === 'string' ? JSON.stringify(document) : document,
    applied_version: state.appliedVersion,
    parked: state.parked,
    effects_held: state.effectsHeld,
    transformer_version: state.transformerVersion,
    state_hash: state.stateHash,
  }));
  await bulkUpsert(tx, { schema, table: 'state', columns: STATE_TYPES, conflict: ['consumer', 'key'] }, rows);
}

const STATE_TYPES = {
  consumer: 'text',
  key: 'uuid',
  version: 'bigint',
  liveness: 'text',
  owner: 'text',
  epoch: 'bigint',
  hash: 'text',
  recent: 'jsonb',
  document: 'jsonb',
  applied_version: 'bigint',
  parked: 'boolean',
  effects_held: 'boolean',
  transformer_version: 'int',
  state_hash: 'text',
};
