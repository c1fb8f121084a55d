import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { startLegacy } from './start.js';
import { freshDatabase, STACK_START_MS } from './testing/fresh-database.js';
import { runLegacy } from './testing/running-legacy.js';

describe('starting and stopping', () => {
  beforeAll(freshDatabase, STACK_START_MS);

  it('leaves no connection, no port and no hanging request behind', async () => {
    const legacy = await runLegacy();
    await legacy.call('GET', '/api/orders/10248');
    await legacy.setFaults({ hang: 1 });
    const hung = expect(legacy.call('GET', '/api/orders/10248')).rejects.toThrow('fetch failed');
    while ((await legacy.counts())[0]?.received !== 2);
    await legacy.stop();
    await hung;
    await expect(legacy.call('GET', '/api/orders/10248')).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
    expect(await connections(legacy.databaseUrl)).toBe(0);
  });

  it('lets a write that is under way finish', async () => {
    const legacy = await runLegacy();
    await legacy.setFaults({ latencyMs: 200 });
    const write = legacy.call('PUT', '/api/products/1', { ProductName: 'Fig', Discontinued: 0 });
    while ((await legacy.counts()).length === 0);
    await legacy.stop();
    expect((await write).json.ProductName).toBe('Fig');
  });

  it('says so when the database has no tables, or is not there, and leaves nothing open', async () => {
    const databaseUrl = await freshDatabase();
    await expect(startLegacy({ databaseUrl, port: 0, adminPort: 0 })).rejects.toThrow(/run loadNorthwind first/);
    expect(await connections(databaseUrl)).toBe(0);
    await expect(
      startLegacy({ databaseUrl: 'postgres://nobody@127.0.0.1:1/none', port: 0, adminPort: 0 }),
    ).rejects.toThrow(/ECONNREFUSED/);
  });

  it('says so when a port is taken, and leaves the other one free', async () => {
    const first = await runLegacy();
    const { databaseUrl } = first;
    const taken = Number(new URL(first.url).port);
    await expect(startLegacy({ databaseUrl, port: taken, adminPort: 0 })).rejects.toThrow(/EADDRINUSE/);
    await expect(startLegacy({ databaseUrl, port: 0, adminPort: taken })).rejects.toThrow(/EADDRINUSE/);
    await first.stop();
    const second = await startLegacy({ databaseUrl, port: taken, adminPort: 0 });
    await second.stop();
  });

  it('goes on after the database has ended its connections', async () => {
    const legacy = await runLegacy();
    await legacy.call('GET', '/api/orders/10248');
    await legacy.sql(
      "select pg_terminate_backend(pid, 5000) from pg_stat_activity where application_name = 'legacy-northwind' and datname = current_database()",
    );
    const { status } = await legacy.call('GET', '/api/orders/10248');
    expect([200, 500]).toContain(status); // the pool may not have heard of it yet
    expect((await legacy.call('GET', '/api/orders/10248')).status).toBe(200);
    await legacy.stop();
  });
});

describe('the process', () => {
  let child: ChildProcess | undefined;
  afterEach(() => {
    child?.kill('SIGKILL');
  });

  it('loads an empty database, prints where it listens, keeps the rows, and stops on SIGTERM', async () => {
    const env = { LEGACY_DATABASE_URL: await freshDatabase(), PORT: '0', ADMIN_PORT: '0' };
    const first = start(env);
    expect(await first.line()).toEqual({ msg: 'loaded the Northwind rows' });
    const { msg, url, adminUrl } = await first.line();
    expect(msg).toBe('listening');
    expect((await fetch(`${url}/api/orders/10248`, { method: 'DELETE' })).status).toBe(204);
    expect((await fetch(`${adminUrl}/requests`)).status).toBe(200);
    expect(await first.terminate()).toBe(0);

    const second = start(env);
    const again = await second.line();
    expect(again.msg).toBe('listening');
    expect((await fetch(`${again.url}/api/orders/10248`)).status).toBe(404);
    expect(await second.terminate()).toBe(0);
  });

  it('does not start without its environment, and says what is missing', async () => {
    const failed = start({});
    expect(await failed.line()).toEqual({
      msg: 'cannot start',
      error: expect.stringContaining('LEGACY_DATABASE_URL: must be a postgres:// URL'),
    });
    expect(await failed.exited).toBe(1);
  });

  function start(env: Record<string, string>) {
    const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
    const started = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'inherit'] });
    child = started;
    const lines = createInterface({ input: started.stdout })[Symbol.asyncIterator]();
    const exited = once(started, 'exit').then(([code]) => code as number | null);
    return {
      exited,
      line: async (): Promise<Record<string, unknown>> => JSON.parse((await lines.next()).value ?? 'null'),
      terminate: () => {
        started.kill('SIGTERM');
        return exited;
      },
    };
  }
});

async function connections(databaseUrl: string): Promise<number | undefined> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    // A backend leaves the list a moment after its connection is closed.
    for (let attempt = 0; ; attempt += 1) {
      const { rows } = await client.query<{ n: number }>(
        `select count(*)::int as n from pg_stat_activity
          where application_name like 'legacy-northwind%' and datname = current_database()`,
      );
      if (rows[0]?.n === 0 || attempt === 1_000) return rows[0]?.n;
      await client.query('select pg_sleep(0.02)');
    }
  } finally {
    await client.end();
  }
}
