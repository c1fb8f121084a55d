import { type Codec, createCodec } from '@banyan/contracts';
import { StateMismatchFound } from '@banyan/contracts/events/banyan.mismatch.v1';
import { EventHandled } from '@banyan/contracts/events/banyan.receipt.v1';
import { CONTROL_TYPES, createControl, whenLost } from '@banyan/control';
import { newId, systemClock } from '@banyan/core';
import { createKafkaEventLog, type EventLog, toldTo } from '@banyan/kafka';
import { entities as migrated } from '@banyan/migration';
import { createPool, databaseOf, inDatabase } from '@banyan/postgres';
import { GiveUp, type Log, logger, type RunningApp, runApp } from '@banyan/service';
import { type AnyEntity, findEntity } from '@banyan/transformer';
import type { DynamicModule } from '@nestjs/common';
import type { ProjectorConfig } from './config.js';
import { type ConsumerContext, entityConsumer, receiptsConsumer } from './consumers.js';
import { INSTANCE, InternalController, PROJECTOR, REBUILDS } from './internal.controller.js';
import { measure, measureRebuilds, mismatchCounter } from './metrics.js';
import { Projector } from './projector.js';
import { Rebuilds } from './rebuilds.js';
import { stateMismatches } from './state-mismatches.js';
import { v2Migrations } from './v2-migrations.js';

export interface RunningProjector extends RunningApp {
  readonly projector: Projector;
}

const NAME = 'v2-projector';
const OPEN_REQUESTS_MS = 1_000;

/**
 * Serves at once and projects as soon as PostgreSQL and Kafka answer. Throws `TRANSFORMER_ENTITY_UNKNOWN` when `TRANSFORMERS` names
 * an entity that is not being migrated.
 */
export async function startProjector(
  config: ProjectorConfig,
  known: readonly AnyEntity[] = migrated,
): Promise<RunningProjector> {
  const run = config.TRANSFORMERS?.map((name) => findEntity(known, name)) ?? known;
  const gaveUp = new GiveUp();
  const { projector, rebuilds } = assemble({ config, run, known, gaveUp });
  projector.start();
  rebuilds.start();
  try {
    const shell = await runApp({
      name: NAME,
      module: projectorModule(config, projector, rebuilds),
      config,
      health: [projector.health],
      gaveUp,
      openRequestsMs: OPEN_REQUESTS_MS,
    });
    return { ...shell, projector };
  } catch (error) {
    await Promise.all([projector.stop(), rebuilds.stop()]);
    throw error;
  }
}

interface Assembly {
  readonly config: ProjectorConfig;
  readonly run: readonly AnyEntity[];
  readonly known: readonly AnyEntity[];
  readonly gaveUp: GiveUp;
}

/** What the running V2 and one that is made anew differ in. */
interface Into {
  readonly databaseUrl: string;
  /** In the names of its connections and of its Kafka client. */
  readonly instance: string;
  readonly poolMax: number;
  /** Behind its groups. */
  readonly groupSuffix: string;
  readonly onMismatch: ConsumerContext['onMismatch'];
  readonly log: EventLog;
  readonly close: () => Promise<void>;
  readonly gaveUp: GiveUp;
}

function assemble({ config, run, known, gaveUp }: Assembly): { projector: Projector; rebuilds: Rebuilds } {
  const log = logger(NAME);
  const codec = createCodec({
    registryUrl: config.SCHEMA_REGISTRY_URL,
    types: [...run.flatMap((entity) => entity.events), EventHandled, StateMismatchFound, ...CONTROL_TYPES],
  });
  const logOf = (clientId: string) => createKafkaEventLog({ brokers: config.KAFKA_BROKERS, clientId, ...toldTo(log) });
  const eventLog = logOf(config.INSTANCE_NAME);
  const control = createControl({
    log: eventLog,
    codec,
    topicPrefix: config.TOPIC_PREFIX,
    instance: config.INSTANCE_NAME,
    newId,
    clock: systemClock,
    onLost: whenLost({ log, giveUp: gaveUp.say }),
  });
  const projectorOf = (into: Into): Projector => {
    const pool = createPool({
      url: into.databaseUrl,
      applicationName: into.instance,
      max: into.poolMax,
      byIndex: true,
      onIdleError: (error) => log.warn({ code: 'POSTGRES_UNAVAILABLE' }, `an idle connection broke: ${error.message}`),
    });
    const { groupSuffix, onMismatch } = into;
    const context = { pool, codec, prefix: config.TOPIC_PREFIX, groupSuffix, onMismatch };
    return new Projector({
      pool,
      log: into.log,
      control,
      close: into.close,
      migrations: v2Migrations(run),
      consumers: [...run.map((entity) => entityConsumer(context, entity)), receiptsConsumer(context, known)],
      logger: log,
      gaveUp: into.gaveUp,
    });
  };
  const projector = projectorOf({
    databaseUrl: config.V2_DATABASE_URL,
    instance: config.INSTANCE_NAME,
    poolMax: config.V2_POOL_MAX,
    groupSuffix: config.GROUP_SUFFIX,
    onMismatch: mismatchesTold(config, log, eventLog, codec),
    log: eventLog,
    close: () => control.close().then(() => eventLog.close()),
    gaveUp,
  });
  const rebuilds = new Rebuilds({
    control,
    running: databaseOf(config.V2_DATABASE_URL),
    projector: (database, itsGiveUp) => {
      const instance = `${config.INSTANCE_NAME}-${database}`;
      const itsLog = logOf(instance);
      return projectorOf({
        databaseUrl: inDatabase(config.V2_DATABASE_URL, database),
        instance,
        // The running V2 comes first: users wait for that one.
        poolMax: Math.max(2, Math.ceil(config.V2_POOL_MAX / 2)),
        groupSuffix: `.${database}`,
        // Who makes V2 anew mostly does it since states are to be others than the porter had them.
        onMismatch: () => undefined,
        log: itsLog,
        close: () => itsLog.close(),
        gaveUp: itsGiveUp,
      });
    },
    logger: log,
  });
  measure(projector);
  measureRebuilds(rebuilds);
  return { projector, rebuilds };
}

function mismatchesTold(
  config: ProjectorConfig,
  log: Log,
  eventLog: EventLog,
  codec: Codec,
): ConsumerContext['onMismatch'] {
  const found = mismatchCounter();
  return stateMismatches({
    log: eventLog,
    codec,
    prefix: config.TOPIC_PREFIX,
    instance: config.INSTANCE_NAME,
    newId,
    clock: systemClock,
    onFound: (mismatch) => {
      found(mismatch.entity);
      log.error(
        { code: 'PROJECTOR_STATE_MISMATCH', ...mismatch },
        `${mismatch.entity} ${mismatch.key} has two states at version ${mismatch.version}: the projector's and the porter's; one of them runs other code, or has lost something`,
      );
    },
    onError: (error) => log.warn({ err: error }, 'a mismatch could not be appended'),
  });
}

function projectorModule(config: ProjectorConfig, projector: Projector, rebuilds: Rebuilds): DynamicModule {
  class ProjectorModule {
    beforeApplicationShutdown(): Promise<void> {
      // Not waited for before the end: both have the same few seconds.
      void rebuilds.stop();
      return projector.drain();
    }
    async onApplicationShutdown(): Promise<void> {
      await Promise.all([projector.stop(), rebuilds.stop()]);
    }
  }
  return {
    module: ProjectorModule,
    controllers: [InternalController],
    providers: [
      { provide: PROJECTOR, useValue: projector },
      { provide: INSTANCE, useValue: config.INSTANCE_NAME },
      { provide: REBUILDS, useValue: rebuilds },
    ],
  };
}
