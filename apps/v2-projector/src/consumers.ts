import { RECEIPTS_TOPIC, topicName } from '@banyan/contracts';
import { type Pool, readStates } from '@banyan/postgres';
import { createPostgresSinkStore, createSink, type Decoder, resyncBatch } from '@banyan/sink';
import { type AnyEntity, topicOf } from '@banyan/transformer';
import { applyProjections, rememberLinks, reproject } from './apply-projections.js';
import { primaryPort } from './links.js';
import type { ProjectorConsumer } from './projector-consumer.js';
import { RECEIPTS_CONSUMER, receiptsHandler } from './receipts.js';
import type { StateMismatch } from './state-mismatches.js';
import { V2_SCHEMA } from './v2-migrations.js';

export interface ConsumerContext {
  readonly pool: Pool;
  readonly codec: Decoder;
  /** Before topics and groups. */
  readonly prefix: string;
  /** Behind groups. */
  readonly groupSuffix: string;
  /** Where a receipt tells of another state than V2 has. */
  readonly onMismatch: (mismatch: StateMismatch) => void;
}

/** A group per entity, so that each scales, pauses and fails by itself. */
export function entityConsumer(
  { pool, codec, prefix, groupSuffix }: Omit<ConsumerContext, 'onMismatch'>,
  entity: AnyEntity,
): ProjectorConsumer {
  const consumer = entity.name;
  const controlName = `v2-projector.${consumer}${groupSuffix}`;
  const store = createPostgresSinkStore({ pool, schema: V2_SCHEMA, consumer });
  const sink = createSink({
    store,
    entity,
    codec,
    apply: applyProjections(entity),
    remember: rememberLinks(entity),
  });
  const anew = { store, name: controlName, version: entity.version, apply: reproject(entity) };
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
    closed: (key) => sink.closed(key),
    replay: (key) => sink.replay(key),
    repairs: {
      discard: (order) => sink.discard(order),
      unlike: (key) => store.unlike(key),
      batch: (request, of) => resyncBatch(anew, request, of),
      progress: () => store.resyncProgress(),
    },
  };
}

/** @param entities all that are migrated, those that other processes run included: receipts are of all of them */
export function receiptsConsumer(
  { pool, codec, prefix, groupSuffix, onMismatch }: ConsumerContext,
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
    handler: receiptsHandler({
      store,
      codec,
      primaryPorts,
      states: (tx, entity, keys) => readStates(tx, V2_SCHEMA, entity, keys),
      onMismatch,
    }),
    stored: () => store.status(),
    standing: () => store.standing(),
    books: () => store.books(),
    tallies: () => store.tallies(),
    parked: (key) => store.parked(key),
    closed: (key) => store.closed(key),
    // Its unreadable records are kept for people; none of them stands in the way of another.
    replay: async () => ({ replayed: 0, waiting: 0 }),
  };
}
