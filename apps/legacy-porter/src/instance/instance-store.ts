import { type Connection, type Pool, query, transaction } from '@banyan/postgres';
import type { Holder } from '../store/work.js';

/** How long a holder may write after it last showed itself, milliseconds; others count it dead only behind this. */
export const LEASE_MS = 5_000;

/**
 * Comes up under a name. Every earlier incarnation of the name is dead by that, so its claims are free again and its open sends are
 * unclear. What it wrote last it may have written until its lease ran out: legacy's time to settle begins there, or now if later.
 */
export async function register(pool: Pool, name: string): Promise<Holder> {
  return transaction(pool, async (tx) => {
    const result = await tx.query<{ incarnation: number; alive_until: string }>(
      `insert into porter.instance as i (name, incarnation) values ($1, 1)
       on conflict (name) do update set incarnation = i.incarnation + 1, started_at = now(), heartbeat_at = now(), left_at = null
       returning incarnation,
         (select case when o.left_at is null then o.heartbeat_at + make_interval(secs => $2) else o.left_at end
          from porter.instance o where o.name = $1) as alive_until`,
      [name, LEASE_MS / 1000],
    );
    const incarnation = result.rows[0]?.incarnation ?? 1;
    await buryBefore(tx, { name, incarnation }, result.rows[0]?.alive_until ?? null);
    return { name, incarnation };
  });
}

/** The incarnations of a name before this one are dead. Answers how many of their sends may have reached legacy. */
async function buryBefore(tx: Connection, { name, incarnation }: Holder, aliveUntil: string | null): Promise<number> {
  const unclear = await tx.query(
    `update porter.intent set state = 'unclear', may_have_arrived = true,
       settle_from = greatest(clock_timestamp(), $3::timestamptz)
     where state = 'open' and writer = $1 and incarnation < $2`,
    [name, incarnation, aliveUntil],
  );
  await tx.query(
    `update porter.work set claimed_by = null, claimed_incarnation = null, claim = null, not_before = now()
     where claimed_by = $1 and claimed_incarnation < $2`,
    [name, incarnation],
  );
  return unclear.rowCount ?? 0;
}

/**
 * A person says that an instance is dead and does not come back under its name: what it left goes on as if it had come up again. Should
 * it live after all, it finds itself replaced at its next beat, and legacy's time to settle begins behind its lease. Who showed
 * itself lately is not dead: nothing is changed then. Answers what it was taken for, and how many sends of it may have reached legacy.
 */
export async function forget(
  pool: Pool,
  name: string,
): Promise<{ readonly was: InstanceState | 'unknown'; readonly sends: number }> {
  return transaction(pool, async (tx) => {
    const found = await tx.query<{ state: InstanceState; incarnation: number; alive_until: string }>(
      `select ${STATE} as state, incarnation, heartbeat_at + make_interval(secs => $2) as alive_until
       from porter.instance i where name = $1 for update`,
      [name, LEASE_MS / 1000],
    );
    const instance = found.rows[0];
    if (instance === undefined) return { was: 'unknown', sends: 0 };
    if (instance.state !== 'silent') return { was: instance.state, sends: 0 };
    const incarnation = instance.incarnation + 1;
    await tx.query('update porter.instance set incarnation = $2, left_at = now() where name = $1', [name, incarnation]);
    return { was: 'silent', sends: await buryBefore(tx, { name, incarnation }, instance.alive_until) };
  });
}

/** `silent`: it did not leave, and has not shown itself for two leases; dead or cut off, nobody can tell. */
export type InstanceState = 'alive' | 'silent' | 'left';

const STATE = `case when i.left_at is not null then 'left'
  when i.heartbeat_at > now() - make_interval(secs => ${(2 * LEASE_MS) / 1000}) then 'alive' else 'silent' end`;

/** Of an intent `t`: it is being sent, by an instance that is silent or gone. */
export const WRITER_SILENT = `(t.state = 'open' and not exists (select 1 from porter.instance i
  where i.name = t.writer and i.incarnation = t.incarnation
    and i.left_at is null and i.heartbeat_at > now() - make_interval(secs => ${(2 * LEASE_MS) / 1000})))`;

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
    `select i.name, ${STATE} as state, i.incarnation, i.started_at as "startedAt", coalesce(i.left_at, i.heartbeat_at) as "seenAt",
       (select count(*) from porter.intent t where t.state = 'open' and t.writer = i.name) as "openSends"
     from porter.instance i order by i.name`,
  );
}

/** Shows that the holder lives; false = a later incarnation has come up under its name, and it must not write any more. */
export async function heartbeat(pool: Pool, { name, incarnation }: Holder): Promise<boolean> {
  const rows = await query<{ name: string }>(
    pool,
    'update porter.instance set heartbeat_at = now() where name = $1 and incarnation = $2 returning name',
    [name, incarnation],
  );
  return rows.length > 0;
}

/** Goes in order: nothing of it is being sent any more, so any other instance may go on with what is left. */
export async function leave(pool: Pool, { name, incarnation }: Holder): Promise<void> {
  await transaction(pool, async (tx) => {
    await tx.query('update porter.instance set left_at = now() where name = $1 and incarnation = $2', [
      name,
      incarnation,
    ]);
    await tx.query(
      `update porter.intent set state = 'unclear', may_have_arrived = true, settle_from = clock_timestamp()
       where state = 'open' and writer = $1 and incarnation = $2`,
      [name, incarnation],
    );
    await tx.query(
      `update porter.work set claimed_by = null, claimed_incarnation = null, claim = null, not_before = now()
       where claimed_by = $1 and claimed_incarnation = $2`,
      [name, incarnation],
    );
  });
}

/**
 * Frees what instances claimed that no longer show themselves, where nothing was journalled: such a one finds its claim gone before
 * it sends. What they journalled stays with them, in doubt, until they are known dead. Answers how many were freed.
 */
export async function freeAbandoned(pool: Pool): Promise<number> {
  const rows = await query<{ key: string }>(
    pool,
    `update porter.work w set claimed_by = null, claimed_incarnation = null, claim = null
     from porter.instance i
     where w.claimed_by = i.name and i.heartbeat_at < now() - make_interval(secs => $1)
       and not exists (select 1 from porter.intent t where t.consumer = w.consumer and t.key = w.key and t.version = w.version
                       and t.state = 'open')
     returning w.key::text as key`,
    [(2 * LEASE_MS) / 1000],
  );
  return rows.length;
}
