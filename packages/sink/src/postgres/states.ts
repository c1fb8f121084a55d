import { bulkUpsert, type Connection, type StoredState } from '@banyan/postgres';
import type { SinkPlace } from './place.js';

export async function saveStates(
  tx: Connection,
  { schema, consumer }: SinkPlace,
  states: ReadonlyMap<string, StoredState>,
): Promise<void> {
  const rows = [...states]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, state]) => ({
      consumer,
      key,
      version: state.keyState.version,
      liveness: state.keyState.liveness,
      owner: state.keyState.owner,
      epoch: state.keyState.epoch,
      hash: state.keyState.hash,
      recent: JSON.stringify(state.keyState.recent),
      document: state.document === undefined ? null : JSON.stringify(state.document),
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
