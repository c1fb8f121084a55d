import { createCodec, TOPIC_PARTITIONS, topicName } from '@banyan/contracts';
import { EventHandled } from '@banyan/contracts/events/banyan.receipt.v1';
import { CONTROL_TYPES, createControl, whenLost } from '@banyan/control';
import { newId, systemClock } from '@banyan/core';
import { createKafkaEventLog, partitionFor, toldTo } from '@banyan/kafka';
import { createHttpReader, createSender } from '@banyan/legacy';
import { entities as migrated } from '@banyan/migration';
import { type Connection, createPool, type Pool } from '@banyan/postgres';
import { GiveUp, type Log, logger, type RunningApp, runApp } from '@banyan/service';
import { createPostgresSinkStore, createSink, type Decoder } from '@banyan/sink';
import { type AnyEntity, findEntity, primaryPortOf, topicOf } from '@banyan/transformer';
import type { DynamicModule } from '@nestjs/common';
import { databaseVariable, type PorterConfig } from './config.js';
import { Actions } from './intake/actions.js';
import { type IntakeOptions, intake } from './intake/intake.js';
import { remember } from './intake/remember.js';
import { INSTANCE, InternalController, OPERATIONS } from './internal/internal.controller.js';
import { Operations, type PortNotConfigured } from './internal/operations.js';
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
import { LostPast } from './rebuilding/lost-past.js';
import { porterRepairs } from './repairs/porter-repairs.js';
import type { SendingPort } from './sending/sending-port.js';
import { PORTER_SCHEMA } from './store/porter-migrations.js';
import type { PorterStore } from './store/porter-store.js';
import { createPostgresPorterStore } from './store/postgres/postgres-porter-store.js';
import { measureTargets } from './target-metrics.js';
import { LEGACY, Targets } from './targets.js';

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
  const gaveUp = new GiveUp();
  const assembled = assemble({ config, run, known, gaveUp });
  const { porter } = assembled;
  porter.start();
  try {
    const shell = await runApp({
      name: NAME,
      module: porterModule(config, assembled),
      config,
      health: [porter.health],
      gaveUp,
      openRequestsMs: OPEN_REQUESTS_MS,
    });
    return { ...shell, porter };
  } catch (error) {
    await porter.stop();
    throw error;
  }
}

interface Assembly {
  readonly config: PorterConfig;
  readonly run: readonly AnyEntity[];
  readonly known: readonly AnyEntity[];
  readonly gaveUp: GiveUp;
}

function assemble({ config, run, known, gaveUp }: Assembly): Assembled {
  const log = logger(NAME);
  const poolOf = (max: number): Pool =>
    createPool({
      url: config.PORTER_DATABASE_URL,
      applicationName: config.INSTANCE_NAME,
      max,
      byIndex: true,
      onIdleError: (error) => log.warn({ code: 'POSTGRES_UNAVAILABLE' }, `an idle connection broke: ${error.message}`),
    });
  const pool = poolOf(config.PORTER_POOL_MAX);
  const store = createPostgresPorterStore(pool);
  const codec = createCodec({
    registryUrl: config.SCHEMA_REGISTRY_URL,
    types: [...run.flatMap((entity) => entity.events), EventHandled, ...CONTROL_TYPES],
  });
  const metrics = porterMetrics();
  const targets = new Targets(config, (database, error) =>
    log.warn({ code: 'POSTGRES_UNAVAILABLE', database }, `an idle connection broke: ${error.message}`),
  );
  const lostPast = new LostPast();
  const context = { config, pool, store, codec, targets, log, metrics, known, lostPast };
  const { consumers, notConfigured } = consumersOf(context, run);
  for (const { consumer, variable } of notConfigured) {
    log.warn({ consumer, variable }, `port ${consumer} does not run: ${variable} is not set`);
  }
  const eventLog = createKafkaEventLog({
    brokers: config.KAFKA_BROKERS,
    clientId: config.INSTANCE_NAME,
    ...toldTo(log),
  });
  const porter = new Porter({
    name: config.INSTANCE_NAME,
    prefix: config.TOPIC_PREFIX,
    pool,
    store,
    leasePool: poolOf(1),
    log: eventLog,
    codec,
    control: createControl({
      log: eventLog,
      codec,
      topicPrefix: config.TOPIC_PREFIX,
      instance: config.INSTANCE_NAME,
      newId,
      clock: systemClock,
      onLost: whenLost({ log, giveUp: gaveUp.say }),
    }),
    consumers,
    targets: targets.all(),
    clock: systemClock,
    logger: log,
    metrics,
    lostPast,
    gaveUp,
  });
  const names = consumers.map(({ name }) => name);
  measureLag((name) => porter.running(name), names);
  measureSends(porter, names);
  measureTargets(() => porter.targets());
  measureBooks(porter.booksWatch, names);
  measureBacklog((name) => porter.backlog(name), names);
  return { porter, operations: new Operations({ porter, consumers, notConfigured, known, logger: log }) };
}

interface ConsumerContext {
  readonly config: PorterConfig;
  readonly pool: Pool;
  readonly store: PorterStore<Connection>;
  readonly codec: Decoder;
  readonly targets: Targets;
  readonly log: Log;
  readonly metrics: PorterMetrics;
  readonly known: readonly AnyEntity[];
  readonly lostPast: LostPast;
}

/** A group per port, so that each scales, pauses and fails by itself. A port whose database nobody named is left out, and told of. */
function consumersOf(
  context: ConsumerContext,
  run: readonly AnyEntity[],
): { readonly consumers: readonly PorterConsumer[]; readonly notConfigured: readonly PortNotConfigured[] } {
  const consumers: PorterConsumer[] = [];
  const notConfigured: PortNotConfigured[] = [];
  for (const entity of run) {
    for (const definition of entity.legacy.ports) {
      const port = sendingPort(context, entity, definition);
      if ('variable' in port) notConfigured.push(port);
      else consumers.push(consumerOf(context, port));
    }
  }
  return { consumers, notConfigured };
}

function sendingPort(
  { targets, known }: ConsumerContext,
  entity: AnyEntity,
  definition: AnyEntity['legacy']['ports'][number],
): SendingPort | PortNotConfigured {
  const consumer = `${entity.name}.${definition.name}`;
  const port = { consumer, entity, portOf: (other: string) => primaryPortOf(findEntity(known, other)).name };
  if (definition.primary) {
    const { api } = targets;
    const sender = createSender(entity.legacy, definition.target, createHttpReader(entity.legacy, api), api);
    return { ...port, over: 'http', definition, sender };
  }
  const sender = targets.sqlSender(consumer, definition.target);
  if (sender === undefined) return { consumer, variable: databaseVariable(definition.target.database) };
  return { ...port, over: 'sql', definition, sender };
}

function consumerOf(context: ConsumerContext, port: SendingPort): PorterConsumer {
  const { config, pool, store, codec, log, metrics, lostPast } = context;
  const { consumer, entity, definition } = port;
  const actions = new Actions();
  const takingIn: IntakeOptions<Connection> = {
    store,
    entity,
    port: definition.name,
    primary: definition.primary,
    writer: config.INSTANCE_NAME,
    nowMs: () => systemClock.now(),
    isLostPast: (place) => lostPast.holds(consumer, place),
    onEcho: (why) => {
      metrics.echoSeen(consumer);
      log.error({ code: why.code, consumer, ...why.data }, why.message);
    },
    onNatives: (ids) => metrics.nativesSeen(consumer, { all: ids.length, first: actions.firstOf(ids) }),
    onSends: (ids) => metrics.sendsSeen(consumer, ids.length),
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
  };
  const topic = topicName(config.TOPIC_PREFIX, topicOf(entity));
  const sinkStore = createPostgresSinkStore({ pool, schema: PORTER_SCHEMA, consumer });
  return {
    name: consumer,
    topic,
    group: `${config.TOPIC_PREFIX}${NAME}.${consumer}`,
    sink: createSink({ store: sinkStore, entity, codec, apply: intake(takingIn), remember: remember(takingIn) }),
    repairs: porterRepairs({
      store,
      sinkStore,
      port,
      partitionOf: (key) => partitionFor(topic, key, TOPIC_PARTITIONS),
      writer: config.INSTANCE_NAME,
      nowMs: () => systemClock.now(),
    }),
    port,
    target: port.over === 'sql' ? port.definition.target.database : LEGACY,
  };
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
