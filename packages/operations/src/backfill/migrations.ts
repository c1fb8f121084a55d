import type { Migration } from '@banyan/postgres';

export const BACKFILL_MIGRATIONS: readonly Migration[] = [
  {
    name: 'backfill/1-tables',
    sql: `
      create table banyan.plan (hash text primary key, body jsonb not null, planned_at timestamptz not null default now());
      create table banyan.run (
        id uuid primary key, plan text not null references banyan.plan, started_at timestamptz not null default now(),
        ended_at timestamptz);
      -- One row per entity of a run: where to go on, and the books so far, moved together.
      create table banyan.run_entity (
        run uuid not null references banyan.run, entity text not null, after text, finished boolean not null default false,
        books jsonb not null, primary key (run, entity));
    `,
  },
  {
    name: 'backfill/2-epochs',
    // The epoch that all partitions had when the entity's first row was read: it tells which move the rows are as old as.
    sql: 'alter table banyan.run_entity add column epoch int;',
  },
];
