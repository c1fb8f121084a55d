import { Client } from 'pg';
import { type FaultSettings, type LegacyOptions, loadNorthwind, startLegacy } from '../index.js';
import type { RequestCount } from '../request-book.js';
import { freshDatabase } from './fresh-database.js';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what the tests are about
  readonly json: any;
}

export interface RunningLegacy {
  readonly url: string;
  readonly databaseUrl: string;
  call(method: string, path: string, body?: unknown, init?: RequestInit): Promise<Answer>;
  setFaults(faults: FaultSettings): Promise<void>;
  /** Puts rows, faults and counts back. */
  reset(): Promise<void>;
  counts(): Promise<readonly RequestCount[]>;
  admin(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Straight into the database, behind the API's back. */
  sql<R = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<R[]>;
  stop(): Promise<void>;
}

/** The system on a database of its own, all Northwind rows loaded. */
export async function runLegacy(options: Partial<LegacyOptions> = {}): Promise<RunningLegacy> {
  const databaseUrl = await freshDatabase();
  await loadNorthwind(databaseUrl);
  // The limit is another test's: it must not end what a busy machine takes long for.
  const legacy = await startLegacy({ databaseUrl, port: 0, adminPort: 0, requestLimitMs: 30_000, ...options });
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();

  const admin = (method: string, path: string, body?: unknown) => send(legacy.adminUrl, method, path, body);
  const expectOk = async (answer: Promise<Answer>) => {
    const { status, text } = await answer;
    if (status >= 300) throw new Error(`the admin port answered ${status}: ${text}`);
  };
  return {
    url: legacy.url,
    databaseUrl,
    call: (method, path, body, init) => send(legacy.url, method, path, body, init),
    setFaults: (faults) => expectOk(admin('POST', '/faults', faults)),
    reset: () => expectOk(admin('POST', '/reset')),
    counts: async () => (await admin('GET', '/requests')).json.requests,
    admin,
    sql: async <R>(text: string, values: readonly unknown[] = []) =>
      (await client.query(text, [...values])).rows as R[],
    stop: async () => {
      await legacy.stop();
      await client.end();
    },
  };
}

async function send(
  url: string,
  method: string,
  path: string,
  body?: unknown,
  init: RequestInit = {},
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method,
    ...(body === undefined
      ? {}
      : {
          headers: { 'content-type': 'application/json' },
          body: typeof body === 'string' ? body : JSON.stringify(body),
        }),
    ...init,
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : undefined };
}
