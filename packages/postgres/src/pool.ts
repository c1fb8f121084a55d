import pg from 'pg';
import { classify, isConnectionLost } from './errors.js';
import { PreparingClient } from './preparing-client.js';

export interface PoolOptions {
  /** `postgres://user:password@host:port/database` */
  readonly url: string;
  /** Seen in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Most connections at once. Default 10. */
  readonly max?: number;
  /**
   * Most callers that wait for a connection; who comes behind them is refused at once (`POSTGRES_UNAVAILABLE`). For those whose callers
   * give up and come again: without a limit all connections serve those who have gone already, and nobody else. Default: no limit.
   */
  readonly maxWaiting?: number;
  /** The server ends a statement after this, milliseconds. Default 10,000; below 20,000 or liveness would lie. */
  readonly statementTimeoutMs?: number;
  /**
   * Every statement finds its rows by an index, and the server is told to plan so. Without it a plan that was made while a table was small, as all are on
   * the first day, reads the table from end to end until the server looks at it again, a minute later, however many rows there are by then.
   * Default: the server decides. For statements of which the same is not true.
   */
  readonly byIndex?: boolean;
  /** Told about idle connections that broke (a restart of the server); the pool replaces them by itself. */
  readonly onIdleError?: (error: Error) => void;
}

type Pool = pg.Pool;
/** One connection: inside `transaction`, the transaction. */
type Connection = pg.PoolClient;
/** What a statement can be sent through: the pool, or the connection of a transaction. */
type Queryable = Pick<pg.Pool, 'query'> | Pick<pg.PoolClient, 'query'>;

const INT8 = 20;
const DATE = 1082;
const TIMESTAMP = 1114;
const TIMESTAMPTZ = 1184;

/**
 * A pool whose every wait ends below 20 s (connect 5 s, statement 10 s, idle transaction 15 s) and that survives a restart of the
 * server. Values come back as JSON can hold them: bigint as number (throws beyond 2^53), dates as `yyyy-mm-dd`, instants as
 * ISO 8601 UTC.
 */
export function createPool(options: PoolOptions): Pool {
  const config = {
    ...connectionOptions(options),
    max: options.max ?? 10,
    idleTimeoutMillis: 30_000,
    Client: PreparingClient,
    pipeline: true,
  };
  const pool = options.maxWaiting === undefined ? new pg.Pool(config) : new BoundedPool(config, options.maxWaiting);
  // Without this handler a broken idle connection is an 'error' event nobody hears, and Node ends the process.
  pool.on('error', (error) => options.onIdleError?.(error));
  // The same holds for a connection that breaks on its way from one user to the next: the pool has stopped to listen by then, and whoever
  // waits for it has not begun. The next statement on it fails by itself.
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

type OnConnect = Extract<Parameters<pg.Pool['connect']>[0], (...args: never[]) => void>;

class BoundedPool extends pg.Pool {
  readonly #maxWaiting: number;

  constructor(config: pg.PoolConfig, maxWaiting: number) {
    super(config);
    this.#maxWaiting = maxWaiting;
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: OnConnect): void;
  override connect(callback?: OnConnect): Promise<pg.PoolClient> | undefined {
    const refusal =
      this.waitingCount < this.#maxWaiting
        ? undefined
        : new Error(`${this.waitingCount} others wait for a connection already`);
    if (callback === undefined) return refusal === undefined ? super.connect() : Promise.reject(refusal);
    if (refusal === undefined) super.connect(callback);
    else callback(refusal, undefined, () => undefined);
    return undefined;
  }
}

/** What pool and listener share. */
export function connectionOptions(options: PoolOptions): pg.ClientConfig {
  const statementTimeoutMs = options.statementTimeoutMs ?? 10_000;
  return {
    connectionString: options.url,
    application_name: options.applicationName,
    connectionTimeoutMillis: 5_000,
    statement_timeout: statementTimeoutMs,
    // The client gives up a little later than the server, for a server that is gone without a word.
    query_timeout: statementTimeoutMs + 3_000,
    lock_timeout: Math.min(8_000, statementTimeoutMs),
    idle_in_transaction_session_timeout: 15_000,
    keepAlive: true,
    // What is told to avoid whole tables costs so much on paper, where it cannot, that it would be compiled first.
    ...(options.byIndex === true ? { options: '-c enable_seqscan=off -c jit=off' } : {}),
    types: { getTypeParser },
  };
}

const getTypeParser = ((oid: number, format?: 'text' | 'binary') => {
  if (oid === INT8) return integer;
  if (oid === DATE || oid === TIMESTAMP) return asText;
  if (oid === TIMESTAMPTZ) return instant;
  return pg.types.getTypeParser(oid, format as 'text');
}) as typeof pg.types.getTypeParser;

function integer(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`bigint ${text} does not fit a number; select it as text`);
  return value;
}

function asText(text: string): string {
  return text;
}

function instant(text: string): string {
  return new Date(text).toISOString();
}

/**
 * Runs `work` in one transaction: commits when it resolves, rolls back when it throws. Throws what `work` threw, and
 * `POSTGRES_UNAVAILABLE` (retryable) when the server is away. After that error during the commit nobody knows whether it took
 * place: make repeats harmless (a guard, an upsert).
 */
export async function transaction<T>(pool: Pool, work: (tx: Connection) => Promise<T>): Promise<T> {
  let connection: Connection;
  try {
    connection = await pool.connect();
  } catch (error) {
    throw classify(error);
  }
  // A connection that breaks between two statements emits 'error' on the client while it is checked out.
  let broken: Error | undefined;
  const onError = (error: Error): void => {
    broken = error;
  };
  connection.on('error', onError);
  try {
    // Not waited for: it goes with the first statement of the work, which would fail with it.
    connection.query('begin').catch(() => undefined);
    const result = await work(connection);
    const { command } = await connection.query('commit');
    // A statement had failed, and the work went on as if it had not: the server has rolled back, and answers without an error.
    if (command !== 'COMMIT')
      throw new Error('the transaction was rolled back: the failure of a statement was not heeded');
    return result;
  } catch (error) {
    // A connection that is gone, or whose answer never came, is thrown away: the server rolls back when it closes.
    if (broken === undefined && isConnectionLost(error)) broken = error as Error;
    if (broken === undefined) {
      await connection.query('rollback').catch((failed: Error) => {
        broken = failed;
      });
    }
    throw classify(error);
  } finally {
    connection.off('error', onError);
    connection.release(broken);
  }
}

/**
 * Statements of one connection that do not wait for each other's answers: they are sent in this order at once, and carried out in this order. A
 * round trip costs both sides more than a small statement. Settles when all have, so that none of them reaches into what the
 * connection does next; throws what the first one threw that failed, which those behind it only follow.
 */
export async function together<T extends readonly unknown[]>(
  ...statements: {
    [index in keyof T]: Promise<T[index]> | T[index];
  }
): Promise<T> {
  await Promise.allSettled(statements);
  return Promise.all(statements) as Promise<unknown> as Promise<T>;
}

/** One statement outside a transaction; throws `POSTGRES_UNAVAILABLE` (retryable) when the server is away. */
export async function query<R extends pg.QueryResultRow>(
  on: Queryable,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly R[]> {
  try {
    return (await on.query<R>(text, [...values])).rows;
  } catch (error) {
    throw classify(error);
  }
}

/** As `query`, for a statement that answers no rows. @returns how many rows it changed */
export async function execute(on: Queryable, text: string, values: readonly unknown[] = []): Promise<number> {
  try {
    return (await on.query(text, [...values])).rowCount ?? 0;
  } catch (error) {
    throw classify(error);
  }
}

export type { Connection, Pool, Queryable };
