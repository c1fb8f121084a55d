import type { Pool } from 'pg';
import { createAdmin } from './admin.js';
import { createApi } from './api.js';
import { openPool } from './database.js';
import { Faults } from './faults.js';
import { Listener } from './listener.js';
import { loadNorthwind } from './load.js';
import { RequestBook } from './request-book.js';

export interface LegacyOptions {
  readonly databaseUrl: string;
  /** 0 = any that is free. */
  readonly port: number;
  readonly adminPort: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
  /** The longest life of a request, milliseconds. Default 2,000; shorter only where a test waits for it. */
  readonly requestLimitMs?: number;
}

export interface Legacy {
  readonly url: string;
  readonly adminUrl: string;
  /** Ends open requests within the request limit and closes ports and database connections. Twice is no harm. */
  stop(): Promise<void>;
}

/**
 * Starts the legacy system on a database that `loadNorthwind` has filled. Throws, leaving nothing open, when the database
 * cannot be reached or has no Northwind tables, or a port is taken.
 */
export async function startLegacy(options: LegacyOptions): Promise<Legacy> {
  const { databaseUrl, port, adminPort, host = '127.0.0.1', requestLimitMs: limitMs = 2000 } = options;
  const pool = openPool(databaseUrl, limitMs);
  const faults = new Faults();
  const book = new RequestBook();
  const listener = new Listener({ host, port });
  const api = await createApi({ pool, faults, book, limitMs }, listener.makeServer);

  const setFaults = async (settings: Parameters<Faults['set']>[0]) => {
    faults.set(settings);
    if (settings.refuse === true) await listener.down();
    else await listener.up();
  };
  const admin = createAdmin({
    faults: () => faults.current(),
    setFaults,
    requests: () => book.all(),
    forgetRequests: () => book.clear(),
    reset: async () => {
      await setFaults({});
      await loadNorthwind(databaseUrl, { reset: true });
      book.clear();
    },
  });

  const stop = async () => {
    await admin.close();
    faults.set({}); // lets go of those that hang
    await listener.down(limitMs);
    await api.close();
    await pool.end();
  };
  try {
    await checkTables(pool);
    await listener.up();
    const adminUrl = await admin.listen({ host, port: adminPort });
    let stopped: Promise<void> | undefined;
    return {
      url: listener.url,
      adminUrl,
      stop: () => {
        stopped ??= stop();
        return stopped;
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function checkTables(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ found: boolean }>("select to_regclass('public.orders') is not null as found");
  if (rows[0]?.found !== true) throw new Error('The database has no Northwind tables: run loadNorthwind first.');
}
