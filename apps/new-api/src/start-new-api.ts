import { createCodec } from '@banyan/contracts';
import { CONTROL_TYPES, type Control, createControl } from '@banyan/control';
import { newId, systemClock } from '@banyan/core';
import { createPorterClient, followProjection, type PorterApi } from '@banyan/importing';
import { createKafkaEventLog } from '@banyan/kafka';
import { createHttpReader, createLegacyApi } from '@banyan/legacy';
import { entities as migrated } from '@banyan/migration';
import { createPool, migrate, type Pool } from '@banyan/postgres';
import { createGauge, type HealthCheck, type Log, logger, type RunningApp, runApp } from '@banyan/service';
import { type AnyEntity, findEntity } from '@banyan/transformer';
import type { DynamicModule } from '@nestjs/common';
import { SwaggerModule } from '@nestjs/swagger';
import { type Adoption, createAdoption } from './adoption/adoption.js';
import { knownByLegacyId } from './adoption/known.js';
import { Until } from './background.js';
import type { NewApiConfig } from './config.js';
import { type ApiTools, routesOf } from './http/api-routes.js';
import { entityController } from './http/entity.controller.js';
import { openApiOf } from './http/openapi.js';
import { creationsController } from './idempotency/creations.controller.js';
import { IdempotencyStore } from './idempotency/idempotency-store.js';
import { API_SCHEMA, apiMigrations } from './idempotency/migrations.js';
import { legacyViewController } from './legacy-view/legacy-view.controller.js';
import { LogWriter } from './log/log-writer.js';
import { createPorterSends } from './ported/porter-sends.js';
import { V2Store } from './store/v2-store.js';

const NAME = 'new-api';
const FORGET_EVERY_MS = 3_600_000;

/**
 * Serves reads at once, and writes as soon as Kafka, the registry and the projector's store answer; until then those are 503. Throws
 * `TRANSFORMER_ENTITY_UNKNOWN` when `TRANSFORMERS` names an entity that is not being migrated.
 */
export async function startNewApi(config: NewApiConfig, known: readonly AnyEntity[] = migrated): Promise<RunningApp> {
  const served = config.TRANSFORMERS?.map((name) => findEntity(known, name)) ?? known;
  const log = logger(NAME);
  const parts = assemble(config, known, log);
  const waits = [
    new Until('log', () => parts.writer.prepare(), log),
    new Until('idempotency keys', async () => void (await migrate(parts.apiPool, API_SCHEMA, apiMigrations)), log),
    new Until('v2 store', () => parts.store.requirePrepared(known.map((entity) => entity.name)), log),
  ];
  for (const wait of waits) wait.start();
  void parts.control.follow();
  const forgetting = setInterval(() => {
    parts.tools.idempotency
      .forgetOld()
      .catch((error: unknown) => log.warn({ err: error }, 'old idempotency keys stay'));
  }, FORGET_EVERY_MS);
  forgetting.unref();
  const stop = async (): Promise<void> => {
    clearInterval(forgetting);
    await Promise.all(waits.map((wait) => wait.stop()));
    await parts.close();
  };
  const byEntity = served.map((entity) => ({ entity, routes: routesOf(parts.tools, entity) }));
  const writes: HealthCheck = {
    name: 'writes',
    ready: () => {
      const away = parts.writer.away();
      return away === undefined ? { ok: true } : { ok: false, reason: away };
    },
  };
  const announced: HealthCheck = {
    name: 'control log',
    ready: () =>
      parts.control.caughtUp()
        ? { ok: true }
        : { ok: false, reason: parts.control.lastError()?.message ?? 'not read yet' },
  };
  try {
    return await runApp({
      name: NAME,
      module: apiModule(
        [
          ...byEntity.map(({ entity, routes }) => entityController(entity.name, routes)),
          legacyViewController(parts.tools),
          creationsController(parts.tools.idempotency),
        ],
        stop,
      ),
      config,
      health: [...waits, writes, announced],
      configure: (app) => {
        const document = openApiOf(byEntity.flatMap(({ routes }) => routes));
        SwaggerModule.setup('docs', app, document, { jsonDocumentUrl: 'docs-json' });
      },
    });
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Parts {
  readonly tools: ApiTools;
  readonly store: V2Store;
  readonly writer: LogWriter;
  readonly control: Control;
  readonly apiPool: Pool;
  close(): Promise<void>;
}

function assemble(config: NewApiConfig, known: readonly AnyEntity[], log: Log): Parts {
  const pool = (url: string) =>
    createPool({
      url,
      applicationName: config.INSTANCE_NAME,
      onIdleError: (error) => log.warn({ code: 'POSTGRES_UNAVAILABLE' }, `an idle connection broke: ${error.message}`),
    });
  const v2Pool = pool(config.V2_DATABASE_URL);
  const apiPool = pool(config.API_DATABASE_URL);
  const eventLog = createKafkaEventLog({ brokers: config.KAFKA_BROKERS, clientId: config.INSTANCE_NAME });
  const types = [...known.flatMap((entity) => entity.events), ...CONTROL_TYPES];
  const codec = createCodec({ registryUrl: config.SCHEMA_REGISTRY_URL, types });
  const control = createControl({
    log: eventLog,
    codec,
    topicPrefix: config.TOPIC_PREFIX,
    instance: config.INSTANCE_NAME,
    newId,
    clock: systemClock,
  });
  const writer = new LogWriter(eventLog, codec, config.TOPIC_PREFIX, known);
  measure(writer);
  const store = new V2Store(v2Pool);
  const progress = followProjection({
    pool: v2Pool,
    url: config.V2_DATABASE_URL,
    applicationName: config.INSTANCE_NAME,
  });
  const shared = {
    source: `${NAME}/${config.INSTANCE_NAME}`,
    newId,
    clock: systemClock,
    appendDeadlineMs: config.APPEND_DEADLINE_MS,
    outcomeDeadlineMs: config.OUTCOME_DEADLINE_MS,
    entities: known,
    log: writer,
    progress,
  };
  const legacy = legacyOf(config);
  const adoption: Adoption | undefined =
    legacy &&
    createAdoption({
      ...shared,
      topicPrefix: config.TOPIC_PREFIX,
      pool: v2Pool,
      porter: legacy.porter,
      readerOf: legacy.readerOf,
      known: (entity, legacyIds) => knownByLegacyId(store, entity, legacyIds),
    });
  return {
    tools: {
      ...shared,
      store,
      adoption,
      porter: legacy?.porter,
      control,
      sends: config.PORTER_URL === undefined ? undefined : createPorterSends(config.PORTER_URL),
      portedDeadlineMs: config.PORTED_DEADLINE_MS,
      idempotency: new IdempotencyStore(apiPool, newId),
      logger: log,
    },
    store,
    writer,
    control,
    apiPool,
    close: () =>
      closeAll(log, [
        () => control.close(),
        () => eventLog.close(),
        () => progress.close(),
        async () => legacy?.close(),
        () => v2Pool.end(),
        () => apiPool.end(),
      ]),
  };
}

interface Legacy {
  readonly porter: PorterApi;
  readonly readerOf: (entity: AnyEntity) => ReturnType<typeof createHttpReader>;
  close(): Promise<void>;
}

/** undefined = there is no legacy to adopt from. */
function legacyOf({ LEGACY_URL, PORTER_URL }: NewApiConfig): Legacy | undefined {
  if (LEGACY_URL === undefined || PORTER_URL === undefined) return undefined;
  const api = createLegacyApi({ baseUrl: LEGACY_URL });
  return {
    porter: createPorterClient({ url: PORTER_URL }),
    readerOf: (entity) => createHttpReader(entity.legacy, api),
    close: () => api.close(),
  };
}

/** In order: the log first, so that what was taken is sent while everything else still stands. */
async function closeAll(log: Log, closers: readonly (() => Promise<unknown>)[]): Promise<void> {
  for (const close of closers) {
    await close().catch((error: unknown) => log.warn({ err: error }, 'closing a connection failed'));
  }
}

function measure(writer: LogWriter): void {
  createGauge({
    name: 'banyan_api_oldest_unacknowledged_seconds',
    help: 'Age of the oldest record that Kafka has not acknowledged yet.',
    collect: (gauge) => gauge.set(writer.oldestUnacknowledgedMs() / 1000),
  });
}

function apiModule(controllers: DynamicModule['controllers'], stop: () => Promise<void>): DynamicModule {
  class NewApiModule {
    onApplicationShutdown(): Promise<void> {
      return stop();
    }
  }
  return { module: NewApiModule, controllers: controllers ?? [] };
}
