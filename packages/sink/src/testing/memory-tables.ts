import type { Authority } from '@banyan/core';
import type { ClosedEntry, StoredState } from '@banyan/postgres';
import type { Rows } from '@banyan/postgres/testing';
import type { Tally } from '../books.js';
import type { ParkedRow } from '../parked-row.js';

/*
 * The sink's tables in a MemoryDatabase, which is one schema. Others may read them, as SQL of the porter reads the tables of its
 * schema; only the store writes them.
 */

export interface OffsetInMemory {
  readonly consumer: string;
  readonly partition: number;
  readonly nextOffset: bigint;
  readonly authority: Authority;
  readonly turn: number;
}

export interface StateInMemory {
  readonly consumer: string;
  readonly key: string;
  readonly state: StoredState;
}

export interface ParkedInMemory extends Omit<ParkedRow, 'value'> {
  readonly id: number;
  readonly consumer: string;
  readonly value: Uint8Array | null;
  /** Milliseconds since 1970 UTC. */
  readonly parkedAtMs: number;
}

export interface ClosedInMemory extends ClosedEntry {
  readonly id: number;
}

export interface BooksInMemory {
  readonly consumer: string;
  readonly partition: number;
  readonly tally: Tally;
}

export const OFFSETS = 'sink_offset';
export const BOOKS = 'sink_books';
export const STATES = 'state';
export const PARKED = 'parked';
export const CLOSED = 'closed';

export const offsetKey = (consumer: string, partition: number): string => `${consumer}/${partition}`;
/** What `for update` of the row locks. */
export const offsetLock = (consumer: string, partition: number): string =>
  `${OFFSETS}/${offsetKey(consumer, partition)}`;
export const stateKey = (consumer: string, key: string): string => `${consumer}/${key}`;
/** What writing the row, or `for update` of it, locks. */
export const stateLock = (consumer: string, key: string): string => `${STATES}/${stateKey(consumer, key)}`;
export const parkedKey = (consumer: string, partition: number, offset: bigint): string =>
  `${consumer}/${partition}/${offset}`;

export function offsetsOf(rows: Rows, consumer: string): readonly OffsetInMemory[] {
  return rowsOf<OffsetInMemory>(rows, OFFSETS, consumer);
}

/** In log order per partition. */
export function parkedOf(rows: Rows, consumer: string): readonly ParkedInMemory[] {
  return rowsOf<ParkedInMemory>(rows, PARKED, consumer).toSorted((a, b) =>
    a.record_offset < b.record_offset ? -1 : a.record_offset > b.record_offset ? 1 : a.partition - b.partition,
  );
}

export function keepClosed(rows: Rows, entry: ClosedEntry): void {
  const id = rows.nextNumber(CLOSED);
  const closed: ClosedInMemory = { ...entry, id };
  rows.put(CLOSED, `${id}`, closed);
}

/** What was closed last first. */
export function closedOf(rows: Rows, consumer: string): readonly ClosedInMemory[] {
  return rowsOf<ClosedInMemory>(rows, CLOSED, consumer).toSorted((a, b) => b.id - a.id);
}

function rowsOf<R extends { readonly consumer: string }>(rows: Rows, table: string, consumer: string): readonly R[] {
  return rows.all<R>(table).flatMap(([, row]) => (row.consumer === consumer ? [row] : []));
}
