import type { BanyanError } from '@banyan/core';
import { bulkUpsert, type Connection, identifier, type Queryable, query, storable } from '@banyan/postgres';
import type { ParkedChange, ParkedRecord } from '../parked-record.js';
import { errorColumns, parkedRow } from '../parked-row.js';
import type { Word } from '../repair-store.js';
import type { StoredParked } from '../sink-store.js';
import type { Closing } from '../whole-state.js';
import type { SinkPlace } from './place.js';

export async function saveParked(
  tx: Connection,
  { schema, consumer }: SinkPlace,
  records: readonly ParkedRecord[],
): Promise<void> {
  const rows = records.map((record) => ({ consumer, ...parkedRow(record) }));
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

export async function closeParked(tx: Connection, place: SinkPlace, closings: readonly Closing[]): Promise<number> {
  let events = 0;
  for (const { key, before, eventId: by, why } of closings)
    events += await close(tx, place, "key = $4 and kind = 'state' and record_offset < $5", [key, before], { by, why });
  return events;
}

/** Its state has evolved; what was to be made of it is given up. */
export async function discardParked(
  tx: Connection,
  place: SinkPlace,
  id: number,
  { by, reason: why }: Word,
): Promise<void> {
  await close(tx, place, "id = $4 and kind = 'effect'", [id], { by, why });
}

/** From what is parked to what is closed. @param which of the consumer's, with `values` from $4 on. Answers how many. */
async function close(
  tx: Connection,
  { schema, consumer }: SinkPlace,
  which: string,
  values: readonly unknown[],
  { by, why }: { readonly by: string; readonly why: string },
): Promise<number> {
  const s = identifier(schema);
  const result = await tx.query(
    `with ended as (delete from ${s}.parked where consumer = $1 and ${which} returning *)
     insert into ${s}.closed (consumer, key, kind, partition, record_offset, event_id, event_type, version, headers, value, error_code,
       error_message, parked_at, closed_by, why)
     select consumer, key::uuid, kind, partition, record_offset, event_id, event_type, version, headers, value, error_code,
       error_message, parked_at, $2, $3 from ended order by record_offset`,
    [consumer, by, storable(why), ...values],
  );
  return result.rowCount ?? 0;
}

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

export async function releaseParked(tx: Connection, { schema }: SinkPlace, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.query(`delete from ${identifier(schema)}.parked where id = any($1::bigint[])`, [ids]);
}

export async function restateParked(
  tx: Connection,
  { schema }: SinkPlace,
  held: readonly Pick<StoredParked, 'id' | 'change'>[],
  reason: BanyanError | undefined,
): Promise<void> {
  for (const [index, { id, change }] of held.entries()) {
    const { error_code, error_message } = errorColumns(index === 0 ? reason : undefined);
    await tx.query(
      `update ${identifier(schema)}.parked set kind = 'effect', change = $2, error_code = $3, error_message = $4 where id = $1`,
      [id, JSON.stringify(change), error_code, error_message],
    );
  }
}

export async function parkedBecause(
  tx: Connection,
  { schema }: SinkPlace,
  id: number,
  error: BanyanError,
): Promise<void> {
  const { error_code, error_message } = errorColumns(error);
  await tx.query(`update ${identifier(schema)}.parked set error_code = $2, error_message = $3 where id = $1`, [
    id,
    error_code,
    error_message,
  ]);
}
