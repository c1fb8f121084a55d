import { BanyanError } from '@banyan/core';
import { type Connection, createPool, migrate, type Pool, query } from '@banyan/postgres';
import { createPostgresSinkStore } from '@banyan/sink';
import { createDatabase, dropDatabase, randomPrefix, testStack } from '@banyan/stack/testing';
import { PORTER_SCHEMA, porterMigrations } from '../store/porter-migrations.js';
import type { PorterStatements, PorterStore } from '../store/porter-store.js';
import { createPostgresPorterStore } from '../store/postgres/postgres-porter-store.js';
import {
  closeEffect,
  type PorterWorld,
  type PorterWorlds,
  repairsOf,
  type SeenIntent,
  type SeenWork,
  saveDeleted,
  saveState,
} from './porter-world.js';

const PATIENCE_MS = 30_000;

export interface PostgresWorld extends PorterWorld {
  /** For what only SQL reads. */
  readonly pool: Pool;
}

export interface PostgresWorlds extends PorterWorlds {
  world(): Promise<PostgresWorld>;
}

/** A database of its own; each world finds its tables empty. */
export async function postgresWorlds(): Promise<PostgresWorlds> {
  const { databaseUrl: adminUrl } = await testStack();
  const database = `${randomPrefix()}store`;
  const pool = createPool({ url: await createDatabase(adminUrl, database), applicationName: 'store-spec' });
  await migrate(pool, PORTER_SCHEMA, porterMigrations);
  return {
    world: async () => {
      await query(
        pool,
        `truncate porter.work, porter.intent, porter.link, porter.ported, porter.receipt, porter.instance, porter.state, porter.switch,
           porter.closed, porter.unlike, porter.resync, porter.resynced, porter.receipts_read, porter.lost_past, porter.sink_offset,
           porter.sink_books`,
      );
      return postgresWorld(pool);
    },
    close: async () => {
      await pool.end();
      await dropDatabase(adminUrl, database);
    },
  };
}

function postgresWorld(pool: Pool): PostgresWorld {
  const store = createPostgresPorterStore(pool);
  const sinkStore = (consumer: string) => createPostgresSinkStore({ pool, schema: PORTER_SCHEMA, consumer });
  return {
    pool,
    store,
    repairs: (port) => repairsOf(store, sinkStore(port.consumer), port),
    saved: (consumer, key, state) => saveState(sinkStore(consumer), key, state),
    closedEffect: (consumer, key, version) => closeEffect(sinkStore(consumer), key, version),
    losing: (lost) => losing(store, lost),
    pass: async (ms) => {
      for (const [table, columns] of Object.entries(TIMES)) {
        const older = columns.map((column) => `${column} = ${column} - make_interval(secs => $1)`);
        await query(pool, `update porter.${table} set ${older.join(', ')}`, [ms / 1000]);
      }
    },
    someoneWaits: () => someoneWaits(pool),
    deleted: (consumer, key) => saveDeleted(sinkStore(consumer), key),
    work: () =>
      query<SeenWork & Record<string, unknown>>(
        pool,
        `select key::text as key, state, attempts, claimed_by as "claimedBy", error_code as "errorCode", error_message as "errorMessage"
         from porter.work order by seq`,
      ),
    intents: () =>
      query<SeenIntent & Record<string, unknown>>(
        pool,
        `select key::text as key, state, attempt, may_have_arrived as "mayHaveArrived", outcome, legacy_id as "legacyId"
         from porter.intent order by key, version`,
      ),
  };
}

const TIMES = {
  work: ['since', 'not_before'],
  intent: ['sent_at', 'settle_from', 'closed_at'],
  instance: ['started_at', 'heartbeat_at', 'left_at'],
};

/** Each call takes place; then its answer may be lost. */
function losing(store: PorterStore<Connection>, lost: () => boolean): PorterStore<Connection> {
  const answered = async <T>(call: Promise<T>): Promise<T> => {
    const answer = await call;
    if (lost()) throw new BanyanError('POSTGRES_UNAVAILABLE', 'no answer', { retryable: true });
    return answer;
  };
  const calls = Object.entries(store.alone as unknown as Record<string, (...args: unknown[]) => Promise<unknown>>);
  const alone = Object.fromEntries(
    calls.map(([name, call]) => [name, (...args: unknown[]) => answered(call(...args))]),
  );
  return {
    ...store,
    alone: alone as unknown as PorterStatements,
    transaction: (work) => answered(store.transaction(work)),
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
