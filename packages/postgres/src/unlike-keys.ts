import { identifier } from './identifier.js';
import { execute, type Queryable, query } from './pool.js';

/** A key of which it is known that what was made of its state (V2's rows, legacy's row) is not what the state says. */
export interface UnlikeKey {
  readonly consumer: string;
  readonly key: string;
  /** The key's version up to which something is missing. */
  readonly version: number;
  /** Who made it so, and why. */
  readonly by: string;
  readonly reason: string;
  /** ISO 8601 UTC. */
  readonly since: string;
}

/** Whose keys. */
export interface UnlikePlace {
  /** `v2` or `porter`. */
  readonly schema: string;
  readonly consumer: string;
}

/** Oldest first, at most 1,000. @param key that one alone. Throws `POSTGRES_UNAVAILABLE` (retryable). */
export function unlikeKeys(
  on: Queryable,
  { schema, consumer }: UnlikePlace,
  key?: string,
): Promise<readonly UnlikeKey[]> {
  return query<UnlikeKey & Record<string, unknown>>(
    on,
    `select consumer, key::text as key, version, marked_by as by, reason, since from ${identifier(schema)}.unlike
     where consumer = $1 and ($2::uuid is null or key = $2) order by since, key limit 1000`,
    [consumer, key ?? null],
  );
}

/** Of one that is marked already the later version, and who and why of that, count; since when it is stays. */
export async function markUnlike(
  on: Queryable,
  { schema, consumer }: UnlikePlace,
  { key, version, by, reason }: Pick<UnlikeKey, 'key' | 'version' | 'by' | 'reason'>,
): Promise<void> {
  await execute(
    on,
    `insert into ${identifier(schema)}.unlike as u (consumer, key, version, marked_by, reason) values ($1, $2, $3, $4, $5)
     on conflict (consumer, key) do update set version = excluded.version, marked_by = excluded.marked_by, reason = excluded.reason
     where u.version <= excluded.version`,
    [consumer, key, version, by, reason],
  );
}

/** Keys that are like their state again as of a version: a mark of a later one stays. */
export async function closeUnlike(
  on: Queryable,
  { schema, consumer }: UnlikePlace,
  upTo: ReadonlyMap<string, number>,
): Promise<void> {
  if (upTo.size === 0) return;
  await execute(
    on,
    `delete from ${identifier(schema)}.unlike u using unnest($2::uuid[], $3::bigint[]) as c(key, version)
     where u.consumer = $1 and u.key = c.key and u.version <= c.version`,
    [consumer, [...upTo.keys()], [...upTo.values()]],
  );
}
