import type { BanyanError } from '@banyan/core';
import { storable } from '@banyan/postgres';
import type { MemoryTx, Rows } from '@banyan/postgres/testing';
import type { ParkedChange, ParkedRecord } from '../parked-record.js';
import { errorColumns, parkedRow } from '../parked-row.js';
import type { Word } from '../repair-store.js';
import type { StoredParked } from '../sink-store.js';
import type { Closing } from '../whole-state.js';
import { keepClosed, PARKED, type ParkedInMemory, parkedKey, parkedOf } from './memory-tables.js';

/** What is parked of a key, in log order; without its invalid events. */
export function storedParked(rows: Rows, consumer: string, key: string): readonly StoredParked[] {
  return parkedOf(rows, consumer).flatMap((row) => {
    if (row.key !== key || row.kind === 'invalid') return [];
    const { id, kind, partition, record_offset: offset } = row;
    const value = row.value === null ? null : Buffer.from(row.value);
    const headers = JSON.parse(row.headers) as Record<string, string>;
    const change = JSON.parse(row.change ?? 'null') as ParkedChange;
    return [{ id, kind, change, record: { partition, offset, key, value, headers } }];
  });
}

export async function saveParked(
  tx: MemoryTx,
  place: { readonly consumer: string; readonly nowMs: number },
  records: readonly ParkedRecord[],
): Promise<void> {
  if (records.length === 0) return;
  const { consumer, nowMs: parkedAtMs } = place;
  await tx.run('saveParked', (rows) => {
    for (const record of records) {
      const row = parkedRow(record);
      const id = rows.nextNumber(PARKED);
      if (rows.get(PARKED, parkedKey(consumer, row.partition, row.record_offset)) !== undefined) continue;
      // A copy of its own: a Buffer is often a window on a pool of many, which would be cloned with it.
      const value = row.value === null ? null : new Uint8Array(row.value);
      write(rows, { ...row, id, consumer, value, parkedAtMs });
    }
  });
}

export async function closeParked(
  tx: MemoryTx,
  { consumer, nowMs: closedAtMs }: { readonly consumer: string; readonly nowMs: number },
  closings: readonly Closing[],
): Promise<number> {
  let events = 0;
  for (const { key, before, eventId: by, why } of closings) {
    events += await tx.run('closeParked', (rows) => {
      const its = parkedOf(rows, consumer).filter(
        (row) => row.key === key && row.kind === 'state' && row.record_offset < before,
      );
      for (const row of its) close(rows, row, { by, why, closedAtMs });
      return its.length;
    });
  }
  return events;
}

export async function discardParked(
  tx: MemoryTx,
  { consumer, nowMs: closedAtMs }: { readonly consumer: string; readonly nowMs: number },
  id: number,
  { by, reason: why }: Word,
): Promise<void> {
  await tx.run('discardParked', (rows) => {
    const row = parkedOf(rows, consumer).find((one) => one.id === id && one.kind === 'effect');
    if (row !== undefined) close(rows, row, { by, why, closedAtMs });
  });
}

function close(
  rows: Rows,
  row: ParkedInMemory,
  { by, why, closedAtMs }: { readonly by: string; readonly why: string; readonly closedAtMs: number },
): void {
  forget(rows, row);
  keepClosed(rows, {
    consumer: row.consumer,
    key: row.key ?? '',
    kind: row.kind === 'effect' ? 'effect' : 'state',
    eventId: row.event_id ?? null,
    eventType: row.event_type ?? null,
    version: row.version ?? null,
    partition: row.partition,
    offset: String(row.record_offset),
    headers: JSON.parse(row.headers) as Record<string, string>,
    value: row.value === null ? null : Buffer.from(row.value).toString('base64'),
    errorCode: row.error_code,
    errorMessage: row.error_message,
    since: new Date(row.parkedAtMs).toISOString(),
    closedAt: new Date(closedAtMs).toISOString(),
    closedBy: by,
    why: storable(why),
  });
}

export async function releaseParked(tx: MemoryTx, consumer: string, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  await tx.run('releaseParked', (rows) => {
    for (const row of parkedOf(rows, consumer)) if (ids.includes(row.id)) forget(rows, row);
  });
}

export async function restateParked(
  tx: MemoryTx,
  consumer: string,
  held: readonly Pick<StoredParked, 'id' | 'change'>[],
  reason: BanyanError | undefined,
): Promise<void> {
  for (const [index, { id, change }] of held.entries()) {
    const why = errorColumns(index === 0 ? reason : undefined);
    const restated = { kind: 'effect', change: JSON.stringify(change), ...why } as const;
    await tx.run('restateParked', (rows) => update(rows, consumer, id, restated));
  }
}

export function parkedBecause(tx: MemoryTx, consumer: string, id: number, error: BanyanError): Promise<void> {
  return tx.run('parkedBecause', (rows) => update(rows, consumer, id, errorColumns(error)));
}

function update(rows: Rows, consumer: string, id: number, columns: Partial<ParkedInMemory>): void {
  const row = parkedOf(rows, consumer).find((one) => one.id === id);
  if (row !== undefined) write(rows, { ...row, ...columns });
}

function write(rows: Rows, row: ParkedInMemory): void {
  rows.put(PARKED, keyOf(row), row);
}

function forget(rows: Rows, row: ParkedInMemory): void {
  rows.delete(PARKED, keyOf(row));
}

function keyOf({ consumer, partition, record_offset }: ParkedInMemory): string {
  return parkedKey(consumer, partition, record_offset);
}
