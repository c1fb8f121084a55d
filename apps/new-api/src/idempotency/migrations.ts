import type { Migration } from '@banyan/postgres';

export const API_SCHEMA = 'api';

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
];
