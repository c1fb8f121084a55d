import { type Pool, query } from '@banyan/postgres';
import type { InstanceState } from '../store/porter-store.js';
import { INSTANCE_STATE, WRITER_SILENT } from '../store/postgres/instance-statements.js';

/** A send that may have reached legacy and whose result is not known yet, as `/internal/intents` gives it. */
export type OpenIntent = {
  readonly entity: string;
  readonly port: string;
  readonly key: string;
  readonly eventId: string;
  readonly operation: string;
  readonly highWaterMark: string | null;
  /** `in-doubt`: its writer is gone without a word, or only a person can tell; it does not close by itself. */
  readonly state: 'open' | 'in-doubt';
  readonly legacyId: string | null;
  /** ISO 8601 UTC. */
  readonly sentAt: string;
};

export function openIntents(pool: Pool, entity: string): Promise<readonly OpenIntent[]> {
  return query(
    pool,
    `select $1::text as entity, split_part(t.consumer, '.', 2) as port, t.key::text as key, t.event_id as "eventId", t.operation,
       t.high_water_mark as "highWaterMark", t.legacy_id as "legacyId", t.sent_at as "sentAt",
       case when ${IN_DOUBT} then 'in-doubt' else 'open' end as state
     from porter.intent t where t.state <> 'closed' and split_part(t.consumer, '.', 1) = $1 order by t.sent_at`,
    [entity],
  );
}

/** Its work waits for a person, or it is being sent by an instance that has not shown itself for longer than its lease. */
const IN_DOUBT = `(
  exists (select 1 from porter.work w where w.consumer = t.consumer and w.key = t.key and w.version = t.version and w.state = 'in-doubt')
  or ${WRITER_SILENT})`;

/** What a consumer still has to send. */
export type WorkCounts = {
  readonly work: number;
  readonly waiting: number;
  readonly parked: number;
  readonly inDoubt: number;
  /** Age of the oldest send that is due, milliseconds. */
  readonly oldestMs: number;
  /** What the send that is retried longest says. */
  readonly retrying: string | null;
};

export async function workCounts(pool: Pool, consumer: string): Promise<WorkCounts> {
  const rows = await query<WorkCounts>(
    pool,
    `select count(*) as work, count(*) filter (where state = 'waiting') as waiting, count(*) filter (where state = 'parked') as parked,
       (select count(*) from porter.intent t where t.consumer = $1 and t.state <> 'closed' and ${IN_DOUBT}) as "inDoubt",
       coalesce(max(extract(epoch from now() - since) * 1000) filter (where state = 'ready'), 0)::float8 as "oldestMs",
       (array_agg(error_message order by attempts desc, since) filter (where state = 'ready' and error_code is not null))[1] as retrying
     from porter.work where consumer = $1`,
    [consumer],
  );
  return rows[0] ?? { work: 0, waiting: 0, parked: 0, inDoubt: 0, oldestMs: 0, retrying: null };
}

/** A send that does not go on, or not yet, as `/internal/parked` gives it. */
export type StandingSend = {
  readonly consumer: string;
  readonly key: string;
  /** `in-doubt`: legacy may have taken it. `waiting`: for the legacy id of another entity; it goes on by itself. */
  readonly kind: 'send' | 'in-doubt' | 'waiting';
  readonly eventId: string;
  readonly eventType: string;
  readonly version: number;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly since: string;
  /** Later sends of the key. */
  readonly behind: number;
  /** Of one that was being sent by a silent instance: its name; else null. */
  readonly writer: string | null;
  /** What a waiting one waits for; else nothing. */
  readonly waitsFor: readonly { readonly entity: string; readonly key: string }[];
};

/** Oldest first, at most 1,000 of each kind. @param key its sends alone */
export async function standingSends(pool: Pool, consumer: string, key?: string): Promise<readonly StandingSend[]> {
  const standing = await query<StandingSend>(
    pool,
    `select ${SEND}, case when w.state = 'parked' then 'send' else w.state end as kind,
       w.error_code as "errorCode", w.error_message as "errorMessage", w.since, null as writer, '[]'::jsonb as "waitsFor"
     from porter.work w where w.consumer = $1 and ($2::uuid is null or w.key = $2) and w.state in ('parked', 'in-doubt')
     order by w.since limit 1000`,
    [consumer, key ?? null],
  );
  return [...standing, ...(await abandonedSends(pool, consumer, key))];
}

/** What a silent instance was sending. Nobody goes on with it until it comes up again or a person says that it is dead. */
function abandonedSends(pool: Pool, consumer: string, key?: string): Promise<readonly StandingSend[]> {
  return query(
    pool,
    `select ${SEND}, 'in-doubt' as kind, 'PORTER_WRITER_SILENT' as "errorCode",
       format('The %s was being sent by %s, which has not shown itself since; start it again, or say that it is dead: \`banyan porters forget %s\`.',
         t.operation, t.writer, t.writer) as "errorMessage", t.sent_at as since, t.writer, '[]'::jsonb as "waitsFor"
     from porter.intent t join porter.work w on w.consumer = t.consumer and w.key = t.key and w.version = t.version
     where t.consumer = $1 and ($2::uuid is null or t.key = $2) and ${WRITER_SILENT} order by t.sent_at limit 1000`,
    [consumer, key ?? null],
  );
}

/** Those that wait for the legacy id of another entity. @param key its send alone */
export function waitingSends(pool: Pool, consumer: string, key?: string): Promise<readonly StandingSend[]> {
  return query(
    pool,
    `select ${SEND}, 'waiting' as kind, null as "errorCode",
       'It waits for the legacy id of ' || (select string_agg(format('%s %s', entity, key), ', ') from ${AWAITED}) || '.' as "errorMessage",
       w.since, null as writer, (select jsonb_agg(jsonb_build_object('entity', entity, 'key', key)) from ${AWAITED}) as "waitsFor"
     from porter.work w where w.consumer = $1 and ($2::uuid is null or w.key = $2) and w.state = 'waiting'
     order by w.since limit 1000`,
    [consumer, key ?? null],
  );
}

/** Of a send `w`. */
const SEND = `w.consumer, w.key::text as key, w.event_id as "eventId", w.event_type as "eventType", w.version,
  (select count(*) from porter.work b where b.consumer = w.consumer and b.key = w.key and b.version > w.version) as behind`;
/** The same: what it waits for. A link is named `customer.backend:<key>`. */
const AWAITED = `(select split_part(link, '.', 1) as entity, split_part(link, ':', 2) as key from unnest(w.waiting_for) as link) as awaited`;

export type Instance = {
  readonly name: string;
  readonly state: InstanceState;
  readonly incarnation: number;
  /** ISO 8601 UTC, as the next one. */
  readonly startedAt: string;
  readonly seenAt: string;
  /** Sends of it that may have reached legacy and whose result is not known. */
  readonly openSends: number;
};

export function instances(pool: Pool): Promise<readonly Instance[]> {
  return query(
    pool,
    `select i.name, ${INSTANCE_STATE} as state, i.incarnation, i.started_at as "startedAt", coalesce(i.left_at, i.heartbeat_at) as "seenAt",
       (select count(*) from porter.intent t where t.state = 'open' and t.writer = i.name) as "openSends"
     from porter.instance i order by i.name`,
  );
}

/** The ports of these that are off, as stored. */
export async function portsOff(pool: Pool, consumers: readonly string[]): Promise<ReadonlySet<string>> {
  const rows = await query<{ consumer: string }>(
    pool,
    `select consumer from porter.switch where mode = 'off' and consumer = any($1::text[])`,
    [consumers],
  );
  return new Set(rows.map(({ consumer }) => consumer));
}
