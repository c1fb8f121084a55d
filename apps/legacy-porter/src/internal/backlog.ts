import { type Pool, query } from '@banyan/postgres';
import { WRITER_SILENT } from '../store/postgres/instance-statements.js';

/** What a consumer has still to send, as far as somebody should be told. */
export type Backlog = {
  /** Sends that a person has to let go on. */
  readonly parked: number;
  readonly inDoubt: number;
  /** Age of the oldest send that is due, retried or waits for a link; without those behind an earlier one, and of a port that is off. */
  readonly oldestSeconds: number;
};

/** Of each kind the 10,000 oldest count: beyond that the number says nothing more, and looking must not become work. */
const COUNTED = 10_000;

/**
 * The backlog of each consumer. Asked every few seconds under full load, so each part is read off an index that holds little: what
 * stands, what waits, what is claimed, and the head of what is ready.
 */
export async function backlogs(pool: Pool, consumers: readonly string[]): Promise<ReadonlyMap<string, Backlog>> {
  const rows = await query<Backlog & { consumer: string }>(
    pool,
    `with standing as (
       select consumer, state from porter.work where state in ('parked', 'in-doubt') order by since limit ${COUNTED}),
     silent as materialized (select t.consumer from porter.intent t where ${WRITER_SILENT} limit ${COUNTED})
     select c.name as consumer,
       (select count(*) from standing s where s.consumer = c.name and s.state = 'parked') as parked,
       (select count(*) from standing s where s.consumer = c.name and s.state = 'in-doubt')
         + (select count(*) from silent s where s.consumer = c.name) as "inDoubt",
       coalesce(extract(epoch from now() - least(ready.since, claimed.since, waiting.since)), 0)::float8 as "oldestSeconds"
     from unnest($1::text[]) as c(name)
     left join lateral (
       select w.since from porter.work w
       where w.consumer = c.name and w.state = 'ready' and w.claimed_by is null
         and not exists (select 1 from porter.switch s where s.consumer = c.name and s.mode = 'off')
         and not exists (select 1 from porter.work b where b.consumer = w.consumer and b.key = w.key and b.version < w.version)
       order by w.seq limit 1) as ready on true
     left join lateral (
       select min(w.since) as since from porter.work w where w.consumer = c.name and w.claimed_by is not null) as claimed on true
     left join lateral (
       select w.since from porter.work w where w.consumer = c.name and w.state = 'waiting'
       order by w.since limit 1) as waiting on true`,
    [consumers],
  );
  return new Map(rows.map(({ consumer, ...backlog }) => [consumer, backlog]));
}
