import type { Authority, KeyState } from '@banyan/core';
import { textArray } from './array-parameter.js';
import { identifier } from './identifier.js';
import { type Queryable, query } from './pool.js';
import { recentOf } from './recent-text.js';

/** A key as a sink stored it. */
export interface StoredState {
  readonly keyState: KeyState;
  /** The entity's state as of `appliedVersion`; undefined = there is none. */
  readonly document: unknown;
  /** Below `keyState.version` only while parked: then never decide on the document. */
  readonly appliedVersion: number;
  /** The state stands still behind an event that cannot be processed. */
  readonly parked: boolean;
  /** The state is current, but effects (rows) of the key wait for a person. */
  readonly effectsHeld: boolean;
  /** The entity definition's `version` that made the document. */
  readonly transformerVersion: number;
  /** Equal documents have equal hashes; undefined = no document. */
  readonly stateHash: string | undefined;
}

/** A key together with where its partition stands: one snapshot. */
export interface ReadState extends StoredState {
  /** 0 when the partition was never read, or none was asked for. */
  readonly nextOffset: bigint;
  /** That of the partition, or `FIRST_AUTHORITY` when none was asked for. */
  readonly authority: Authority;
  /**
   * The epoch that every partition of the consumer has reached; 0 before any marker. Until all partitions have an epoch nothing is decided
   * in it.
   */
  readonly epoch: number;
}

export const STATE_COLUMNS = `s.key, s.version, s.liveness, s.owner, s.epoch, s.hash, s.recent_events as recent, s.document, s.applied_version,
  s.parked, s.effects_held, s.transformer_version, s.state_hash`;

export interface StateRow {
  readonly key: string | null;
  readonly version: number;
  readonly liveness: KeyState['liveness'];
  readonly owner: KeyState['owner'];
  readonly epoch: number;
  readonly hash: string | null;
  readonly recent: string;
  readonly document: unknown;
  readonly applied_version: number;
  readonly parked: boolean;
  readonly effects_held: boolean;
  readonly transformer_version: number;
  readonly state_hash: string | null;
}

/** What is known of a key that no event ever named. */
export const NO_STATE: StoredState = {
  keyState: { version: 0, liveness: 'absent', owner: 'none', epoch: 0, recent: [] },
  document: undefined,
  appliedVersion: 0,
  parked: false,
  effectsHeld: false,
  transformerVersion: 0,
  stateHash: undefined,
};

export function toStoredState(row: StateRow): StoredState {
  return {
    keyState: {
      version: row.version,
      liveness: row.liveness,
      owner: row.owner,
      epoch: row.epoch,
      ...(row.hash === null ? {} : { hash: row.hash }),
      recent: recentOf(row.recent),
    },
    document: row.document ?? undefined,
    appliedVersion: row.applied_version,
    parked: row.parked,
    effectsHeld: row.effects_held,
    transformerVersion: row.transformer_version,
    stateHash: row.state_hash ?? undefined,
  };
}

/** Whose state is asked for. */
export interface StateAsked {
  /** The entity's name in schema `v2`. */
  readonly consumer: string;
  readonly key: string;
  /** Whose position and authority are asked for as well; undefined = those of the beginning. */
  readonly partition?: number | undefined;
}

/**
 * Of each key its state, document and applied version, its partition's position and authority, and its consumer's epoch, all in one
 * statement: read apart they could belong to different moments. Answers in the order of the questions. Throws `POSTGRES_UNAVAILABLE` (retryable).
 */
export async function readPlacedStates(
  on: Queryable,
  schema: string,
  asked: readonly StateAsked[],
): Promise<readonly ReadState[]> {
  const s = identifier(schema);
  const rows = await query<PlacedRow>(
    on,
    `with epochs as materialized (
         select consumer, min(epoch) as epoch from ${s}.sink_offset where consumer = any($1::text[]) group by 1)
       select ${STATE_COLUMNS}, o.next_offset, o.epoch as o_epoch, o.share as o_share, o.handback as o_handback,
         coalesce(e.epoch, 0) as all_epoch
       from unnest($1::text[], $2::uuid[], $3::int[]) with ordinality as a (consumer, key, partition, place)
       left join epochs e on e.consumer = a.consumer
       left join ${s}.state s on s.consumer = a.consumer and s.key = a.key
       left join ${s}.sink_offset o on o.consumer = a.consumer and o.partition = a.partition
       order by a.place`,
    [
      asked.map(({ consumer }) => consumer),
      asked.map(({ key }) => key),
      asked.map(({ partition }) => partition ?? null),
    ],
  );
  return rows.map((row) => ({
    ...(row.key === null ? NO_STATE : toStoredState(row)),
    nextOffset: BigInt(row.next_offset ?? 0),
    authority: { epoch: row.o_epoch ?? 0, share: row.o_share ?? 0, handback: row.o_handback ?? 0 },
    epoch: row.all_epoch,
  }));
}

interface PlacedRow extends StateRow {
  readonly next_offset: number | null;
  readonly o_epoch: number | null;
  readonly o_share: number | null;
  readonly o_handback: number | null;
  readonly all_epoch: number;
}

/** The states of many keys; keys that no event ever named are missing. Throws `POSTGRES_UNAVAILABLE` (retryable). */
export async function readStates(
  on: Queryable,
  schema: string,
  consumer: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, StoredState>> {
  if (keys.length === 0) return new Map();
  const rows = await query<StateRow & { key: string }>(
    on,
    `select ${STATE_COLUMNS} from ${identifier(schema)}.state s where s.consumer = $1 and s.key = any($2::text[]::uuid[])`,
    [consumer, textArray(keys)],
  );
  return new Map(rows.map((row) => [row.key, toStoredState(row)]));
}

/**
 * The epoch that every partition of a consumer has reached; 0 before any marker. Until all partitions have an epoch nothing is
 * decided in it. Throws `POSTGRES_UNAVAILABLE` (retryable).
 */
export async function epochOf(on: Queryable, schema: string, consumer: string): Promise<number> {
  const rows = await query<{ epoch: number | null }>(
    on,
    `select min(epoch) as epoch from ${identifier(schema)}.sink_offset where consumer = $1`,
    [consumer],
  );
  return rows[0]?.epoch ?? 0;
}

/** Makes the offset rows of a consumer's partitions, at 0, where they are missing. */
export async function prepareOffsets(
  on: Queryable,
  schema: string,
  consumer: string,
  partitions: number,
): Promise<void> {
  await query(
    on,
    `insert into ${identifier(schema)}.sink_offset (consumer, partition)
     select $1, partition from generate_series(0, $2::int - 1) as partition on conflict do nothing`,
    [consumer, partitions],
  );
}
