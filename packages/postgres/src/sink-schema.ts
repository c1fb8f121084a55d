import { identifier } from './identifier.js';
import type { Migration } from './migrate.js';

/** The columns of the books, as `@banyan/sink` counts. */
const BOOKED = [
  'marker',
  'effective',
  'unchanged',
  'superseded',
  'duplicate',
  'stale',
  'conflict',
  'invalid',
  'applied',
  'discarded',
];

/** Of table `parked`: records whose event is effective. */
export const PARKED_EFFECT = `(kind = 'state' or (kind = 'effect' and change ->> 'outcome' = 'effective'))`;

/**
 * The tables every sink needs, in schema `v2` or `porter`. `consumer` says whose fold a row belongs to: the entity's name in `v2`
 * (`order`), entity and port in `porter` (`order.backend`), since each consumer folds for itself.
 */
export function sinkMigrations(schema: string): readonly Migration[] {
  const s = identifier(schema);
  return [
    {
      name: 'sink/1-tables',
      sql: `
        -- Offset and authority of a partition: one row, moved in the transaction of the effects.
        create table ${s}.sink_offset (
          consumer text not null, partition int not null,
          next_offset bigint not null default 0,
          epoch bigint not null default 0, share int not null default 0, handback bigint not null default 0,
          primary key (consumer, partition));

        -- What is known of a key: the fold's KeyState, and the document that belongs to applied_version.
        create table ${s}.state (
          consumer text not null, key uuid not null,
          version bigint not null, liveness text not null, owner text not null, epoch bigint not null, hash text,
          recent jsonb not null,              -- [{"eventId","version"}], oldest first
          document jsonb, applied_version bigint not null,
          parked boolean not null default false,        -- the state stands still: commands are refused (423)
          effects_held boolean not null default false,  -- the state moves on, its effects wait in parked
          transformer_version int not null, state_hash text,
          primary key (consumer, key));

        -- Events that wait for a person, in log order per key; and invalid ones, which block nothing.
        create table ${s}.parked (
          id bigint generated always as identity primary key,
          consumer text not null, key text, partition int not null, record_offset bigint not null,
          kind text not null check (kind in ('state', 'effect', 'invalid')),
          event_id text, event_type text, version bigint, headers jsonb not null, value bytea,
          change jsonb,                        -- what the fold, and for 'effect' the evolution, made of it
          error_code text, error_message text, -- null = waits behind an earlier event of its key
          parked_at timestamptz not null default now(),
          unique (consumer, partition, record_offset));
        create index parked_key on ${s}.parked (consumer, key, record_offset) where kind <> 'invalid';
      `,
    },
    {
      name: 'sink/2-books',
      sql: `
        -- What became of every record of a partition, moved in the transaction of its offset: records in (next_offset - from_offset) = marker + the
        -- outcomes, and effective = applied + discarded + what is parked of them.
        create table ${s}.sink_books (
          consumer text not null, partition int not null,
          from_offset bigint not null default 0,
          ${BOOKED.map((column) => `${column} bigint not null default 0`).join(', ')},
          primary key (consumer, partition));

        -- Of a store that is there already only what is parked is known: as if those had been the last records before today.
        insert into ${s}.sink_books (consumer, partition, from_offset, effective)
        select o.consumer, o.partition, o.next_offset - coalesce(p.effects, 0), coalesce(p.effects, 0) from ${s}.sink_offset o
        left join (select consumer, partition, count(*) as effects from ${s}.parked where ${PARKED_EFFECT} group by 1, 2) as p
          using (consumer, partition);
      `,
    },
    {
      name: 'sink/3-repairs',
      sql: `
        -- Keys of which it is known that rows, or legacy, are not what their state says, up to a version; until a resync has closed it.
        create table ${s}.unlike (
          consumer text not null, key uuid not null, version bigint not null,
          marked_by text not null, reason text not null, since timestamptz not null default now(),
          primary key (consumer, key));

        -- How far the resync of a consumer has come that the control log asked for: one at a time.
        create table ${s}.resync (
          consumer text primary key,
          request bigint not null,             -- version of the subject in the control log
          after_key uuid,                      -- the last key that is done; null = none
          total bigint not null, done bigint not null default 0, standing bigint not null default 0, failed bigint not null default 0,
          worked_ms bigint not null default 0, finished boolean not null default false);

        -- Whose rows a resync has made, by which version of the entity's definition: those of a document that an older one made.
        create table ${s}.resynced (
          consumer text not null, key uuid not null, transformer_version int not null, primary key (consumer, key));
      `,
    },
    {
      name: 'sink/4-closed',
      sql: `
        -- What stood and never goes on: a state that a whole state passed (an import, a restatement), an effect or a send that a person gave
        -- up. Events are kept with their bytes.
        create table ${s}.closed (
          id bigint generated always as identity primary key,
          consumer text not null, key uuid not null, kind text not null check (kind in ('state', 'effect', 'send')),
          partition int, record_offset bigint, -- null = a send: the event that it is of lies in the log
          event_id text, event_type text, version bigint, headers jsonb, value bytea,
          error_code text, error_message text, -- null = waited behind an earlier one of its key
          parked_at timestamptz not null,
          closed_by text not null,             -- of a state the id of the event that brought the whole state, else who gave it up
          why text not null, closed_at timestamptz not null default now(),
          unique (consumer, partition, record_offset));
        create index closed_key on ${s}.closed (consumer, key, version);
      `,
    },
    {
      name: 'sink/5-turns',
      sql: `
        -- Counts the transactions that have taken or locked the position: who has two turns in a row knows that nobody changed a state in between.
        alter table ${s}.sink_offset add column turn bigint not null default 0;
      `,
    },
    {
      name: 'sink/6-recent',
      sql: `
        -- [{"eventId","version"}] becomes "version:id version:id", oldest first: as jsonb it costs more than all else of a state. Under another name:
        -- a process of the version before, which is still up while this one is rolled out, must fail at every state. It would write lists
        -- into the text, and counts no turns.
        create function ${s}.recent_text(recent jsonb) returns text language sql immutable as $$
          select coalesce(string_agg((r ->> 'version') || ':' || (r ->> 'eventId'), ' ' order by place), '')
          from jsonb_array_elements(recent) with ordinality as e (r, place) $$;
        alter table ${s}.state alter column recent type text using ${s}.recent_text(recent);
        alter table ${s}.state rename column recent to recent_events;
        drop function ${s}.recent_text(jsonb);
      `,
    },
  ];
}
