import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { registerSchemas } from '@banyan/contracts';
import { createKafkaEventLog } from '@banyan/kafka';
import { MARKER_DDL } from '@banyan/legacy';
import { entities } from '@banyan/migration';
import { OWNERS, provisionDatabase, provisionTopics, type Role } from '@banyan/operations';
import { createPool, inDatabase, query } from '@banyan/postgres';
import type { Stack } from '@banyan/stack';
import { createDatabase, freePorts } from '@banyan/stack/testing';
import { request } from 'undici';
import { ChildApp } from './child-app.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const DUPLICATE_DATABASE = '42P04';
export const APPS = ['new-api', 'v2-projector', 'legacy-porter', 'legacy-api-proxy'] as const;
export type AppName = (typeof APPS)[number];
/** Legacy systems, which are processes as well. */
export type LegacyName = 'legacy-northwind' | 'legacy-billing';

export interface WorldOptions {
  readonly stack: Pick<Stack, 'kafkaBrokers' | 'schemaRegistryUrl' | 'databaseUrl'>;
  /** Tells worlds on one stack apart: topics, groups and databases carry it. */
  readonly name: string;
  /** Fixed ports for people; free ones when left out. */
  readonly ports?: Partial<Record<PortName, number>>;
  /** Folder for one log file per app. */
  readonly logs?: string;
  readonly say?: (line: string) => void;
  /** Extra environment per app, for tests. */
  readonly env?: Partial<Record<AppName | LegacyName, Readonly<Record<string, string>>>>;
  /** Of each of its processes, legacy's too: see `ChildAppOptions`. */
  readonly onEnd?: (app: ChildApp, why: string) => void;
  /** Which apps run; default all. */
  readonly apps?: readonly AppName[];
  /** Whether there is a second legacy system, and a port of orders to it; default: the port is not configured. */
  readonly billing?: boolean;
}

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  /** Its exit code is 1 when it was killed. */
  readonly result: Promise<CliResult>;
  /** kill -9. */
  kill(): void;
}

/** Everything that runs in production, small: legacy, the four apps as processes, and the CLI. */
export interface World {
  readonly urls: Readonly<Record<AppName | 'legacy' | 'legacy-admin' | 'legacy-billing', string>>;
  /** One per owner (projector, porter, api, operator), and legacy's own. */
  readonly databaseUrls: Readonly<Record<Role | 'legacy' | 'admin', string>> & { readonly billing?: string };
  readonly topicPrefix: string;
  readonly cliEnv: Readonly<Record<string, string>>;
  app(name: AppName | LegacyName): ChildApp;
  /** One more process of this app, not started and not stopped with the world, with these variables on top. */
  another(name: AppName, env: Readonly<Record<string, string>>): ChildApp;
  /** Runs `banyan` with these words. */
  banyan(...args: string[]): Promise<CliResult>;
  /** The same, for who wants to kill it on its way, or to be somebody else. */
  startBanyan(args: readonly string[], env?: Readonly<Record<string, string>>): RunningCli;
  stop(): Promise<void>;
}

/** Starts a world on a stack that runs. Repeatable: what is there already is kept. */
export async function startWorld(options: WorldOptions): Promise<World> {
  const say = options.say ?? (() => undefined);
  const { stack, name } = options;
  const topicPrefix = `${name}.`;
  const database = name.replace(/[^a-z0-9]/g, '_');
  const [adminUrl, legacyDatabaseUrl, billingUrl] = await Promise.all([
    ensureDatabase(stack.databaseUrl, `${database}_v2`),
    ensureDatabase(stack.databaseUrl, `${database}_legacy`),
    options.billing === true ? billingDatabase(stack.databaseUrl, `${database}_billing`) : undefined,
  ]);
  const passwords = rolePasswords(adminUrl);
  const databaseUrls = {
    ...ownerUrls(adminUrl, passwords),
    legacy: legacyDatabaseUrl,
    admin: adminUrl,
    ...(billingUrl === undefined ? {} : { billing: billingUrl }),
  };

  say('schemas, topics, roles');
  const log = createKafkaEventLog({ brokers: stack.kafkaBrokers.split(','), clientId: 'banyan-provision' });
  try {
    await Promise.all([
      registerSchemas({ registryUrl: stack.schemaRegistryUrl }),
      provisionDatabase(adminUrl, passwords),
      provisionTopics(log, topicPrefix, entities),
    ]);
  } finally {
    await log.close();
  }

  const ports = await choosePorts(options.ports ?? {});
  const at = (port: PortName) => `http://127.0.0.1:${ports[port]}`;
  const urls: World['urls'] = {
    legacy: at('legacy'),
    'legacy-admin': at('legacy-admin'),
    'legacy-billing': at('legacy-billing'),
    'new-api': at('new-api'),
    'v2-projector': at('v2-projector'),
    'legacy-porter': at('legacy-porter'),
    'legacy-api-proxy': at('legacy-api-proxy'),
  };
  const shared = {
    KAFKA_BROKERS: stack.kafkaBrokers,
    SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
    TOPIC_PREFIX: topicPrefix,
    LEGACY_URL: urls.legacy,
    PORTER_URL: urls['legacy-porter'],
    HOST: '127.0.0.1',
  };
  const cliEnv = {
    ...shared,
    V2_DATABASE_URL: databaseUrls.banyan_operator,
    BANYAN_DATABASE_URL: databaseUrls.banyan_operator,
    LEGACY_DATABASE_URL: legacyDatabaseUrl,
    PROJECTOR_URL: urls['v2-projector'],
    NEW_API_URL: urls['new-api'],
    PROXY_ADMIN_URL: at('proxy-admin'),
  };
  const own = environments(ports, databaseUrls);
  const childOf = (app: AppName | LegacyName, more: Environment = {}) => {
    const isLegacy = app === 'legacy-northwind' || app === 'legacy-billing';
    return new ChildApp({
      name: app,
      main: join(ROOT, isLegacy ? 'examples' : 'apps', app, 'dist/main.js'),
      env: { ...(isLegacy ? {} : shared), ...own[app], ...options.env?.[app], ...more },
      ...(options.logs === undefined ? {} : { onLine: lineWriter(options.logs, app) }),
      ...(options.onEnd === undefined ? {} : { onEnd: options.onEnd }),
    });
  };
  const legacies = ['legacy-northwind', ...(billingUrl === undefined ? [] : (['legacy-billing'] as const))] as const;
  const apps = [...legacies, ...(options.apps ?? APPS)] as const;
  const children = new Map<string, ChildApp>(apps.map((app) => [app, childOf(app)]));
  const stop = async () => {
    await Promise.all([...children.values()].map((child) => child.stop()));
  };
  try {
    say(`starting ${[...children.keys()].join(', ')}`);
    await Promise.all([...children.values()].map((child) => child.start()));
    await Promise.all(
      (options.apps ?? APPS).map((app) => ready(app, app === 'legacy-api-proxy' ? cliEnv.PROXY_ADMIN_URL : urls[app])),
    );
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    urls,
    databaseUrls,
    topicPrefix,
    cliEnv,
    app: (wanted) => {
      const child = children.get(wanted);
      if (!child) throw new Error(`${wanted} is not part of this world`);
      return child;
    },
    another: childOf,
    banyan: (...args) => startCli(args, cliEnv).result,
    startBanyan: (args, more) => startCli(args, { ...cliEnv, ...more }),
    stop,
  };
}

type Environment = Readonly<Record<string, string>>;

/** What each process gets besides what all share. */
function environments(
  ports: Record<PortName, number>,
  databaseUrls: World['databaseUrls'],
): Record<AppName | LegacyName, Environment> {
  const { banyan_api, banyan_porter, banyan_projector, billing } = databaseUrls;
  const port = (name: PortName) => String(ports[name]);
  return {
    'legacy-northwind': {
      LEGACY_DATABASE_URL: databaseUrls.legacy,
      PORT: port('legacy'),
      ADMIN_PORT: port('legacy-admin'),
    },
    'legacy-billing': { BILLING_DATABASE_URL: billing ?? '', PORT: port('legacy-billing') },
    'v2-projector': { V2_DATABASE_URL: banyan_projector, PORT: port('v2-projector') },
    'legacy-porter': {
      PORTER_DATABASE_URL: banyan_porter,
      PORT: port('legacy-porter'),
      ...(billing === undefined ? {} : { LEGACY_BILLING_DATABASE_URL: billing }),
    },
    'new-api': { V2_DATABASE_URL: banyan_api, API_DATABASE_URL: banyan_api, PORT: port('new-api') },
    'legacy-api-proxy': {
      PORT: port('legacy-api-proxy'),
      ADMIN_PORT: port('proxy-admin'),
      NEW_API_URL: `http://127.0.0.1:${ports['new-api']}`,
    },
  };
}

/** `npm run dev` finds its databases of the last time. */
async function ensureDatabase(databaseUrl: string, name: string): Promise<string> {
  try {
    return await createDatabase(databaseUrl, name);
  } catch (error) {
    if ((error as { code?: unknown }).code !== DUPLICATE_DATABASE) throw error;
    return inDatabase(databaseUrl, name);
  }
}

/** Its owners have opted in: the marker table is there before anything is sent. */
async function billingDatabase(databaseUrl: string, name: string): Promise<string> {
  const url = await ensureDatabase(databaseUrl, name);
  const pool = createPool({ url, applicationName: 'billing-owner', max: 1 });
  await query(pool, MARKER_DDL).finally(() => pool.end());
  return url;
}

/**
 * Roles belong to the server, so every world on one server has to give them the same password; it is derived from the
 * administrator's address, which whoever reads it here knows anyway.
 */
function rolePasswords(adminUrl: string): Record<Role, string> {
  const server = new URL(adminUrl);
  const secret = `${server.host} ${server.username} ${server.password}`;
  const of = (role: Role) => createHash('sha256').update(`${secret} ${role}`).digest('hex').slice(0, 24);
  return Object.fromEntries(OWNERS.map(({ role }) => [role, of(role)])) as Record<Role, string>;
}

function ownerUrls(adminUrl: string, passwords: Record<Role, string>): Record<Role, string> {
  const urls = OWNERS.map(({ role }) => {
    const url = new URL(adminUrl);
    url.username = role;
    url.password = passwords[role];
    return [role, url.href];
  });
  return Object.fromEntries(urls) as Record<Role, string>;
}

/** Waits until the app says that it can do its work: Kafka joined, schemas migrated. */
async function ready(app: string, url: string, timeoutMs = 60_000): Promise<void> {
  const end = performance.now() + timeoutMs;
  for (let last = ''; ; ) {
    const answer = await request(`${url}/health/ready`);
    last = await answer.body.text();
    if (answer.statusCode === 200) return;
    if (performance.now() > end) throw new Error(`${app} is not ready after ${timeoutMs} ms: ${last}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

type PortName = AppName | 'legacy' | 'legacy-admin' | 'legacy-billing' | 'proxy-admin';

async function choosePorts(fixed: Partial<Record<PortName, number>>): Promise<Record<PortName, number>> {
  const names: PortName[] = [...APPS, 'legacy', 'legacy-admin', 'legacy-billing', 'proxy-admin'];
  const free = await freePorts(names.length);
  return Object.fromEntries(names.map((one, index) => [one, fixed[one] ?? free[index] ?? 0])) as Record<
    PortName,
    number
  >;
}

function lineWriter(folder: string, app: string): (line: string) => void {
  mkdirSync(folder, { recursive: true });
  const file = createWriteStream(join(folder, `${app}.log`), { flags: 'a' });
  return (line) => file.write(`${line}\n`);
}

function startCli(args: readonly string[], env: Readonly<Record<string, string>>): RunningCli {
  const child = spawn(process.execPath, [join(ROOT, 'apps/cli/dist/main.js'), ...args], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk;
  });
  const result = new Promise<CliResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code: code ?? 1, stdout, stderr }));
  });
  return { result, kill: () => void child.kill('SIGKILL') };
}
