import { type Pool, query } from '@banyan/postgres';

/** Something that is not settled yet. */
export type OpenEntry = {
  readonly consumer: string;
  /**
   * `partition`: the intake has not come to the fence. `event`: held by the intake for a person. `send`: due, waiting, parked or in doubt.
   * `intent`: it may be at legacy. `unlike`: something of it was given up. `port`: switched off.
   */
  readonly kind: 'partition' | 'event' | 'send' | 'intent' | 'unlike' | 'port';
  /** Of an entity; null for a partition or a port. */
  readonly key: string | null;
  readonly eventId: string | null;
  /** What stands in the way, for people. */
  readonly what: string;
};

export interface DrainReport {
  readonly drained: boolean;
  /** The epoch that every partition of every port has reached. */
  readonly epoch: number;
  /** Of all that is open, the first 100. */
  readonly open: readonly OpenEntry[];
  readonly openCount: number;
}

const LISTED = 100;

/**
 * Whether everything before the fence of `epoch` is settled at these ports: the intake is past the fence in every partition, and nothing
 * is left of what it took in. Between the fence and the end of a move nothing new takes effect, so what is open is from before it.
 * What was given up is not in legacy either: given up between the guard's look and this one, it would be undone behind the turn.
 * One statement, hence one snapshot: read apart, an event that goes from parked to due could be seen in neither place.
 */
export async function drainReport(
  pool: Pool,
  consumers: readonly string[],
  epoch: number,
  partitions: number,
): Promise<DrainReport> {
  const rows = await query<OpenEntry & { total: number; reached: number }>(
    pool,
    `with open as (
       select c.name as consumer, 'partition' as kind, null as key, null as "eventId", 1 as place,
         format('partition %s is at epoch %s', p, coalesce(o.epoch, 0)) as what
       from unnest($1::text[]) as c(name) cross join generate_series(0, $3::int - 1) as p
       left join porter.sink_offset o on o.consumer = c.name and o.partition = p
       where coalesce(o.epoch, 0) < $2
       union all
       select consumer, 'port', null, null, 2, 'the port is off' from porter.switch where consumer = any($1) and mode = 'off'
       union all
       select consumer, 'event', key, event_id, 3, format('parked: %s', coalesce(error_message, 'behind an earlier event')) from porter.parked
       where consumer = any($1) and kind <> 'invalid'
       union all
       select consumer, 'send', key::text, event_id, 4, format('%s of version %s: %s%s', operation, version, state, ' (' || error_message || ')')
       from porter.work where consumer = any($1)
       union all
       select i.consumer, 'intent', i.key::text, i.event_id, 5, format('%s of version %s: %s', i.operation, i.version, i.state)
       from porter.intent i where i.consumer = any($1) and i.state <> 'closed'
         and not exists (select 1 from porter.work w where w.consumer = i.consumer and w.key = i.key and w.version = i.version)
       union all
       select consumer, 'unlike', key::text, null, 6, format('unlike as of version %s: %s', version, reason) from porter.unlike where consumer = any($1)),
     reached as (
       select min(coalesce(o.epoch, 0)) as epoch from unnest($1::text[]) as c(name) cross join generate_series(0, $3::int - 1) as p
       left join porter.sink_offset o on o.consumer = c.name and o.partition = p)
     select open.consumer, open.kind, open.key, open."eventId", open.what, (select count(*) from open) as total, reached.epoch as reached
     from reached left join (select * from open order by place, consumer, key limit ${LISTED}) as open on true`,
    [consumers, epoch, partitions],
  );
  const [first] = rows;
  const openCount = first?.total ?? 0;
  const open = rows
    .filter((row) => row.consumer !== null)
    .map(({ consumer, kind, key, eventId, what }) => ({ consumer, kind, key, eventId, what }));
  return { drained: openCount === 0, epoch: first?.reached ?? 0, open, openCount };
}
