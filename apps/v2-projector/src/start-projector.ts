import { createCodec } from '@banyan/contracts';
import { StateMismatchFound } from '@banyan/contracts/events/banyan.mismatch.v1';
import { EventHandled } from '@banyan/contracts/events/banyan.receipt.v1';
import { CONTROL_TYPES, createControl, whenLost } from '@banyan/control';
import { newId, systemClock } from '@banyan/core';
import { createKafkaEventLog, toldTo } from '@banyan/kafka';
import { entities as migrated } from '@banyan/migration';
import { createPool } from '@banyan/postgres';
import { GiveUp, logger, type RunningApp, runApp } from '@banyan/service';
import { type AnyEntity, findEntity } from '@banyan/transformer';
import type { DynamicModule } from '@nestjs/common';
import type { ProjectorConfig } from './config.js';
import { entityConsumer, receiptsConsumer } from './consumers.js';
import { INSTANCE, InternalController, PROJECTOR } from './internal.controller.js';
import { measure, mismatchCounter } from './metrics.js';
import { Projector } from './projector.js';
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
  const projector = assemble({ config, run, known, gaveUp });
  projector.start();
  try {
    const shell = await runApp({
      name: NAME,
      module: projectorModule(config, projector),
      config,
      health: [projector.health],
      gaveUp,
      openRequestsMs: OPEN_REQUESTS_MS,
    });
    return { ...shell, projector };
  } catch (error) {
    await projector.stop();
    throw error;
  }
}

interface Assembly {
  readonly config: ProjectorConfig;
  readonly run: readonly AnyEntity[];
  readonly known: readonly AnyEntity[];
  readonly gaveUp: GiveUp;
}

function assemble({ config, run, known, gaveUp }: Assembly): Projector {
  const log = logger(NAME);
  const pool = createPool({
    url: config.V2_DATABASE_URL,
    applicationName: config.INSTANCE_NAME,
    max: config.V2_POOL_MAX,
    onIdleError: (error) => log.warn({ code: 'POSTGRES_UNAVAILABLE' }, `an idle connection broke: ${error.message}`),
  });
  const codec = createCodec({
    registryUrl: config.SCHEMA_REGISTRY_URL,
    types: [...run.flatMap((entity) => entity.events), EventHandled, StateMismatchFound, ...CONTROL_TYPES],
  });
  const eventLog = createKafkaEventLog({
    brokers: config.KAFKA_BROKERS,
    clientId: config.INSTANCE_NAME,
    ...toldTo(log),
  });
  const found = mismatchCounter();
  const onMismatch = stateMismatches({
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
  const context = { pool, codec, prefix: config.TOPIC_PREFIX, groupSuffix: config.GROUP_SUFFIX, onMismatch };
  const projector = new Projector({
    pool,
    log: eventLog,
    control: createControl({
      log: eventLog,
      codec,
      topicPrefix: config.TOPIC_PREFIX,
      instance: config.INSTANCE_NAME,
      newId,
      clock: systemClock,
      onLost: whenLost({ log, giveUp: gaveUp.say }),
    }),
    migrations: v2Migrations(run),
    consumers: [...run.map((entity) => entityConsumer(context, entity)), receiptsConsumer(context, known)],
    logger: log,
    gaveUp,
  });
  measure(projector);
  return projector;
}

function projectorModule(config: ProjectorConfig, projector: Projector): DynamicModule {
  class ProjectorModule {
    beforeApplicationShutdown(): Promise<void> {
      return projector.drain();
    }
    onApplicationShutdown(): Promise<void> {
      return projector.stop();
    }
  }
  return {
    module: ProjectorModule,
    controllers: [InternalController],
    providers: [
      { provide: PROJECTOR, useValue: projector },
      { provide: INSTANCE, useValue: config.INSTANCE_NAME },
    ],
  };
}
