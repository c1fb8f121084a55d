import type { Migration } from '@banyan/postgres';

/** The schema that new-api alone writes. */
export const API_SCHEMA = 'api';

/** Idempotency keys and receipts are kept so long; both are promised to callers. */
export const KEPT_DAYS = 7;

export const apiMigrations: readonly Migration[] = [
  {
    name: 'api/1-idempotency',
    sql: `
      create table api.idempotency (
        key text primary key,
        request_hash text not null,
        -- The try that works on it, until its lease ends; each write names its holder, so a try that was taken over changes nothing.
        holder uuid not null, lease_until timestamptz not null,
        -- The event that may be in the log, stored before its first append: the same bytes are appended again, never new ones.
        event_id text, topic text, partition int, record_key text, value bytea, headers jsonb, noted jsonb,
        acknowledged_offset bigint,
        -- The answer, as it was sent.
        status int, answer_headers jsonb, body text,
        created_at timestamptz not null default now());
      create index idempotency_created_at on api.idempotency (created_at);
    `,
  },
  {
    name: 'api/2-receipt',
    sql: `
      -- An event whose outcome a caller was promised: enough to learn it from the projector's store, else from the log.
      create table api.receipt (
        event_id uuid primary key,
        entity text not null, topic text not null, partition int not null, record_key uuid not null,
        -- What the fold reads of the event, and where its key stood when it was decided.
        headers jsonb not null, noted jsonb not null,
        -- null = Kafka has not said that it has the event.
        acknowledged_offset bigint,
        -- Once it was learned; it belongs to the event's id and never changes.
        outcome text,
        created_at timestamptz not null default now());
      create index receipt_created_at on api.receipt (created_at);
    `,
  },
];
