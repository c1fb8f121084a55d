import type { Authority } from '@banyan/core';
import { identifier, PARKED_EFFECT, type Pool, query } from '@banyan/postgres';
import { COLUMNS, type PartitionBooks, type PartitionTally } from '../books.js';
import type { SinkStatus, Standing } from '../sink-store.js';
import type { SinkPlace } from './place.js';

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
     select count(*) as keys, coalesce(extract(epoch from now() - min(parked_at)), 0)::float8 as "oldestSeconds",
       (select count(*) from ${identifier(schema)}.unlike where consumer = $1) as unlike from standing`,
    [consumer],
  );
  return rows[0] ?? { keys: 0, oldestSeconds: 0, unlike: 0 };
}

const TALLY = [
  'coalesce(b.from_offset, 0) as from',
  ...COLUMNS.map((column) => `coalesce(b.${column}, 0) as ${column}`),
];

export async function tallies(pool: Pool, { schema, consumer }: SinkPlace): Promise<readonly PartitionTally[]> {
  const s = identifier(schema);
  return query<PartitionTally & Record<string, unknown>>(
    pool,
    `select o.partition, o.next_offset as next, ${TALLY.join(', ')}
     from ${s}.sink_offset o left join ${s}.sink_books b using (consumer, partition)
     where o.consumer = $1 order by o.partition`,
    [consumer],
  );
}

/** One statement, hence one snapshot: a slice that commits meanwhile is in all of it or in nothing. */
export async function books(pool: Pool, { schema, consumer }: SinkPlace): Promise<readonly PartitionBooks[]> {
  const s = identifier(schema);
  return query<PartitionBooks & Record<string, unknown>>(
    pool,
    `select o.partition, o.next_offset as next, coalesce(p.effects, 0) as parked, ${TALLY.join(', ')}
     from ${s}.sink_offset o
     left join ${s}.sink_books b using (consumer, partition)
     left join (select partition, count(*) as effects from ${s}.parked where consumer = $1 and ${PARKED_EFFECT} group by 1) as p
       using (partition)
     where o.consumer = $1 order by o.partition`,
    [consumer],
  );
}

export async function sinkStatus(pool: Pool, { schema, consumer }: SinkPlace): Promise<SinkStatus> {
  const s = identifier(schema);
  const rows = await query<Authority & { keys: number; events: number; invalid: number; unlike: number }>(
    pool,
    `select p.keys, p.events, p.invalid, (select count(*) from ${s}.unlike where consumer = $1) as unlike,
       coalesce(o.epoch, 0) as epoch, coalesce(o.share, 0) as share, coalesce(o.handback, 0) as handback
     from (select count(distinct key) filter (where kind <> 'invalid') as keys, count(*) filter (where kind <> 'invalid') as events,
             count(*) filter (where kind = 'invalid') as invalid from ${s}.parked where consumer = $1) as p
     left join (select epoch, share, handback from ${s}.sink_offset where consumer = $1 order by epoch, partition limit 1) as o on true`,
    [consumer],
  );
  const { keys = 0, events = 0, invalid = 0, unlike = 0, epoch = 0, share = 0, handback = 0 } = rows[0] ?? {};
  return { consumer, parked: keys, waiting: events - keys, invalid, unlike, authority: { epoch, share, handback } };
}
