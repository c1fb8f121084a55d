import { type Connection, createPool, listen, migrate, type Pool, query, sinkMigrations } from '@banyan/postgres';
import { createDatabase, dropDatabase, randomPrefix, testStack } from '@banyan/stack/testing';
import { createPostgresSinkStore } from '../postgres-sink-store.js';
import { Payloads, type SinkWorld, type SinkWorlds } from './sink-world.js';

const PATIENCE_MS = 30_000;

/** A database of its own, and in it a schema for each test. */
export async function postgresWorlds(): Promise<SinkWorlds<Connection>> {
  const { databaseUrl: adminUrl } = await testStack();
  const database = `${randomPrefix()}sink`;
  const url = await createDatabase(adminUrl, database);
  const pool = createPool({ url, applicationName: 'sink-spec' });
  return {
    world: async () => {
      const schema = `${randomPrefix()}v2`;
      await migrate(pool, schema, [
        ...sinkMigrations(schema),
        {
          name: 'row',
          sql: 'create table row (key uuid, version bigint, text varchar(36), primary key (key, version))',
        },
      ]);
      return postgresWorld(pool, url, schema);
    },
    close: async () => {
      await pool.end();
      await dropDatabase(adminUrl, database);
    },
  };
}

function postgresWorld(pool: Pool, url: string, schema: string): SinkWorld<Connection> {
  const by = async (sql: string, values: readonly unknown[] = []): Promise<void> =>
    void (await query(pool, sql, values));
  return {
    store: (consumer = 'note') => createPostgresSinkStore({ pool, schema, consumer }),
    put: async (tx, { key, version, text }) => {
      await tx.query(`insert into ${schema}.row (key, version, text) values ($1, $2, $3)`, [key, version, text]);
    },
    widen: () => by(`alter table ${schema}.row alter column text type text`),
    rows: async () => {
      const rows = await query<{ row: string }>(
        pool,
        `select right(key::text, 1) || version || ':' || text as row from ${schema}.row`,
      );
      return rows.map(({ row }) => row).sort();
    },
    cut: async (tx) => {
      await tx.query('select pg_terminate_backend(pg_backend_pid())');
    },
    rewind: () => by(`update ${schema}.sink_offset set next_offset = 0`),
    age: (key) => by(`update ${schema}.parked set parked_at = now() - interval '1 min' where key = $1`, [key]),
    someoneWaits: () => someoneWaits(pool),
    listen: async () => {
      const payloads = new Payloads();
      const connected = Promise.withResolvers<void>();
      const listener = listen({
        url,
        applicationName: 'sink-spec',
        channel: `${schema}_projected`,
        onNotify: (payload) => payloads.push(payload),
        onConnect: connected.resolve,
      });
      await connected.promise;
      return { next: () => payloads.next(), close: () => listener.close() };
    },
  };
}

async function someoneWaits(pool: Pool): Promise<void> {
  const until = performance.now() + PATIENCE_MS;
  while (performance.now() < until) {
    const waiting = await query(
      pool,
      `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    );
    if (waiting.length > 0) return;
  }
  throw new Error(`nobody waited for a lock within ${PATIENCE_MS} ms`);
}
