import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createPool, type Pool, query } from '@banyan/postgres';
import { type Stack, startStack } from '@banyan/stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { drained, findingsOf, NOTHING_WRONG } from './testing/once-in-both.js';
import { type PlacedOrder, placeOrders } from './testing/order-load.js';
import { testWorld } from './testing/test-world.js';
import { APPS, type AppName, type World } from './world.js';

// A stack of its own: here its parts are stopped.
let stack: Stack;
let world: World;
let admin: Pool;
const placed: PlacedOrder[] = [];

beforeAll(async () => {
  stack = await startStack({ ephemeral: true, own: true });
  world = await testWorld('ready', { stack });
  admin = createPool({ url: world.databaseUrls.admin, applicationName: 'ready-spec', max: 2 });
}, 300_000);

afterAll(async () => {
  await admin?.end();
  await world?.stop();
  await stack?.stop();
}, 60_000);

const addressOf = (app: AppName): string =>
  app === 'legacy-api-proxy' ? (world.cliEnv.PROXY_ADMIN_URL ?? '') : world.urls[app];

interface Health {
  readonly status: number;
  readonly reasons: string;
}

async function health(app: AppName, kind: 'live' | 'ready'): Promise<Health> {
  const answer = await request(`${addressOf(app)}/health/${kind}`);
  const { checks } = (await answer.body.json()) as { readonly checks: readonly { reason?: string }[] };
  return { status: answer.statusCode, reasons: checks.map(({ reason }) => reason ?? '').join(' ') };
}

/** Asks until it is so, and throws with what it is. @param timeoutMs by default what P12 promises */
async function until(app: AppName, kind: 'live' | 'ready', status: number, timeoutMs = 30_000): Promise<Health> {
  for (const end = performance.now() + timeoutMs; ; ) {
    const is = await health(app, kind);
    if (is.status === status) return is;
    if (performance.now() > end) throw new Error(`${app} is ${kind} ${is.status} after ${timeoutMs} ms: ${is.reasons}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const load = async (name: string, count: number, onAcknowledged?: (acknowledged: number) => void): Promise<void> => {
  const options = { newApiUrl: world.urls['new-api'], name, count, concurrency: 4, timeoutMs: 180_000 };
  placed.push(...(await placeOrders(onAcknowledged === undefined ? options : { ...options, onAcknowledged })));
};

describe('the metrics of the apps', () => {
  it('are those of the reference page, each in its app and of its type, and no others', async () => {
    const page = readFileSync(new URL('../../docs/reference/metrics.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `(banyan_\w+)` \| (\w+)[^|]* \| ([\w-]+) \|/gm)];
    expect(rows.length).toBeGreaterThan(10);
    for (const app of APPS) {
      const answer = await request(`${addressOf(app)}/metrics`);
      const told = [...(await answer.body.text()).matchAll(/^# TYPE (banyan_\w+) (\w+)$/gm)];
      const described = rows.filter(([, , , of]) => of === app || of === 'all');
      expect({ app, metrics: told.map(([, name, type]) => `${name} ${type}`).sort() }).toEqual({
        app,
        metrics: described.map(([, name, type]) => `${name} ${type}`).sort(),
      });
    }
  });
});

describe('a start that fails', () => {
  const broken = {
    PORT: 'x',
    LOG_LEVEL: 'loud',
    TRANSFORMERS: 'order,invoice',
    KAFKA_BROKERS: ' , ',
    V2_DATABASE_URL: 'mysql://v2:hunter2@db/v2',
    API_DATABASE_URL: 'mysql://v2:hunter2@db/v2',
    PORTER_DATABASE_URL: 'mysql://v2:hunter2@db/v2',
    LEGACY_URL: 'ftp://me:hunter2@legacy',
  };
  const wrong: Record<AppName, readonly string[]> = {
    'new-api': ['V2_DATABASE_URL', 'API_DATABASE_URL', 'LEGACY_URL'],
    'v2-projector': ['V2_DATABASE_URL'],
    'legacy-porter': ['PORTER_DATABASE_URL', 'LEGACY_URL'],
    'legacy-api-proxy': ['LEGACY_URL'],
  };

  it.each(APPS)('of %s tells everything that is wrong in one line, with no secret in it', async (app) => {
    const { code, output } = await runOnce(app, broken);
    expect(code).toBe(1);
    const lines = output.trim().split('\n');
    expect(lines).toHaveLength(1);
    const { msg, ...line } = JSON.parse(lines[0] ?? '') as { msg: string };
    expect(line).toMatchObject({ code: 'CONFIG_INVALID', level: 60 });
    for (const name of ['PORT', 'LOG_LEVEL', 'TRANSFORMERS', 'KAFKA_BROKERS', 'SCHEMA_REGISTRY_URL', ...wrong[app]]) {
      expect(msg).toContain(`${name}: `);
    }
    expect(output).not.toContain('hunter2');
  });
});

describe('SIGTERM under load', () => {
  it.each(['v2-projector', 'legacy-porter', 'legacy-api-proxy', 'new-api'] as const)(
    '%s ends what it has begun and leaves with 0; nothing is lost or doubled',
    async (app) => {
      let stopped: Promise<number | null> | undefined;
      await load(`term-${app}`, 40, (acknowledged) => {
        if (acknowledged !== 15) return;
        stopped = world
          .app(app)
          .stop()
          .then(async (code) => {
            await world.app(app).start();
            return code;
          });
      });
      expect(await stopped).toBe(0);
      await drained(world, 120_000);
      expect(await findingsOf(world, placed)).toEqual(NOTHING_WRONG);
    },
    240_000,
  );
});

describe('a dead consumer', () => {
  /** Its history is gone: the store says that it has read what is not in the log. */
  const lose = async (schema: 'v2' | 'porter', consumer: string, by: number) =>
    query(admin, `update ${schema}.sink_offset set next_offset = next_offset + $2 where consumer = $1`, [consumer, by]);

  it.each([
    ['v2-projector', 'v2', 'order'],
    ['legacy-porter', 'porter', 'order.backend'],
  ] as const)(
    'in a living %s fails its liveness check within 30 s and ends the process; started anew on a whole history it goes on',
    async (app, schema, consumer) => {
      expect((await health(app, 'live')).status).toBe(200);
      await lose(schema, consumer, 100_000);
      // It finds out with the next records, one in each partition.
      const accepted = Array.from({ length: 60 }, () => placeLater());
      await Promise.all(accepted);
      const dead = await until(app, 'live', 503);
      expect(dead.reasons).toMatch(new RegExp(`${app}\\.${consumer} cannot go on: Partition .*does not continue`));
      expect(await world.app(app).ended()).toBe(1);
      await lose(schema, consumer, -100_000);
      await world.app(app).start();
      await until(app, 'ready', 200, 60_000);
      await drained(world, 120_000);
    },
    180_000,
  );

  async function placeLater(): Promise<void> {
    const answer = await request(`${world.urls['new-api']}/v2/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer: 'respond-async' },
      body: JSON.stringify({ customer: { legacyId: 'ALFKI' }, lines: [{ product: { legacyId: '1' }, quantity: 1 }] }),
    });
    const { id } = (await answer.body.json()) as { readonly id: string };
    expect(answer.statusCode).toBe(202);
    placed.push({ idempotencyKey: id, id, version: 1 });
  }
});

describe('with Kafka away', () => {
  it('for longer than a dead consumer may live, every app lives; consumers are not ready; all heal by themselves', async () => {
    await stack.services.kafka.stop();
    const since = performance.now();
    await Promise.all((['v2-projector', 'legacy-porter'] as const).map((app) => until(app, 'ready', 503)));
    // P12 in reverse: failing fetches are no death, however long.
    while (performance.now() - since < 25_000) {
      for (const app of APPS) expect(await health(app, 'live')).toMatchObject({ status: 200 });
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    // SIGTERM needs nothing that is away.
    const codes = await Promise.all(APPS.map((app) => world.app(app).stop()));
    expect(codes).toEqual(APPS.map(() => 0));
    await Promise.all(APPS.map((app) => world.app(app).start()));
    for (const app of APPS) expect(await health(app, 'live')).toMatchObject({ status: 200 });
    await stack.services.kafka.start();
    await Promise.all(APPS.map((app) => until(app, 'ready', 200, 120_000)));
    await load('healed', 5);
    await drained(world, 120_000);
    expect(await findingsOf(world, placed)).toEqual(NOTHING_WRONG);
  }, 300_000);
});

describe('with PostgreSQL away', () => {
  const OF_THE_DATABASE = ['new-api', 'v2-projector', 'legacy-porter'] as const;

  it('what needs it lives and is not ready, leaves with 0 all the same, and heals', async () => {
    await stack.services.postgres.kill();
    await until('new-api', 'ready', 503);
    await until('legacy-porter', 'ready', 503);
    for (const app of APPS) expect(await health(app, 'live')).toMatchObject({ status: 200 });
    const codes = await Promise.all(OF_THE_DATABASE.map((app) => world.app(app).stop()));
    expect(codes).toEqual(OF_THE_DATABASE.map(() => 0));
    await Promise.all(OF_THE_DATABASE.map((app) => world.app(app).start()));
    for (const app of OF_THE_DATABASE) {
      expect(await health(app, 'ready')).toMatchObject({ status: 503 });
      expect(await health(app, 'live')).toMatchObject({ status: 200 });
    }
    await stack.services.postgres.start();
    await Promise.all(APPS.map((app) => until(app, 'ready', 200, 120_000)));
    await load('healed-again', 5);
    await drained(world, 120_000);
    expect(await findingsOf(world, placed)).toEqual(NOTHING_WRONG);
  }, 300_000);
});

/** An app with this environment alone: how it ended, and all it said. */
async function runOnce(
  app: AppName,
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | null; readonly output: string }> {
  const index = createRequire(import.meta.url).resolve(`@banyan/${app}`);
  const child = spawn(process.execPath, [index.replace(/index\.js$/, 'main.js')], {
    env: { ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}
