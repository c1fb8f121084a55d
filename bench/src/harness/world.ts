import { setTimeout as delay } from 'node:timers/promises';
import { type Codec, createCodec, registerSchemas, topicName, topicSpecs } from '@banyan/contracts';
import { isBanyanError } from '@banyan/core';
import { createKafkaEventLog, type EventLog } from '@banyan/kafka';
import { createPool, type Pool } from '@banyan/postgres';
import type { Stack } from '@banyan/stack';
import { createDatabase, dropDatabase } from '@banyan/stack/testing';
import { topicOf } from '@banyan/transformer';
import { PARCEL_TYPES } from '../parcels/events.js';
import { parcel } from '../parcels/parcel.js';
import { benchStack } from './stack.js';

export const PARCEL_TOPIC = topicOf(parcel);

/** A stack for parcels, and the hands of the measuring process in it. */
export interface World {
  readonly stack: Stack;
  readonly log: EventLog;
  readonly codec: Codec;
  /** Topics of all that Banyan needs under a prefix of their own; answers the one of parcels. */
  topics(prefix: string): Promise<string>;
  /** A new database; `drop` ends all connections to it. */
  database(name: string): Promise<{ readonly url: string; readonly pool: Pool; drop(): Promise<void> }>;
  close(): Promise<void>;
}

export async function openWorld(say: (line: string) => void): Promise<World> {
  const stack = await benchStack(say);
  await registerSchemas({ registryUrl: stack.schemaRegistryUrl });
  await registerSchemas({ registryUrl: stack.schemaRegistryUrl, types: PARCEL_TYPES });
  const log = createKafkaEventLog({ brokers: stack.kafkaBrokers.split(','), clientId: 'bench' });
  const codec = createCodec({ registryUrl: stack.schemaRegistryUrl, types: PARCEL_TYPES });
  await codec.prepare();
  return {
    stack,
    log,
    codec,
    topics: async (prefix) => {
      await log.createTopics(topicSpecs(prefix, [PARCEL_TOPIC]));
      const topic = topicName(prefix, PARCEL_TOPIC);
      await untilLed(log, topic);
      return topic;
    },
    database: async (name) => {
      const url = await createDatabase(stack.databaseUrl, name);
      const pool = createPool({ url, applicationName: 'bench', max: 2, statementTimeoutMs: 60_000 });
      return {
        url,
        pool,
        drop: async () => {
          await pool.end();
          await dropDatabase(stack.databaseUrl, name);
        },
      };
    },
    close: async () => {
      await log.close();
      await stack.stop();
    },
  };
}

const LED_MS = 30_000;

/** A topic is there a moment before its partitions have a leader. */
async function untilLed(log: EventLog, topic: string): Promise<void> {
  const until = performance.now() + LED_MS;
  for (;;) {
    try {
      await log.ends(topic);
      return;
    } catch (error) {
      if (!isBanyanError(error) || !error.retryable || performance.now() > until) throw error;
      await delay(100);
    }
  }
}
