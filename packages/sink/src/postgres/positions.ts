import type { Authority } from '@banyan/core';
import { type Connection, identifier, type Pool, query } from '@banyan/postgres';
import { COLUMNS, type Tally } from '../books.js';
import { positionTaken } from '../position-taken.js';
import type { PositionMove, Taken } from '../sink-store.js';
import type { SinkPlace } from './place.js';

export async function positionOf(pool: Pool, { schema, consumer }: SinkPlace, partition: number): Promise<bigint> {
  const table = `${identifier(schema)}.sink_offset`;
  const read = () =>
    query<{ next_offset: number }>(pool, `select next_offset from ${table} where consumer = $1 and partition = $2`, [
      consumer,
      partition,
    ]);
  const found = await read();
  if (found[0] !== undefined) return BigInt(found[0].next_offset);
  await query(pool, `insert into ${table} (consumer, partition) values ($1, $2) on conflict do nothing`, [
    consumer,
    partition,
  ]);
  return BigInt((await read())[0]?.next_offset ?? 0);
}

export async function takePosition(
  tx: Connection,
  { schema, consumer }: SinkPlace,
  move: PositionMove,
): Promise<Taken> {
  const { partition, expected, next } = move;
  const s = identifier(schema);
  // What is invalid in one statement with the lock: only slices add to it, and one that was waited for has moved the position.
  const result = await tx.query<Authority & { readonly turn: number; readonly invalid: readonly string[] }>(
    `update ${s}.sink_offset set next_offset = $4, turn = turn + 1
     where consumer = $1 and partition = $2 and next_offset = $3
     returning epoch, share, handback, turn, array(
       select record_offset from ${s}.parked
       where consumer = $1 and partition = $2 and kind = 'invalid' and record_offset >= $3 and record_offset < $4) as invalid`,
    [consumer, partition, expected, next],
  );
  const row = result.rows[0];
  if (row === undefined) throw positionTaken(consumer, move);
  const { turn, invalid, ...authority } = row;
  return { authority, turn, knownInvalid: new Set(invalid.map(BigInt)) };
}

export async function lockPosition(
  tx: Connection,
  { schema, consumer }: SinkPlace,
  partition: number,
): Promise<bigint> {
  const result = await tx.query<{ next_offset: number }>(
    `update ${identifier(schema)}.sink_offset set turn = turn + 1 where consumer = $1 and partition = $2 returning next_offset`,
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

/**
 * The books and the notice in one statement, so that the books cost no round trip; of the books only what was counted, since most of
 * their cost is the planning of columns.
 */
export async function notifyPosition(
  tx: Connection,
  { schema, consumer }: SinkPlace,
  { partition, next, tally }: { readonly partition: number; readonly next: bigint; readonly tally: Tally },
): Promise<void> {
  const notice = [`${schema}_projected`, `${consumer}:${partition}:${next}`];
  const counted = COLUMNS.filter((column) => tally[column] !== 0);
  if (counted.length === 0) {
    await tx.query('select pg_notify($1, $2)', notice);
    return;
  }
  const places = counted.map((_, index) => `$${index + 5}`);
  const sums = counted.map((column) => `${column} = b.${column} + excluded.${column}`);
  await tx.query(
    `with entered as (
       insert into ${identifier(schema)}.sink_books as b (consumer, partition, ${counted.join(', ')}) values ($3, $4, ${places.join(', ')})
       on conflict (consumer, partition) do update set ${sums.join(', ')})
     select pg_notify($1, $2)`,
    [...notice, consumer, partition, ...counted.map((column) => tally[column])],
  );
}
