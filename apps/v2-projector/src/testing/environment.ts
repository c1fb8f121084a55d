import { type Codec, createCodec, registerSchemas, topicSpecs } from '@banyan/contracts';
import { StateMismatchFound } from '@banyan/contracts/events/banyan.mismatch.v1';
import { EventHandled } from '@banyan/contracts/events/banyan.receipt.v1';
import { CONTROL_TYPES, type Control, createControl } from '@banyan/control';
import { newId, systemClock } from '@banyan/core';
import { type Appender, createKafkaEventLog, type EventLog } from '@banyan/kafka';
import { entities } from '@banyan/migration';
import { createPool, type Pool } from '@banyan/postgres';
import { createDatabase, dropDatabase, randomPrefix, type TestStack, testStack } from '@banyan/stack/testing';
import { topicOf } from '@banyan/transformer';

/** Topics, schemas and a database of one spec, and a writer to the topics. */
export interface Environment {
  readonly prefix: string;
  readonly stack: TestStack;
  readonly databaseUrl: string;
  readonly log: EventLog;
  readonly codec: Codec;
  readonly appender: Appender;
  readonly pool: Pool;
  /** An operator's hand on the control log. */
  readonly control: Control;
  /** The app's environment variables; `PORT` is free, `LOG_LEVEL` warn. */
  readonly variables: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

export async function anEnvironment(): Promise<Environment> {
  const prefix = randomPrefix();
  const stack = await testStack();
  const database = `${prefix}v2`;
  const databaseUrl = await createDatabase(stack.databaseUrl, database);
  await registerSchemas({ registryUrl: stack.schemaRegistryUrl });
  const log = createKafkaEventLog({ brokers: stack.kafkaBrokers.split(','), clientId: 'projector-spec' });
  await log.createTopics(topicSpecs(prefix, entities.map(topicOf)));
  const types = [...entities.flatMap((entity) => entity.events), EventHandled, StateMismatchFound, ...CONTROL_TYPES];
  const codec = createCodec({ registryUrl: stack.schemaRegistryUrl, types });
  await codec.prepare();
  const appender = await log.appender();
  const pool = createPool({ url: databaseUrl, applicationName: 'projector-spec' });
  const control = createControl({
    log,
    codec,
    topicPrefix: prefix,
    instance: 'projector-spec',
    newId,
    clock: systemClock,
  });
  return {
    prefix,
    stack,
    databaseUrl,
    log,
    codec,
    appender,
    pool,
    control,
    variables: {
      KAFKA_BROKERS: stack.kafkaBrokers,
      SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
      V2_DATABASE_URL: databaseUrl,
      TOPIC_PREFIX: prefix,
      PORT: '0',
      LOG_LEVEL: 'warn',
    },
    close: async () => {
      await control.close();
      await log.close();
      await pool.end();
      await dropDatabase(stack.databaseUrl, database);
    },
  };
}
