import { DatabaseError, Pool, type PoolClient } from 'pg';
import { type Deadline, tookTooLong } from './deadline.js';

const STATEMENT_TIMEOUT = '57014';

export interface Transaction {
  /** One statement, its rows. Throws when the request's time is up. */
  query<R>(sql: string, parameters?: readonly unknown[]): Promise<R[]>;
}

/** `limitMs` bounds the wait for a connection and every statement outside a transaction. */
export function openPool(databaseUrl: string, limitMs: number): Pool {
  const pool = new Pool({
    connectionString: databaseUrl,
    application_name: 'legacy-northwind',
    max: 10,
    connectionTimeoutMillis: limitMs,
    statement_timeout: limitMs,
  });
  // Without a listener an idle connection that breaks (a database restart) would end the process.
  pool.on('error', () => {});
  return pool;
}

/**
 * All or nothing, within the request's time. The limit is looked at before each statement and right before the commit, so a
 * request that was ended is rolled back, unless its commit was already sent. A statement that waits for a lock is ended by
 * the database, at the latest after what was left of the request's time when the transaction began.
 */
export async function transaction<T>(
  pool: Pool,
  deadline: Deadline,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  // The pool's listener hears idle connections only: one that breaks in use would end the process as well.
  const onError = () => {
    broken = true;
  };
  client.on('error', onError);
  try {
    await client.query(`begin; set local statement_timeout = ${deadline.remainingMs()}`);
    const result = await work(bounded(client, deadline));
    deadline.remainingMs();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch(() => {
      broken = true;
    });
    throw error instanceof DatabaseError && error.code === STATEMENT_TIMEOUT ? tookTooLong(deadline.limitMs) : error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

function bounded(client: PoolClient, deadline: Deadline): Transaction {
  return {
    async query<R>(sql: string, parameters: readonly unknown[] = []): Promise<R[]> {
      deadline.remainingMs();
      const { rows } = await client.query(sql, [...parameters]);
      return rows as R[];
    },
  };
}
