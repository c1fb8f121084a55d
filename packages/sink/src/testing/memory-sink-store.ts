import { type Clock, systemClock } from '@banyan/core';
import { classify } from '@banyan/postgres';
import type { MemorySession, MemoryTx } from '@banyan/postgres/testing';
import type { PartitionTally } from '../books.js';
import type { SinkStore } from '../sink-store.js';
import { booksOf } from './memory-books.js';
import { closedEntriesOf, parkedEntriesOf, standingOf, statusOf } from './memory-counts.js';
import { storedParked } from './memory-parked.js';
import { createOffset, readOffset } from './memory-positions.js';
import { memoryRepairReads, unlikeOf } from './memory-repairs.js';
import { type MemoryPlace, memorySinkTx } from './memory-sink-tx.js';
import { closedOf, offsetsOf, parkedOf } from './memory-tables.js';

export interface MemorySinkStoreOptions {
  /** The process whose store this is. */
  readonly session: MemorySession;
  /** Of the channel that is notified: `v2` or `porter`. A MemoryDatabase holds one schema. */
  readonly schema: string;
  readonly consumer: string;
  /** Says since when something is parked. Default: the machine's. */
  readonly clock?: Pick<Clock, 'now'>;
}

/**
 * The twin of `createPostgresSinkStore` in memory. It has a step for each statement of the real one, under the name of the call it
 * belongs to, so that a scheduler can stop, interleave or kill a sink at the same places.
 */
export function createMemorySinkStore(options: MemorySinkStoreOptions): SinkStore<MemoryTx> {
  const { session, schema, consumer, clock = systemClock } = options;
  const place: MemoryPlace = { schema, consumer, clock };
  return {
    consumer,
    prepare: (partitions) =>
      asPostgres(
        session.transaction(async (tx) => {
          for (let partition = 0; partition < partitions; partition += 1) await createOffset(tx, consumer, partition);
        }),
      ),
    position: (partition) =>
      asPostgres(
        (async () => {
          const read = () => session.run('position', (rows) => readOffset(rows, consumer, partition)?.nextOffset);
          const found = await read();
          if (found !== undefined) return found;
          await session.transaction((tx) => createOffset(tx, consumer, partition));
          return (await read()) ?? 0n;
        })(),
      ),
    transaction: (work) => asPostgres(session.transaction((tx) => work(memorySinkTx(tx, place)))),
    loadParked: (key) => asPostgres(session.run('loadParked', (rows) => storedParked(rows, consumer, key))),
    parked: (of) =>
      asPostgres(
        session.run('parked', (rows) =>
          parkedEntriesOf(parkedOf(rows, consumer).filter(({ key }) => of === undefined || key === of)),
        ),
      ),
    closed: (key) => asPostgres(session.run('closed', (rows) => closedEntriesOf(closedOf(rows, consumer), key))),
    status: () =>
      asPostgres(
        session.run('status', (rows) => ({
          ...statusOf(consumer, parkedOf(rows, consumer), offsetsOf(rows, consumer)),
          unlike: unlikeOf(rows, consumer).length,
        })),
      ),
    tallies: () =>
      asPostgres(
        session.run('tallies', (rows) =>
          booksOf(rows, consumer).map(({ parked: _, ...tally }): PartitionTally => tally),
        ),
      ),
    books: () => asPostgres(session.run('books', (rows) => booksOf(rows, consumer))),
    standing: () =>
      asPostgres(
        session.run('standing', (rows) => ({
          ...standingOf(parkedOf(rows, consumer), clock.now()),
          unlike: unlikeOf(rows, consumer).length,
        })),
      ),
    ...memoryRepairReads({ run: (what, work) => asPostgres(session.run(what, work)) }, consumer),
  };
}

/** A connection that is lost is PostgreSQL being away, for whoever calls. */
async function asPostgres<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    throw classify(error);
  }
}
