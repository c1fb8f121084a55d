import { identifier } from './identifier.js';
import { type Queryable, query } from './pool.js';

/**
 * What stood and never goes on. A state that a whole state passed: its event had its place in the fold, and keeps it. An effect or a send
 * that a person gave up: the key's state has the event.
 */
export interface ClosedEntry {
  readonly consumer: string;
  readonly key: string;
  readonly kind: 'state' | 'effect' | 'send';
  readonly eventId: string | null;
  readonly eventType: string | null;
  /** That the event made of its key. */
  readonly version: number | null;
  /** Of a send it is null, as the next three. */
  readonly partition: number | null;
  /** Of the record, as text. */
  readonly offset: string | null;
  /** The record as it was read. */
  readonly headers: Readonly<Record<string, string>> | null;
  /** Base64; null = it had none, too. */
  readonly value: string | null;
  /** Why it stood; null = it waited behind an earlier one of its key. */
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  /** ISO 8601 UTC, as the next one. */
  readonly since: string;
  readonly closedAt: string;
  /** Of a state the id of the event that brought the whole state, else who gave it up. */
  readonly closedBy: string;
  readonly why: string;
}

/** Of a schema, what was closed last first, at most `limit` (default 100). Throws `POSTGRES_UNAVAILABLE` (retryable). */
export async function closedEntries(
  on: Queryable,
  schema: string,
  which: { readonly consumer?: string; readonly key?: string; readonly limit?: number } = {},
): Promise<readonly ClosedEntry[]> {
  return query<ClosedEntry & Record<string, unknown>>(
    on,
    `select consumer, key::text as key, kind, event_id as "eventId", event_type as "eventType", version, partition, record_offset::text as "offset",
       headers, translate(encode(value, 'base64'), E'\\n', '') as value, error_code as "errorCode", error_message as "errorMessage",
       parked_at as since, closed_at as "closedAt", closed_by as "closedBy", why
     from ${identifier(schema)}.closed
     where ($1::text is null or consumer = $1) and ($2::text is null or key = $2::uuid)
     order by id desc limit $3`,
    [which.consumer ?? null, which.key ?? null, which.limit ?? 100],
  );
}
