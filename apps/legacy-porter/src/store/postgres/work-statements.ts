import { execute, type Queryable, query } from '@banyan/postgres';
import { SILENT_MS } from '../../instance/lease-time.js';
import type { NewWork, PortKey, Released, ToldOff, WorkStatements } from '../porter-store.js';
import type { Holder, OfRePort, SendOperation, Trace, Work, WorkId } from '../work.js';
import { claimArrays, workArrays } from './work-arrays.js';

export function workStatements(on: Queryable): WorkStatements {
  return {
    addWork: (work, toldOff) => addWork(on, work, toldOff),
    claimWork: (consumers, holder, limit) => claimWork(on, consumers, holder, limit),

    lockClaims: (work) =>
      claimsOf(
        on,
        `select w.claim from porter.work w join ${CLAIMED} on ${IS_CLAIMED} order by w.consumer, w.key, w.version for update of w`,
        work,
      ),

    finishWork: (work) =>
      claimsOf(on, `delete from porter.work w using ${CLAIMED} where ${IS_CLAIMED} returning w.claim`, work),

    releaseWork: (work, to) => releaseWork(on, work, to),

    async freeUnanswered(consumers, holder, sending) {
      await execute(
        on,
        `update porter.work set claimed_by = null, claimed_incarnation = null, claim = null
         where claimed_by = $1 and claimed_incarnation = $2 and claim <> all($3::uuid[])
           and consumer = any($4::text[])`,
        [holder.name, holder.incarnation, sending, consumers],
      );
    },

    async freeClaims({ name, incarnation }, which) {
      await execute(
        on,
        `update porter.work set claimed_by = null, claimed_incarnation = null, claim = null, not_before = now()
         where claimed_by = $1 and claimed_incarnation ${which === 'this' ? '=' : '<'} $2`,
        [name, incarnation],
      );
    },

    freeAbandoned: () =>
      execute(
        on,
        `update porter.work w set claimed_by = null, claimed_incarnation = null, claim = null
         from porter.instance i
         where w.claimed_by = i.name and i.heartbeat_at < now() - make_interval(secs => $1)
           and not exists (select 1 from porter.intent t where t.consumer = w.consumer and t.key = w.key and t.version = w.version
                           and t.state = 'open')`,
        [SILENT_MS / 1000],
      ),

    readyIfLinked: (work, awaited) => readyIfLinked(on, work, awaited),

    async readyWaiting(awaited) {
      await execute(
        on,
        `update porter.work set state = 'ready', waiting_for = null, since = now(), not_before = now()
         where state = 'waiting' and waiting_for && $1::text[]`,
        [awaited],
      );
    },

    recheckWaiting: () =>
      execute(
        on,
        `update porter.work w set state = 'ready', not_before = now()
         where w.state = 'waiting' and exists (
           select 1 from unnest(w.waiting_for) as r(name),
             lateral (select split_part(r.name, ':', 1) as consumer, split_part(r.name, ':', 2)::uuid as key) as a
           where exists (select 1 from porter.link l
                         where l.entity = split_part(a.consumer, '.', 1) and l.port = split_part(a.consumer, '.', 2) and l.key = a.key)
              or exists (select 1 from porter.state s
                         where s.consumer = a.consumer and s.key = a.key and s.liveness = 'deleted'
                           and not exists (select 1 from porter.work o where o.consumer = s.consumer and o.key = s.key)))`,
      ),

    readyAgain: (consumer, key) =>
      execute(
        on,
        `update porter.work set state = 'ready', attempts = 0, not_before = now(), since = now(), error_code = null,
           error_message = null, legacy_status = null, legacy_words = null
         where consumer = $1 and key = $2::uuid and state in ('parked', 'in-doubt')`,
        [consumer, key],
      ),

    async readyOvertaken(consumer, keys) {
      await execute(
        on,
        `update porter.work set state = 'ready', waiting_for = null, not_before = now()
         where consumer = $1 and key = any($2::uuid[]) and state <> 'ready'`,
        [consumer, keys],
      );
    },

    tellOff: (consumer) =>
      query<ToldOff>(
        on,
        `with told as (update porter.work set told_off = true where consumer = $1 and not told_off
           returning seq, key::text as key, version, event_id as "eventId", trace, operation, state_hash as "stateHash")
         select key, version, "eventId", trace, operation, "stateHash" from told order by seq`,
        [consumer],
      ),
  };
}

const CLAIMED = 'unnest($1::text[], $2::uuid[], $3::bigint[], $4::uuid[]) as c(consumer, key, version, claim)';
const IS_CLAIMED = 'w.consumer = c.consumer and w.key = c.key and w.version = c.version and w.claim = c.claim';

/** @param text answers column `claim` */
async function claimsOf(on: Queryable, text: string, work: readonly Work[]): Promise<ReadonlySet<string>> {
  if (work.length === 0) return new Set();
  const rows = await query<{ claim: string }>(on, text, claimArrays(work));
  return new Set(rows.map(({ claim }) => claim));
}

async function addWork(on: Queryable, work: readonly NewWork[], toldOff: boolean): Promise<void> {
  if (work.length === 0) return;
  await execute(
    on,
    `insert into porter.work (consumer, key, version, event_id, event_type, trace, operation, document, state_hash, told_off,
       state, error_code, error_message)
     select consumer, key, version, event_id, event_type, trace, operation, document, state_hash, $10,
       case when error_code is null then 'ready' else 'parked' end, error_code, error_message
     from unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::jsonb[], $7::text[], $8::jsonb[], $9::text[], $11::text[], $12::text[])
       with ordinality as w(consumer, key, version, event_id, event_type, trace, operation, document, state_hash, error_code,
         error_message, place)
     order by place on conflict do nothing`,
    [
      ...workArrays(work),
      toldOff,
      work.map((one) => one.parked?.code ?? null),
      work.map((one) => one.parked?.message ?? null),
    ],
  );
}

async function claimWork(
  on: Queryable,
  consumers: readonly string[],
  holder: Holder,
  limit: number,
): Promise<readonly Work[]> {
  const rows = await query<WorkRow>(
    on,
    `with due as (
       select w.consumer, w.key, w.version from porter.work w
       where w.state = 'ready' and w.claimed_by is null and w.not_before <= now() and w.consumer = any($1::text[])
         and not exists (select 1 from porter.switch s where s.consumer = w.consumer and s.mode = 'off')
         and not exists (select 1 from porter.work b where b.consumer = w.consumer and b.key = w.key and b.version < w.version)
       order by w.seq limit $2 for update skip locked)
     update porter.work w set claimed_by = $3, claimed_incarnation = $4, claim = gen_random_uuid(),
       operation = case when w.re_port is distinct from 'added' or w.operation = 'delete' then w.operation
         when exists (select 1 from porter.ported p where p.consumer = w.consumer and p.key = w.key and p.hash is not null) then 'update'
         else 'create' end
     from due where w.consumer = due.consumer and w.key = due.key and w.version = due.version
     returning w.seq, ${WORK_COLUMNS}`,
    [consumers, limit, holder.name, holder.incarnation],
  );
  return [...rows].sort((a, b) => a.seq - b.seq).map(toWork);
}

async function releaseWork(on: Queryable, work: Work, to: Released): Promise<boolean> {
  const released = await execute(
    on,
    `update porter.work set claimed_by = null, claimed_incarnation = null, claim = null, attempts = attempts + 1,
       since = case when state = $5 then since else now() end, state = $5, waiting_for = $6, error_code = $7, error_message = $8,
       not_before = clock_timestamp() + make_interval(secs => $9), legacy_status = $10, legacy_words = $11
     where consumer = $1 and key = $2 and version = $3 and claim = $4`,
    [
      ...idOf(work),
      work.claim,
      to.state,
      to.waitingFor ?? null,
      to.code ?? null,
      to.message ?? null,
      (to.afterMs ?? 0) / 1000,
      to.refusal?.status ?? null,
      to.refusal?.words ?? null,
    ],
  );
  return released > 0;
}

async function readyIfLinked(on: Queryable, work: WorkId, awaited: readonly PortKey[]): Promise<void> {
  await execute(
    on,
    `update porter.work set state = 'ready', waiting_for = null
     where consumer = $1 and key = $2 and version = $3 and state = 'waiting'
       and exists (select 1 from porter.link l join unnest($4::text[], $5::text[], $6::uuid[]) as a(entity, port, key)
                   on l.entity = a.entity and l.port = a.port and l.key = a.key)`,
    [
      ...idOf(work),
      awaited.map(({ entity }) => entity),
      awaited.map(({ port }) => port),
      awaited.map(({ key }) => key),
    ],
  );
}

const WORK_COLUMNS = `w.consumer, w.key::text as key, w.version, w.event_id, w.event_type, w.trace, w.operation, w.document,
  w.state_hash, w.attempts, w.claim, w.re_port`;

type WorkRow = {
  seq: number;
  consumer: string;
  key: string;
  version: number;
  event_id: string;
  event_type: string;
  trace: Trace;
  operation: SendOperation;
  document: unknown;
  state_hash: string | null;
  attempts: number;
  claim: string;
  re_port: OfRePort | null;
};

function toWork(row: WorkRow): Work {
  return {
    consumer: row.consumer,
    key: row.key,
    version: row.version,
    eventId: row.event_id,
    eventType: row.event_type,
    trace: row.trace,
    operation: row.operation,
    document: row.document ?? undefined,
    stateHash: row.state_hash ?? undefined,
    attempts: row.attempts,
    claim: row.claim,
    ...(row.re_port === null ? {} : { rePort: row.re_port }),
  };
}

function idOf({ consumer, key, version }: WorkId): [string, string, number] {
  return [consumer, key, version];
}
