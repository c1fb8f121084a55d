import { createHash } from 'node:crypto';
import { BanyanError } from '@banyan/core';
import { identifier } from './identifier.js';
import { type Connection, type Pool, transaction } from './pool.js';

export interface Migration {
  /** Unique for ever within its schema. */
  readonly name: string;
  readonly sql: string;
}

/** Migrations may take longer than a request; they run before anything is served. */
const MIGRATION_TIMEOUT_MS = 300_000;

/**
 * Brings `schema` up to date: makes it when it is missing and runs what has not run yet, in the order given, all in one
 * transaction and under a lock, so that any number of starting processes run each migration once. Unqualified names in the SQL mean `schema`.
 * Returns the names of what it ran. Throws `POSTGRES_MIGRATION_CHANGED` when a migration that ran reads differently now, and
 * `POSTGRES_UNAVAILABLE` (retryable).
 */
export async function migrate(
  pool: Pool,
  schema: string,
  migrations: readonly Migration[],
): Promise<readonly string[]> {
  const name = identifier(schema);
  return transaction(pool, async (tx) => {
    await tx.query(
      `set local statement_timeout = ${MIGRATION_TIMEOUT_MS}; set local lock_timeout = ${MIGRATION_TIMEOUT_MS}`,
    );
    await long(tx, 'select pg_advisory_xact_lock(hashtext($1))', [`banyan.migrate.${schema}`]);
    // Not `create schema if not exists` at once: it asks for the right to create even when the schema is there.
    const found = await tx.query('select 1 from pg_namespace where nspname = $1', [schema]);
    if (found.rowCount === 0) await tx.query(`create schema ${name}`);
    await tx.query(`set local search_path = ${name}, public`);
    await tx.query(
      `create table if not exists ${name}.migration (name text primary key, checksum text not null, applied_at timestamptz not null default now())`,
    );
    const done = await tx.query<{ name: string; checksum: string }>(`select name, checksum from ${name}.migration`);
    const checksums = new Map(done.rows.map((row) => [row.name, row.checksum]));
    const ran: string[] = [];
    for (const migration of migrations) {
      const checksum = createHash('sha256').update(migration.sql).digest('hex');
      const before = checksums.get(migration.name);
      if (before === checksum) continue;
      if (before !== undefined) throw changed(schema, migration.name);
      await long(tx, migration.sql);
      await tx.query(`insert into ${name}.migration (name, checksum) values ($1, $2)`, [migration.name, checksum]);
      checksums.set(migration.name, checksum);
      ran.push(migration.name);
    }
    return ran;
  });
}

async function long(tx: Connection, text: string, values: readonly unknown[] = []): Promise<void> {
  // Without values `pg` takes the simple protocol, which a migration of several statements needs.
  const query = { text, query_timeout: MIGRATION_TIMEOUT_MS + 3_000 };
  await tx.query(values.length === 0 ? query : { ...query, values: [...values] });
}

function changed(schema: string, name: string): BanyanError {
  return new BanyanError(
    'POSTGRES_MIGRATION_CHANGED',
    `Migration ${name} of schema ${schema} has run here with another text; put its text back and write a new migration.`,
    { data: { schema, name } },
  );
}
