import { type Authority, BanyanError } from '@banyan/core';
import { bulkUpsert, type Connection, identifier, type StoredState } from '@banyan/postgres';

/** Whose rows: the schema that the sink's tables are in, and the consumer within it. */
export interface SinkPlace {
  readonly schema: string;
  readonly consumer: string;
}

/**
 * Moves the position of a partition and locks its row until the transaction ends; answers the authority there. Throws
 * `POSITION_TAKEN` when the position is not the expected one: another member has moved it, this one is late.
 */
export async function takePosition(
  tx: Connection,
  { schema, consumer }: SinkPlace,
  move: { readonly partition: number; readonly expected: bigint; readonly next: bigint },
): Promise<Authority> {
  const { partition, expected, next } = move;
  const result = await tx.query<Authority>(
    `update ${identifier(schema)}.sink_offset set next_offset = $4
     where consumer = $1 and partition = $2 and next_offset = $3 returning epoch, share, handback`,
    [consumer, partition, expected, next],
  );
  const authority = result.rows[0];
  if (authority !== undefined) return authority;
  throw new BanyanError(
    'POSITION_TAKEN',
    `${consumer}, partition ${partition}: the stored position is no longer ${expected}; another member handles it now. Read it anew.`,
    { data: { consumer, partition, expected: String(expected) } },
  );
}

/** Locks a partition against slices without moving it, so that a replay and a slice never mix. */
export async function lockPosition(
  tx: Connection,
  { schema, consumer }: SinkPlace,
  partition: number,
): Promise<bigint> {
  const result = await tx.query<{ next_offset: number }>(
    `select next_offset from ${identifier(schema)}.sink_offset where consumer = $1 and partition = $2 for update`,
    [consumer, partition],
  );
  return BigInt(result.rows[0]?.next_offset ?? 0);
}

export async function saveAuthority(
  tx: Connection,
  { schema, consumer }: SinkPlace,
  partition: number,
  { epoch, share, handback }: Authority,
): Promise<void> {
  await tx.query(
    `update ${identifier(schema)}.sink_offset set epoch = $3, share = $4, handback = $5 where consumer = $1 and partition = $2`,
    [consumer, partition, epoch, share, handback],
  );
}

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

/** Tells everyone who waits for a position; sent by PostgreSQL when the transaction commits. */
export async function notifyPosition(
  tx: Connection,
  { schema, consumer }: SinkPlace,
  partition: number,
  next: bigint,
): Promise<void> {
  await tx.query('select pg_notify($1, $2)', [`${schema}_projected`, `${consumer}:${partition}:${next}`]);
}
