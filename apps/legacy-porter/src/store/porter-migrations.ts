import { type Migration, sinkMigrations } from '@banyan/postgres';

/** The schema that only the porter touches. */
export const PORTER_SCHEMA = 'porter';

/** The sink's tables, and what sending needs beside them. `consumer` is entity and port: `order.backend`. */
export const porterMigrations: readonly Migration[] = [
  ...sinkMigrations(PORTER_SCHEMA),
  {
    name: 'porter/1-sending',
    sql: `
      -- Who sends. The same name coming up again, as a later incarnation, proves the earlier one dead.
      create table porter.instance (
        name text primary key, incarnation bigint not null,
        started_at timestamptz not null default now(), heartbeat_at timestamptz not null default now(), left_at timestamptz);

      -- One row per send that is due, in order per key; a finished row goes.
      create table porter.work (
        seq bigint generated always as identity,
        consumer text not null, key uuid not null, version bigint not null,
        event_id text not null, event_type text not null, trace jsonb not null,
        operation text not null check (operation in ('create', 'update', 'delete')),
        document jsonb, state_hash text,
        state text not null default 'ready' check (state in ('ready', 'waiting', 'parked', 'in-doubt')),
        waiting_for text[], error_code text, error_message text,
        since timestamptz not null default now(),
        attempts int not null default 0, not_before timestamptz not null default now(),
        claimed_by text, claimed_incarnation bigint,
        primary key (consumer, key, version));
      create index work_ready on porter.work (seq) where state = 'ready' and claimed_by is null;
      create index work_waiting on porter.work using gin (waiting_for) where state = 'waiting';
      create index work_standing on porter.work (since) where state in ('parked', 'in-doubt');
      create index work_claimed on porter.work (claimed_by) where claimed_by is not null;

      -- The journal: written before a send, closed in the transaction that takes its result.
      create table porter.intent (
        consumer text not null, key uuid not null, version bigint not null, event_id text not null,
        operation text not null, attempt int not null,
        writer text not null, incarnation bigint not null,
        -- open: being sent. unclear: it may have reached legacy, and legacy is asked. closed: its result is known.
        state text not null check (state in ('open', 'unclear', 'closed')),
        may_have_arrived boolean not null default false,
        high_water_mark text, legacy_id text, legacy_row jsonb,
        sent_at timestamptz not null default now(),
        settle_from timestamptz, closed_at timestamptz, outcome text,
        primary key (consumer, key, version));
      create index intent_open on porter.intent (consumer) where state <> 'closed';
      create index intent_closed on porter.intent (closed_at) where state = 'closed';

      -- Entity id <-> legacy id. Never removed: an entity that is created anew gets a further one, the latest counts.
      create table porter.link (
        seq bigint generated always as identity,
        entity text not null, port text not null, key uuid not null, legacy_id text not null,
        linked_at timestamptz not null default now(),
        primary key (entity, port, legacy_id));
      create index link_key on porter.link (entity, port, key, seq desc);

      -- The row as legacy last had it by us, or as it was last imported: what compare-and-set expects. null = no row.
      create table porter.ported (
        consumer text not null, key uuid not null, version bigint not null, hash text,
        primary key (consumer, key));

      -- Receipts not yet acknowledged by the log.
      create table porter.receipt (
        id bigint generated always as identity primary key,
        receipt_id uuid not null, writer text not null, key uuid not null, body jsonb not null, trace jsonb not null);
    `,
  },
  {
    name: 'porter/2-switches',
    sql: `
      -- Whether a port sends, as the control log said last: so a restart without Kafka does not send to a backend that is gone.
      create table porter.switch (
        consumer text primary key, mode text not null check (mode in ('on', 'off')),
        control_version bigint not null, since timestamptz not null default now());

      -- A receipt has told that the port was off when this send became due.
      alter table porter.work add column told_off boolean not null default false;
      -- How legacy refused the send that is parked.
      alter table porter.work add column legacy_status int, add column legacy_words text;
    `,
  },
  {
    name: 'porter/3-earlier-rows',
    sql: `
      -- The hashes of the rows before the one last ported, the latest first: an import may have read one of them before a port
      -- closed.
      alter table porter.ported add column earlier text[] not null default '{}';
    `,
  },
  {
    name: 'porter/4-oldest-waiting',
    sql: `
      -- How long the longest has waited for a link; a send that does not wait is not in it.
      create index work_waiting_since on porter.work (consumer, since) where state = 'waiting';
    `,
  },
  {
    name: 'porter/5-claims',
    sql: `
      -- Which claim it is: one that ends late must not end the next one of the same holder.
      alter table porter.work add column claim uuid;
    `,
  },
  {
    name: 'porter/6-settings',
    sql: `
      -- Whether a consumer is paused, and its number of sends, as the control log said last: so a restart without Kafka does not send
      -- what somebody holds.
      create table porter.setting (
        consumer text primary key, paused boolean not null, sends int, control_version bigint not null);
    `,
  },
  {
    name: 'porter/7-etags',
    sql: `
      -- What legacy called the row last ported, where it compares by If-Match: the next change needs no look then. null = it did not say,
      -- or the row was imported.
      alter table porter.ported add column etag text;
    `,
  },
  {
    name: 'porter/8-re-port',
    sql: `
      -- A send of a re-port, of the whole state once more: one that was made for it, or one that was due when it came. null = of its event alone.
      alter table porter.work add column re_port text check (re_port in ('added', 'joined'));
      create index work_re_port on porter.work (consumer) where re_port is not null;
    `,
  },
  {
    name: 'porter/9-rebuilding',
    sql: `
      -- How far the receipts are known to this database: those behind it tell of sends that it does not know, if it was put back.
      create table porter.receipts_read (
        consumer text not null, partition int not null, next_offset bigint not null, primary key (consumer, partition));

      -- How far in an entity's topic a porter may have sent whose database was lost.
      create table porter.lost_past (
        consumer text not null, partition int not null, until_offset bigint not null, primary key (consumer, partition));

      -- The version up to which receipts say that it is ported; null = nothing had to be restored.
      alter table porter.ported add column restored bigint;
    `,
  },
];
