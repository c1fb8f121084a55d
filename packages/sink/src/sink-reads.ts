import type { Authority } from '@banyan/core';
import { identifier, type Pool, query } from '@banyan/postgres';
import type { SinkPlace } from './sink-store.js';

export interface SinkStatus {
  readonly consumer: string;
  /** Keys that stand: their state, or their effects. */
  readonly parked: number;
  /** Events that wait behind the first parked one of their key. */
  readonly waiting: number;
  /** Events that took no effect anywhere and are kept for a person. */
  readonly invalid: number;
  /** That of the partition which is furthest behind; an epoch holds once all partitions have it. */
  readonly authority: Authority;
}

/** The stored position; makes the row, at 0, when the partition was never read. */
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

/** Keys that stand, for an alert. */
export interface Standing {
  /** Their state, or their effects; at most 1,000 are counted. */
  readonly keys: number;
  /** Since the one that stands longest was parked. */
  readonly oldestSeconds: number;
}

/**
 * Goes from key to key by the index, so that it costs as many look-ups as keys stand, however many events wait behind them: it is
 * asked every few seconds.
 */
export async function standing(pool: Pool, { schema, consumer }: SinkPlace): Promise<Standing> {
  const next = (after: string) =>
    `(select p.key, p.parked_at from ${identifier(schema)}.parked p
      where p.consumer = $1 and p.kind <> 'invalid' ${after} order by p.key, p.record_offset limit 1)`;
  const rows = await query<Standing>(
    pool,
    `with recursive standing(key, parked_at, place) as (
       select first.key, first.parked_at, 1 from ${next('')} as first
       union all
       select further.key, further.parked_at, place + 1
       from standing, lateral ${next('and p.key > standing.key')} as further where place < 1000)
     select count(*) as keys, coalesce(extract(epoch from now() - min(parked_at)), 0)::float8 as "oldestSeconds" from standing`,
    [consumer],
  );
  return rows[0] ?? { keys: 0, oldestSeconds: 0 };
}

export async function sinkStatus(pool: Pool, { schema, consumer }: SinkPlace): Promise<SinkStatus> {
  const s = identifier(schema);
  const rows = await query<Authority & { keys: number; events: number; invalid: number }>(
    pool,
    `select p.keys, p.events, p.invalid, coalesce(o.epoch, 0) as epoch, coalesce(o.share, 0) as share, coalesce(o.handback, 0) as handback
     from (select count(distinct key) filter (where kind <> 'invalid') as keys, count(*) filter (where kind <> 'invalid') as events,
             count(*) filter (where kind = 'invalid') as invalid from ${s}.parked where consumer = $1) as p
     left join (select epoch, share, handback from ${s}.sink_offset where consumer = $1 order by epoch, partition limit 1) as o on true`,
    [consumer],
  );
  const { keys = 0, events = 0, invalid = 0, epoch = 0, share = 0, handback = 0 } = rows[0] ?? {};
  return { consumer, parked: keys, waiting: events - keys, invalid, authority: { epoch, share, handback } };
}
