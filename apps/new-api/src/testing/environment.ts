import { registerSchemas, topicSpecs } from '@banyan/contracts';
import { createKafkaEventLog, type EventLog } from '@banyan/kafka';
import { type Legacy, loadNorthwind, startLegacy } from '@banyan/legacy-northwind';
import { entities } from '@banyan/migration';
import { createPool, type Pool } from '@banyan/postgres';
import type { RunningApp } from '@banyan/service';
import {
  createDatabase,
  dropDatabase,
  freePorts,
  randomPrefix,
  type TestStack,
  testStack,
} from '@banyan/stack/testing';
import { topicOf } from '@banyan/transformer';
import { readConfig } from '../config.js';
import { startNewApi } from '../start-new-api.js';
import { type AppProcess, startAppProcess } from './app-process.js';
import { type PorterTwin, startPorterTwin } from './porter-twin.js';

/** Everything new-api talks to, real but for the porter where a test does not start one, for one spec. */
export interface Environment {
  readonly prefix: string;
  readonly stack: TestStack;
  readonly log: EventLog;
  readonly legacy: Legacy;
  readonly porter: PorterTwin;
  /** May be replaced by a test that ends it. */
  projector: AppProcess;
  /** A superuser's, to look into every schema. */
  readonly pool: Pool;
  /** new-api's environment variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** Another start of the projector, on the same database; ended with the rest. */
  startProjector(): Promise<AppProcess>;
  /** A porter of the test's own, on its own database, the same one at each start; ended with the rest. @param port default: any */
  startPorter(port?: string): Promise<AppProcess>;
  /** Another instance of new-api, as a process of its own, that takes writes; ended with the rest. */
  startApi(overrides?: Readonly<Record<string, string>>): Promise<AppProcess>;
  /** Starts new-api in this process and waits until it takes writes. */
  api(overrides?: Readonly<Record<string, string>>): Promise<RunningApp>;
  close(): Promise<void>;
}

/** @param own a stack whose parts the spec stops; default the one that all specs share */
export async function anEnvironment(own?: TestStack): Promise<Environment> {
  const prefix = randomPrefix();
  const stack = own ?? (await testStack());
  const names = [`${prefix}v2`, `${prefix}legacy`];
  const [v2Url, legacyUrl] = await Promise.all(names.map((name) => createDatabase(stack.databaseUrl, name)));
  if (v2Url === undefined || legacyUrl === undefined) throw new Error('no databases');
  const log = createKafkaEventLog({ brokers: stack.kafkaBrokers.split(','), clientId: 'new-api-spec' });
  await Promise.all([
    registerSchemas({ registryUrl: stack.schemaRegistryUrl }),
    log.createTopics(topicSpecs(prefix, entities.map(topicOf))),
    loadNorthwind(legacyUrl),
  ]);
  const legacy = await startLegacy({ databaseUrl: legacyUrl, port: 0, adminPort: 0, requestLimitMs: 30_000 });
  const porter = await startPorterTwin();
  const shared = {
    KAFKA_BROKERS: stack.kafkaBrokers,
    SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
    TOPIC_PREFIX: prefix,
    V2_DATABASE_URL: v2Url,
    PORT: '0',
    LOG_LEVEL: 'warn',
  };
  const projector = await startAppProcess('v2-projector', shared);
  const processes = [projector];
  let porterUrl: string | undefined;
  const variables = {
    ...shared,
    API_DATABASE_URL: v2Url,
    LEGACY_URL: legacy.url,
    PORTER_URL: porter.url,
    // Who is about what is said at a deadline sets a short one: a busy machine must not come to it.
    APPEND_DEADLINE_MS: '60000',
    OUTCOME_DEADLINE_MS: '60000',
  };
  const pool = createPool({ url: v2Url, applicationName: 'new-api-spec', max: 2 });
  return {
    prefix,
    stack,
    log,
    legacy,
    porter,
    projector,
    pool,
    variables,
    startProjector: async () => {
      const started = await startAppProcess('v2-projector', shared);
      processes.push(started);
      return started;
    },
    startPorter: async (port) => {
      porterUrl ??= await createDatabase(stack.databaseUrl, `${prefix}porter`);
      if (!names.includes(`${prefix}porter`)) names.push(`${prefix}porter`);
      const own = {
        PORTER_DATABASE_URL: porterUrl,
        LEGACY_URL: legacy.url,
        INSTANCE_NAME: 'legacy-porter-0',
        // Where it may be started again, nobody else may have come meanwhile.
        PORT: port ?? String((await freePorts(1))[0]),
      };
      const started = await startAppProcess('legacy-porter', { ...shared, ...own });
      processes.push(started);
      await untilReady(started.url);
      return started;
    },
    startApi: async (overrides = {}) => {
      const started = await startAppProcess('new-api', { ...variables, ...overrides });
      processes.push(started);
      await untilReady(started.url);
      return started;
    },
    api: async (overrides = {}) => {
      const app = await startNewApi(readConfig({ ...variables, ...overrides }));
      await untilReady(app.url).catch(async (error: unknown) => {
        await app.close();
        throw error;
      });
      return app;
    },
    close: async () => {
      await Promise.all(processes.map((process) => process.stop()));
      await Promise.all([legacy.stop(), porter.close(), log.close(), pool.end()]);
      for (const name of names) await dropDatabase(stack.databaseUrl, name);
    },
  };
}

/** Readiness is what an operator would wait for, too. */
export async function untilReady(url: string, timeoutMs = 120_000): Promise<void> {
  const until = performance.now() + timeoutMs;
  for (;;) {
    const answer = await fetch(`${url}/health/ready`);
    if (answer.status === 200) return;
    const report = await answer.text();
    if (performance.now() > until) throw new Error(`not ready within ${timeoutMs} ms: ${report}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
