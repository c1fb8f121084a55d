import { type Migration, migrate, type Pool, query } from '@banyan/postgres';
import type { Books } from '../backfill/books.js';
import { isDone } from '../backfill/books.js';
import { BACKFILL_MIGRATIONS } from '../backfill/migrations.js';
import type { Verification } from '../verify/verdict.js';

const MIGRATIONS: readonly Migration[] = [
  ...BACKFILL_MIGRATIONS,
  {
    name: 'verify/1-verdicts',
    sql: `create table banyan.verdict (entity text not null, started_at timestamptz not null, ended_at timestamptz not null default now(),
      verdict text not null, compared int not null, different int not null, primary key (entity, started_at));`,
  },
];

/** Makes the tables of schema `banyan`. Repeatable. */
export async function prepareEvidence(banyan: Pool): Promise<void> {
  await migrate(banyan, 'banyan', MIGRATIONS);
}

/** The database's clock: what it is compared with is written by the same one. */
export async function verificationBegins(banyan: Pool): Promise<string> {
  await prepareEvidence(banyan);
  const [row] = await query<{ now: string }>(banyan, 'select clock_timestamp()::text as now');
  return row?.now ?? '';
}

/** Keeps what verify found, for the guards that ask whether V2 was ever seen to be equal. */
export async function recordVerification(banyan: Pool, startedAt: string, verification: Verification): Promise<void> {
  for (const { entity, compared, differing, notLookedAt } of verification.entities) {
    const equal = differing + notLookedAt === 0 && compared > 0;
    const verdict = equal ? 'identical' : verification.verdict === 'identical' ? 'incomplete' : verification.verdict;
    await query(
      banyan,
      `insert into banyan.verdict (entity, started_at, verdict, compared, different) values ($1, $2::timestamptz, $3, $4, $5)
       on conflict do nothing`,
      [entity, startedAt, verdict, compared, differing + notLookedAt],
    );
  }
}

export interface Evidence {
  /** The last run that was begun in this epoch and is done; when it ended, ISO 8601. */
  readonly backfilledAt: string | null;
  /** The last verification begun behind that run, and what it said. */
  readonly verdict: string | null;
  readonly verifiedAt: string | null;
}

/**
 * Whether V2 has all of legacy's rows of an entity as they are in an epoch: a backfill that was begun in it is done, and a verification
 * that was begun afterwards found no difference.
 */
export async function evidenceOf(banyan: Pool, entity: string, epoch: number): Promise<Evidence> {
  await prepareEvidence(banyan);
  const runs = await query<{ ended_at: string; books: Books }>(
    banyan,
    `select to_char(r.ended_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as ended_at, e.books
     from banyan.run r join banyan.run_entity e on e.run = r.id
     where e.entity = $1 and e.finished and e.epoch >= $2 and r.ended_at is not null order by r.ended_at desc`,
    [entity, epoch],
  );
  const done = runs.find(({ books }) => isDone(books));
  if (done === undefined) return { backfilledAt: null, verdict: null, verifiedAt: null };
  const [last] = await query<{ verdict: string; ended_at: string }>(
    banyan,
    `select verdict, to_char(ended_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as ended_at from banyan.verdict
     where entity = $1 and started_at >= $2::timestamptz order by started_at desc limit 1`,
    [entity, done.ended_at],
  );
  return { backfilledAt: done.ended_at, verdict: last?.verdict ?? null, verifiedAt: last?.ended_at ?? null };
}
