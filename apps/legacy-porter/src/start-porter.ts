import { createCodec, topicName } from '@banyan/contracts';
import { EventHandled } from '@banyan/contracts/events/banyan.receipt.v1';
import { CONTROL_TYPES, createControl, MAX_SENDS } from '@banyan/control';
import { newId, systemClock } from '@banyan/core';
import { createKafkaEventLog, toldTo } from '@banyan/kafka';
import { createHttpReader, createLegacyApi, createSender, type LegacyApi } from '@banyan/legacy';
import { entities as migrated } from '@banyan/migration';
import { type Connection, createPool, type Pool } from '@banyan/postgres';
import { type Log, logger, type RunningApp, runApp } from '@banyan/service';
import { createPostgresSinkStore, createSink, type Decoder } from '@banyan/sink';
import { type AnyEntity, findEntity, topicOf } from '@banyan/transformer';
import type { DynamicModule } from '@nestjs/common';
import type { PorterConfig } from './config.js';
import { Actions } from './intake/actions.js';
import { intake } from './intake/intake.js';
import { INSTANCE, InternalController, OPERATIONS } from './internal/internal.controller.js';
import { Operations } from './internal/operations.js';
import { Porter } from './porter.js';
import type { PorterConsumer } from './porter-consumer.js';
import {
  measureBacklog,
  measureBooks,
  measureLag,
  measureSends,
  type PorterMetrics,
  porterMetrics,
} from './porter-metrics.js';
import { PORTER_SCHEMA } from './store/porter-migrations.js';
import type { PorterStore } from './store/porter-store.js';
import { createPostgresPorterStore } from './store/postgres/postgres-porter-store.js';

export interface RunningPorter extends RunningApp {
  readonly porter: Porter;
}

interface Assembled {
  readonly porter: Porter;
  readonly operations: Operations;
}

const NAME = 'legacy-porter';
const OPEN_REQUESTS_MS = 500;

/**
 * Serves at once, takes in and sends as soon as PostgreSQL, Kafka and legacy answer. Throws `TRANSFORMER_ENTITY_UNKNOWN` when
 * `TRANSFORMERS` names an entity that is not being migrated.
 */
export async function startPorter(
  config: PorterConfig,
  known: readonly AnyEntity[] = migrated,
): Promise<RunningPorter> {
  const run = config.TRANSFORMERS?.map((name) => findEntity(known, name)) ?? known;
  const assembled = assemble(config, run, known);
  const { porter } = assembled;
  porter.start();
  try {
    const shell = await runApp({
      name: NAME,
      module: porterModule(config, assembled),
      config,
      health: [porter.health],
      openRequestsMs: OPEN_REQUESTS_MS,
    });
    return { ...shell, porter };
  } catch (error) {
    await porter.stop();
    throw error;
  }
}

function assemble(config: PorterConfig, run: readonly AnyEntity[], known: readonly AnyEntity[]): Assembled {
  const log = logger(NAME);
  const poolOf = (max: number): Pool =>
    createPool({
      url: config.PORTER_DATABASE_URL,
      applicationName: config.INSTANCE_NAME,
      max,
      onIdleError: (error) => log.warn({ code: 'POSTGRES_UNAVAILABLE' }, `an idle connection broke: ${error.message}`),
    });
  const pool = poolOf(config.PORTER_POOL_MAX);
  const store = createPostgresPorterStore(pool);
  const codec = createCodec({
    registryUrl: config.SCHEMA_REGISTRY_URL,
    types: [...run.flatMap((entity) => entity.events), EventHandled, ...CONTROL_TYPES],
  });
  const metrics = porterMetrics();
  // Opened as they are needed: how many are in flight the control log may change at any time.
  const api = createLegacyApi({ baseUrl: config.LEGACY_URL, connections: MAX_SENDS });
  const consumers = run.flatMap((entity) =>
    consumersOf({ config, pool, store, codec, api, log, metrics, known }, entity),
  );
  const eventLog = createKafkaEventLog({
    brokers: config.KAFKA_BROKERS,
    clientId: config.INSTANCE_NAME,
    ...toldTo(log),
  });
  const porter = new Porter({
    name: config.INSTANCE_NAME,
    prefix: config.TOPIC_PREFIX,
    concurrency: config.PORTER_CONCURRENCY,
    pool,
    store,
    leasePool: poolOf(1),
    log: eventLog,
    codec,
    api,
    control: createControl({
      log: eventLog,
      codec,
      topicPrefix: config.TOPIC_PREFIX,
      instance: config.INSTANCE_NAME,
      newId,
      clock: systemClock,
    }),
    consumers,
    clock: systemClock,
    logger: log,
    metrics,
  });
  const names = consumers.map(({ name }) => name);
  measureLag((name) => porter.running(name), names);
  measureSends(porter, names);
  measureBooks((name) => porter.tallies(name), names);
  measureBacklog((name) => porter.backlog(name), names);
  return { porter, operations: new Operations({ porter, consumers, known, logger: log }) };
}

interface ConsumerContext {
  readonly config: PorterConfig;
  readonly pool: Pool;
  readonly store: PorterStore<Connection>;
  readonly codec: Decoder;
  readonly api: LegacyApi;
  readonly log: Log;
  readonly metrics: PorterMetrics;
  readonly known: readonly AnyEntity[];
}

/** A group per port, so that each scales, pauses and fails by itself. */
function consumersOf(
  { config, pool, store, codec, api, log, metrics, known }: ConsumerContext,
  entity: AnyEntity,
): readonly PorterConsumer[] {
  return entity.legacy.ports.map((definition) => {
    const consumer = `${entity.name}.${definition.name}`;
    const actions = new Actions();
    const apply = intake({
      store,
      entity,
      port: definition.name,
      writer: config.INSTANCE_NAME,
      nowMs: () => systemClock.now(),
      onEcho: (why) => {
        metrics.echoSeen(consumer);
        log.error({ code: why.code, consumer, ...why.data }, why.message);
      },
      onSends: (ids) => metrics.sendsSeen(consumer, { all: ids.length, first: actions.firstOf(ids) }),
      onBypass: (seen) => {
        metrics.bypassSeen(consumer);
        log.warn(
          { code: 'PORTER_BYPASS', consumer, ...seen },
          `somebody wrote legacy behind Banyan's back: an import of ${seen.entity} ${seen.key} read row ${seen.legacyId} as it never was by V2; it changes nothing in V2`,
        );
      },
      onLinkTaken: ({ key, legacyId, heldBy }) =>
        log.error(
          { code: 'PORTER_LINK_TAKEN', consumer, key, legacyId, heldBy },
          `the import of ${key} names legacy row ${legacyId}, which is linked to ${heldBy}; one of the two is wrong`,
        ),
    });
    return {
      name: consumer,
      topic: topicName(config.TOPIC_PREFIX, topicOf(entity)),
      group: `${config.TOPIC_PREFIX}${NAME}.${consumer}`,
      sink: createSink({
        store: createPostgresSinkStore({ pool, schema: PORTER_SCHEMA, consumer }),
        entity,
        codec,
        apply,
      }),
      port: {
        consumer,
        entity,
        definition,
        portOf: (other) => portForLinks(findEntity(known, other), definition.name),
        sender: createSender(entity.legacy, definition.target, createHttpReader(entity.legacy, api), api),
      },
    };
  });
}

/** Links belong to a port; a port to the same backend has the same name, else the primary one's count. */
function portForLinks(entity: AnyEntity, port: string): string {
  const { ports } = entity.legacy;
  const same = ports.find(({ name }) => name === port) ?? ports.find(({ primary }) => primary);
  return same?.name ?? port;
}

function porterModule(config: PorterConfig, { porter, operations }: Assembled): DynamicModule {
  class PorterModule {
    beforeApplicationShutdown(): Promise<void> {
      return porter.drain();
    }
    onApplicationShutdown(): Promise<void> {
      return porter.stop();
    }
  }
  return {
    module: PorterModule,
    controllers: [InternalController],
    providers: [
      { provide: OPERATIONS, useValue: operations },
      { provide: INSTANCE, useValue: config.INSTANCE_NAME },
    ],
  };
}
