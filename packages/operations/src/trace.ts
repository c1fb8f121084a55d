import { type Codec, type LogRecord, RECEIPTS_TOPIC, readKind, topicName } from '@banyan/contracts';
import {
  type Authority,
  FIRST_AUTHORITY,
  fold,
  foldMarker,
  importedId,
  type KeyState,
  NEVER_SEEN,
  ownerOf,
} from '@banyan/core';
import type { EventLog } from '@banyan/kafka';
import { readStates } from '@banyan/postgres';
import { type AnyEntity, topicOf } from '@banyan/transformer';
import { askApp } from './app-client.js';
import type { BothSides } from './context.js';
import { authorityOfOwners } from './handback.js';

export interface TraceSources extends BothSides {
  readonly log: EventLog;
  readonly codec: Codec;
  readonly porterUrl: string;
}

export interface TracedEvent {
  readonly partition: number;
  readonly offset: string;
  readonly at: string;
  readonly id: string | null;
  readonly type: string | null;
  readonly origin: string | null;
  readonly expectedVersion: number | null;
  readonly epoch: number | null;
  /** What the fold makes of it. */
  readonly outcome: string;
  /** The key's version behind it. */
  readonly version: number;
  readonly data: unknown;
}

/** Everything that is known of one entity: its events with their outcomes, what the porter did, links, both rows. */
export interface Trace {
  readonly entity: string;
  readonly key: string;
  readonly legacyId: string | null;
  readonly events: readonly TracedEvent[];
  readonly receipts: readonly unknown[];
  readonly v2: {
    readonly version: number;
    readonly owner: string;
    readonly parked: boolean;
    readonly document: unknown;
  } | null;
  readonly legacy: unknown;
}

/** @param id V2 id or legacy id */
export async function trace(sources: TraceSources, entity: AnyEntity, id: string): Promise<Trace> {
  const { key, legacyId } = await resolve(sources, entity, id);
  const states = await readStates(sources.v2, 'v2', entity.name, [key]);
  const stored = states.get(key);
  const authority = await authorityOfOwners(sources.v2, entity.name);
  return {
    entity: entity.name,
    key,
    legacyId,
    events: await eventsOf(sources, entity, key),
    receipts: await receiptsOf(sources, entity, key),
    v2:
      stored === undefined
        ? null
        : {
            version: stored.keyState.version,
            owner: ownerOf(authority, stored.keyState),
            parked: stored.parked,
            document: stored.document ?? null,
          },
    legacy: legacyId === null ? null : ((await sources.readerOf(entity).one(legacyId)) ?? null),
  };
}

interface PorterLinks {
  readonly links: readonly { readonly key: string; readonly legacyId: string }[];
}

async function resolve(
  { porterUrl }: TraceSources,
  entity: AnyEntity,
  id: string,
): Promise<{ key: string; legacyId: string | null }> {
  const ask = async (by: 'keys' | 'legacyIds', value: string) => {
    const query = new URLSearchParams({ entity: entity.name, [by]: value });
    return (await askApp<PorterLinks>('legacy-porter', porterUrl, `/internal/links?${query}`)).links[0];
  };
  if (/^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(id)) {
    const key = id.toLowerCase();
    return { key, legacyId: (await ask('keys', key))?.legacyId ?? null };
  }
  const legacyId = entity.legacy.canonicalId(id);
  return { key: (await ask('legacyIds', legacyId))?.key ?? importedId(entity.name, legacyId), legacyId };
}

async function eventsOf(
  { log, codec, topicPrefix }: TraceSources,
  entity: AnyEntity,
  key: string,
): Promise<TracedEvent[]> {
  const events: TracedEvent[] = [];
  let authority: Authority = FIRST_AUTHORITY;
  let state: KeyState = NEVER_SEEN;
  for await (const record of partitionOf(log, topicName(topicPrefix, topicOf(entity)), key)) {
    const kind = readKind(record);
    if (kind.type === 'marker') {
      authority = foldMarker(authority, kind.marker);
    } else if (record.key === key) {
      const folded = fold(authority, state, kind.headers);
      state = folded.keyState;
      events.push({
        partition: record.partition,
        offset: String(record.offset),
        at: new Date(record.timestampMs).toISOString(),
        id: kind.headers.id ?? null,
        type: kind.eventType ?? null,
        origin: kind.headers.origin ?? null,
        expectedVersion: kind.headers.expectedVersion ?? null,
        epoch: kind.headers.epoch ?? null,
        outcome: folded.outcome,
        version: state.version,
        data: await decoded(codec, kind.eventType, record),
      });
    }
  }
  return events;
}

async function receiptsOf(
  { log, codec, topicPrefix }: TraceSources,
  entity: AnyEntity,
  key: string,
): Promise<unknown[]> {
  const receipts: unknown[] = [];
  for await (const record of partitionOf(log, topicName(topicPrefix, RECEIPTS_TOPIC), key)) {
    if (record.key !== key) continue;
    const kind = readKind(record);
    const receipt = await decoded(codec, kind.type === 'event' ? kind.eventType : undefined, record);
    if ((receipt as { entity?: unknown }).entity === entity.name) receipts.push(receipt);
  }
  return receipts;
}

/** All records of the partition that holds the key, from the beginning to its present end. */
async function* partitionOf(log: EventLog, topic: string, key: string): AsyncIterable<LogRecord> {
  const appender = await log.appender();
  const partition = await appender.partitionOf(topic, key);
  await appender.close(0);
  const ends = (await log.ends(topic)).find((end) => end.partition === partition);
  if (ends !== undefined) yield* log.read(topic, partition, ends.low, ends.high);
}

async function decoded(codec: Codec, type: string | undefined, { value }: LogRecord): Promise<unknown> {
  if (type === undefined || value === null) return null;
  // A trace shows also what no consumer can read: that is often why somebody looks.
  return codec
    .decode(type, value)
    .catch((error: unknown) => ({ undecodable: error instanceof Error ? error.message : String(error) }));
}
