import { identifier } from './identifier.js';
import { type Queryable, query } from './pool.js';

/** What stands still and why: one entry per key, the first event that could not be processed; one per invalid event. */
export interface ParkedEntry {
  readonly consumer: string;
  readonly key: string | null;
  readonly kind: 'state' | 'effect' | 'invalid';
  readonly eventId: string | null;
  readonly eventType: string | null;
  readonly partition: number;
  /** Offset of the record, as text. */
  readonly offset: string;
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  /** ISO 8601 UTC. */
  readonly since: string;
  /** Later events of the key that wait behind it. */
  readonly behind: number;
}

/**
 * The parked keys of a schema, and its invalid events, oldest first, at most `limit` (default 1,000). Throws `POSTGRES_UNAVAILABLE`
 * (retryable).
 */
export async function parkedEntries(
  on: Queryable,
  schema: string,
  which: { readonly consumer?: string; readonly key?: string; readonly limit?: number } = {},
): Promise<readonly ParkedEntry[]> {
  return query<ParkedEntry & Record<string, unknown>>(
    on,
    `select consumer, key, kind, event_id as "eventId", event_type as "eventType", partition, record_offset::text as "offset",
       error_code as "errorCode", error_message as "errorMessage", parked_at as "since", (waiting - 1)::int as behind
     from (
       select *, row_number() over one as place, count(*) over (partition by consumer, key, kind = 'invalid',
         case when kind = 'invalid' then id else 0 end) as waiting
       from ${identifier(schema)}.parked
       where ($1::text is null or consumer = $1) and ($2::text is null or key = $2)
       window one as (partition by consumer, key, kind = 'invalid', case when kind = 'invalid' then id else 0 end
         order by record_offset)
     ) as p
     where place = 1 order by parked_at, id limit $3`,
    [which.consumer ?? null, which.key ?? null, which.limit ?? 1_000],
  );
}
