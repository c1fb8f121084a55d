import type { LogRecord } from '@banyan/contracts';
import type { BanyanError } from '@banyan/core';
import { bulkUpsert, type Connection, identifier, type Queryable, query, storable } from '@banyan/postgres';
import type { Change } from './change.js';
import { type ParkedChange, type ParkedRecord, parkedChange } from './parked-record.js';
import type { SinkPlace } from './sink-store.js';

/** Offsets between `from` and `to` that are kept as invalid. */
export async function loadInvalid(
  tx: Connection,
  { schema, consumer }: SinkPlace,
  range: { readonly partition: number; readonly from: bigint; readonly to: bigint },
): Promise<ReadonlySet<bigint>> {
  const result = await tx.query<{ record_offset: number }>(
    `select record_offset from ${identifier(schema)}.parked
     where consumer = $1 and partition = $2 and kind = 'invalid' and record_offset between $3 and $4`,
    [consumer, range.partition, range.from, range.to],
  );
  return new Set(result.rows.map((row) => BigInt(row.record_offset)));
}

/** Keeps records with their bytes; a record that is kept already stays as it is. */
export async function saveParked(
  tx: Connection,
  { schema, consumer }: SinkPlace,
  records: readonly ParkedRecord[],
): Promise<void> {
  const rows = records.map(({ record, key, kind, eventId, eventType, change, error }) => ({
    consumer,
    key: key === null ? null : storable(key),
    partition: record.partition,
    record_offset: record.offset,
    kind,
    event_id: eventId,
    event_type: eventType,
    version: change?.version,
    headers: JSON.stringify(Object.fromEntries(Object.entries(record.headers).map((pair) => pair.map(storable)))),
    value: record.value,
    change: change === undefined ? null : JSON.stringify(change),
    error_code: error?.code,
    error_message: messageOf(error),
  }));
  const conflict = ['consumer', 'partition', 'record_offset'];
  await bulkUpsert(tx, { schema, table: 'parked', columns: PARKED_TYPES, conflict, update: [] }, rows);
}

const PARKED_TYPES = {
  consumer: 'text',
  key: 'text',
  partition: 'int',
  record_offset: 'bigint',
  kind: 'text',
  event_id: 'text',
  event_type: 'text',
  version: 'bigint',
  headers: 'jsonb',
  value: 'bytea',
  change: 'jsonb',
  error_code: 'text',
  error_message: 'text',
};

/** Closes what is parked of keys that an import carried past it. */
export async function closeParked(
  tx: Connection,
  { schema, consumer }: SinkPlace,
  closed: ReadonlyMap<string, bigint>,
): Promise<void> {
  for (const [key, before] of closed) {
    await tx.query(
      `delete from ${identifier(schema)}.parked where consumer = $1 and key = $2 and kind = 'state' and record_offset < $3`,
      [consumer, key, before],
    );
  }
}

/** A parked record of a key, in the form it is replayed from. */
export interface StoredParked {
  readonly id: number;
  readonly kind: 'state' | 'effect';
  readonly change: ParkedChange;
  readonly record: Pick<LogRecord, 'partition' | 'offset' | 'key' | 'value' | 'headers'>;
}

/** What is parked of a key, in log order; without its invalid events. */
export async function loadParked(
  on: Queryable,
  { schema, consumer }: SinkPlace,
  key: string,
): Promise<readonly StoredParked[]> {
  const rows = await query<{
    id: number;
    kind: 'state' | 'effect';
    partition: number;
    record_offset: number;
    headers: Record<string, string>;
    value: Buffer | null;
    change: ParkedChange;
  }>(
    on,
    `select id, kind, partition, record_offset, headers, value, change from ${identifier(schema)}.parked
     where consumer = $1 and key = $2 and kind <> 'invalid' order by record_offset`,
    [consumer, key],
  );
  return rows.map(({ id, kind, change, partition, record_offset, headers, value }) => ({
    id,
    kind,
    change,
    record: { partition, offset: BigInt(record_offset), key, value, headers },
  }));
}

/** Forgets records that are done. */
export async function releaseParked(tx: Connection, { schema }: SinkPlace, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(`delete from ${identifier(schema)}.parked where id = any($1::bigint[])`, [ids]);
}

/** Their states have evolved; what is left of these records is the effect, the first of them for a reason. */
export async function restateParked(
  tx: Connection,
  { schema }: SinkPlace,
  held: readonly { readonly item: { readonly id: number }; readonly change: Change }[],
  reason: BanyanError | undefined,
): Promise<void> {
  for (const [index, { item, change }] of held.entries()) {
    const error = index === 0 ? reason : undefined;
    await tx.query(
      `update ${identifier(schema)}.parked set kind = 'effect', change = $2, error_code = $3, error_message = $4 where id = $1`,
      [item.id, JSON.stringify(parkedChange(change)), error?.code, messageOf(error)],
    );
  }
}

/** Says why a record still stands. */
export async function parkedBecause(
  tx: Connection,
  { schema }: SinkPlace,
  id: number,
  error: BanyanError,
): Promise<void> {
  await tx.query(`update ${identifier(schema)}.parked set error_code = $2, error_message = $3 where id = $1`, [
    id,
    error.code,
    messageOf(error),
  ]);
}

function messageOf(error: BanyanError | undefined): string | null {
  return error === undefined ? null : storable(error.message).slice(0, 4_000);
}
