import type { Rows } from '@banyan/postgres/testing';
import { COLUMNS, countParkedEffective, type PartitionBooks, type Tally, tallyOf } from '../books.js';
import type { ParkedChange } from '../parked-record.js';
import { BOOKS, type BooksInMemory, offsetKey, offsetsOf, parkedOf } from './memory-tables.js';

/** Behind the lock of the partition, which `takePosition` and `lockPosition` hold. */
export function enterBooks(rows: Rows, { consumer, partition, tally }: BooksInMemory): void {
  const before = booksIn(rows, consumer, partition);
  const sums = COLUMNS.map((column) => [column, before[column] + tally[column]]);
  rows.put(BOOKS, offsetKey(consumer, partition), { consumer, partition, tally: tallyOf(Object.fromEntries(sums)) });
}

export function booksOf(rows: Rows, consumer: string): readonly PartitionBooks[] {
  const parked = parkedOf(rows, consumer);
  return offsetsOf(rows, consumer)
    .map(({ partition, nextOffset }) => {
      const its = parked.filter((row) => row.partition === partition);
      const read = its.map(({ kind, change }) => ({ kind, change: JSON.parse(change ?? 'null') as ParkedChange }));
      const tally = booksIn(rows, consumer, partition);
      return { ...tally, partition, from: 0, next: Number(nextOffset), parked: countParkedEffective(read) };
    })
    .sort((a, b) => a.partition - b.partition);
}

function booksIn(rows: Rows, consumer: string, partition: number): Tally {
  return rows.get<BooksInMemory>(BOOKS, offsetKey(consumer, partition))?.tally ?? tallyOf({});
}
