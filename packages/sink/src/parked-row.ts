import type { BanyanError } from '@banyan/core';
import { storable } from '@banyan/postgres';
import type { ParkedRecord } from './parked-record.js';

/** A parked record as a row: its bytes as they are, its words as PostgreSQL can hold them, what is structured as JSON text. */
export interface ParkedRow {
  readonly key: string | null;
  readonly partition: number;
  readonly record_offset: bigint;
  readonly kind: ParkedRecord['kind'];
  readonly event_id: string | undefined;
  readonly event_type: string | undefined;
  readonly version: number | undefined;
  readonly headers: string;
  readonly value: Buffer | null;
  readonly change: string | null;
  readonly error_code: string | null;
  readonly error_message: string | null;
}

export function parkedRow({ record, key, kind, eventId, eventType, change, error }: ParkedRecord): ParkedRow {
  return {
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
    ...errorColumns(error),
  };
}

export function errorColumns(error: BanyanError | undefined): Pick<ParkedRow, 'error_code' | 'error_message'> {
  if (error === undefined) return { error_code: null, error_message: null };
  return { error_code: error.code, error_message: storable(error.message).slice(0, 4_000) };
}
