import { RECEIPTS_TOPIC, topicName } from '@banyan/contracts';
import type { Pool } from '@banyan/postgres';
import { createPostgresSinkStore, createSink, type Decoder } from '@banyan/sink';
import { type AnyEntity, topicOf } from '@banyan/transformer';
import { applyProjections } from './apply-projections.js';
import { primaryPort } from './links.js';
import type { ProjectorConsumer } from './projector-consumer.js';
import { RECEIPTS_CONSUMER, receiptsHandler } from './receipts.js';
import { V2_SCHEMA } from './v2-migrations.js';

export interface ConsumerContext {
  readonly pool: Pool;
  readonly codec: Decoder;
  /** Before topics and groups. */
  readonly prefix: string;
  /** Behind groups. */
  readonly groupSuffix: string;
}

/** A group per entity, so that each scales, pauses and fails by itself. */
export function entityConsumer(
  { pool, codec, prefix, groupSuffix }: ConsumerContext,
  entity: AnyEntity,
): ProjectorConsumer {
  const consumer = entity.name;
  const controlName = `v2-projector.${consumer}${groupSuffix}`;
  const store = createPostgresSinkStore({ pool, schema: V2_SCHEMA, consumer });
  const sink = createSink({ store, entity, codec, apply: applyProjections(entity) });
  return {
    name: consumer,
    controlName,
    topic: topicName(prefix, topicOf(entity)),
    group: `${prefix}${controlName}`,
    handler: sink,
    stored: () => sink.status(),
    standing: () => sink.standing(),
    books: () => sink.books(),
    tallies: () => sink.tallies(),
    parked: (key) => sink.parked(key),
    replay: (key) => sink.replay(key),
  };
}

/** @param entities all that are migrated, those that other processes run included: receipts are of all of them */
export function receiptsConsumer(
  { pool, codec, prefix, groupSuffix }: ConsumerContext,
  entities: readonly AnyEntity[],
): ProjectorConsumer {
  const controlName = `v2-projector.${RECEIPTS_CONSUMER}${groupSuffix}`;
  const store = createPostgresSinkStore({ pool, schema: V2_SCHEMA, consumer: RECEIPTS_CONSUMER });
  const primaryPorts = new Map(entities.map((entity) => [entity.name, primaryPort(entity) ?? '']));
  return {
    name: RECEIPTS_CONSUMER,
    controlName,
    topic: topicName(prefix, RECEIPTS_TOPIC),
    group: `${prefix}${controlName}`,
    handler: receiptsHandler({ store, codec, primaryPorts }),
    stored: () => store.status(),
    standing: () => store.standing(),
    books: () => store.books(),
    tallies: () => store.tallies(),
    parked: (key) => store.parked(key),
    // Its unreadable records are kept for people; none of them stands in the way of another.
    replay: async () => ({ replayed: 0, waiting: 0 }),
  };
}
