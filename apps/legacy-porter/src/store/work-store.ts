import { type Connection, type Pool, type Queryable, query } from '@banyan/postgres';
import type { Holder, SendOperation, Trace, Work } from './work.js';

/**
 * Adds sends that are due; one that is there stays as it is.
 * @param toldOff a receipt in the same transaction tells that the port is off
 */
export async function addWork(
  tx: Connection,
  work: readonly Omit<Work, 'attempts' | 'claim'>[],
  toldOff = false,
): Promise<void> {
  if (work.length === 0) return;
  await tx.query(
    `insert into porter.work (consumer, key, version, event_id, event_type, trace, operation, document, state_hash, told_off)
     select consumer, key, version, event_id, event_type, trace, operation, document, state_hash, $10
     from unnest($1::text[], $2::uuid[], $3::bigint[], $4::text[], $5::text[], $6::jsonb[], $7::text[], $8::jsonb[], $9::text[])
       with ordinality as w(consumer, key, version, event_id, event_type, trace, operation, document, state_hash, place)
     order by place on conflict do nothing`,
    [
      work.map((one) => one.consumer),
      work.map((one) => one.key),
      work.map((one) => one.version),
      work.map((one) => one.eventId),
      work.map((one) => one.eventType),
      work.map((one) => JSON.stringify(one.trace)),
      work.map((one) => one.operation),
      work.map((one) => (one.document === undefined ? null : JSON.stringify(one.document))),
      work.map((one) => one.stateHash ?? null),
      toldOff,
    ],
  );
}

/**
 * Claims sends that may begin now: the first of each key, ready, due, held by nobody, and of a port that is on. Two instances that ask
 * at once get different ones. Oldest first.
 */
export async function claimWork(
  pool: Pool,
  consumers: readonly string[],
  holder: Holder,
  limit: number,
): Promise<readonly Work[]> {
  const rows = await query<WorkRow>(
    pool,
    `with due as (
       select w.consumer, w.key, w.version from porter.work w
       where w.state = 'ready' and w.claimed_by is null and w.not_before <= now() and w.consumer = any($1::text[])
         and not exists (select 1 from porter.switch s where s.consumer = w.consumer and s.mode = 'off')
         and not exists (select 1 from porter.work b where b.consumer = w.consumer and b.key = w.key and b.version < w.version)
       order by w.seq limit $2 for update skip locked)
     update porter.work w set claimed_by = $3, claimed_incarnation = $4, claim = gen_random_uuid()
     from due where w.consumer = due.consumer and w.key = due.key and w.version = due.version
     returning w.seq, ${WORK_COLUMNS}`,
    [consumers, limit, holder.name, holder.incarnation],
  );
  return [...rows].sort((a, b) => a.seq - b.seq).map(toWork);
}

/** Gives back what the holder has claimed and does not send: the answers to its claims were lost. @param sending its other claims */
export async function freeUnanswered(pool: Pool, holder: Holder, sending: readonly string[]): Promise<void> {
  await query(
    pool,
    `update porter.work set claimed_by = null, claimed_incarnation = null, claim = null
     where claimed_by = $1 and claimed_incarnation = $2 and claim <> all($3::uuid[])`,
    [holder.name, holder.incarnation, sending],
  );
}

/** Lets the parked and in-doubt sends of a key go on. Answers how many there were. */
export async function readyAgain(on: Queryable, consumer: string, key: string): Promise<number> {
  const result = await on.query(
    `update porter.work set state = 'ready', attempts = 0, not_before = now(), since = now(), error_code = null, error_message = null,
       legacy_status = null, legacy_words = null
     where consumer = $1 and key = $2::uuid and state in ('parked', 'in-doubt')`,
    [consumer, key],
  );
  return result.rowCount ?? 0;
}

/** Sends of keys that an import has carried past them stand for nothing any more: they are looked at again, and close. */
export async function readyOvertaken(tx: Connection, consumer: string, keys: readonly string[]): Promise<void> {
  await tx.query(
    `update porter.work set state = 'ready', waiting_for = null, not_before = now()
     where consumer = $1 and key = any($2::uuid[]) and state <> 'ready'`,
    [consumer, keys],
  );
}

const WORK_COLUMNS = `w.consumer, w.key::text as key, w.version, w.event_id, w.event_type, w.trace, w.operation, w.document,
  w.state_hash, w.attempts, w.claim`;

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
  };
}
