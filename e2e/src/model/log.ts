import { eventHeaders, type LogRecord, markerHeaders, type NewRecord, readKind } from '@banyan/contracts';
import { type Authority, FIRST_AUTHORITY, type Marker } from '@banyan/core';
import { NO_STATE, type ReadState, type StoredState } from '@banyan/postgres';
import type { Change } from '@banyan/sink';
import { foldSlice } from '@banyan/sink/testing';
import type { AnyEntity } from '@banyan/transformer';
import { TOPIC } from './tally.js';

/** A record as a world keeps it: plain JSON; its offset is its place in the partition. */
export interface Kept {
  readonly key: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: unknown;
}

export function kept({ key, headers, value }: Pick<NewRecord, 'key' | 'headers' | 'value'>): Kept {
  return { key, headers: { ...headers }, data: value === null ? null : JSON.parse(String(value)) };
}

export function recordAt({ key, headers, data }: Kept, offset: number): LogRecord {
  const value = data === null ? null : Buffer.from(JSON.stringify(data));
  return { topic: TOPIC, partition: 0, offset: BigInt(offset), timestampMs: 0, key, headers, value };
}

export function markerOf(marker: Marker): Kept {
  const id = `${marker.type}-${marker.epoch}`;
  return { key: null, headers: markerHeaders(marker, { id, source: 'model', timeMs: 0, subject: TOPIC }), data: null };
}

export function importOf(key: string, id: string, data: unknown, meta: { epoch: number; hash: string }): Kept {
  const headers = eventHeaders({
    id,
    type: `${TOPIC}.TallyImported`,
    source: 'model',
    timeMs: 0,
    subject: key,
    origin: 'backfill',
    expectedVersion: 0,
    epoch: meta.epoch,
    liveness: 'live',
    contentHash: meta.hash,
  });
  return { key, headers, data };
}

/** A native change, decided on what `seen` tells. */
export function addedOf(
  key: string,
  id: string,
  seen: readonly string[],
  on: { epoch: number; version: number },
): Kept {
  const headers = eventHeaders({
    id,
    type: `${TOPIC}.TallyAdded`,
    source: 'model',
    timeMs: 0,
    subject: key,
    origin: 'api',
    expectedVersion: on.version,
    epoch: on.epoch,
    liveness: 'live',
  });
  return { key, headers, data: { id, seen } };
}

/** What a consumer of one partition has stored. */
export interface Stored {
  readonly next: number;
  readonly authority: Authority;
  readonly states: Readonly<Record<string, StoredState>>;
}

export const NOTHING_STORED: Stored = { next: 0, authority: FIRST_AUTHORITY, states: {} };

/** One transaction of the real consumer over the next record. What is parked is left out: no event of these worlds is poison. */
export function consume(
  entity: AnyEntity,
  stored: Stored,
  log: readonly Kept[],
): { readonly stored: Stored; readonly changes: readonly Change[] } {
  const next = log[stored.next];
  if (next === undefined) return { stored, changes: [] };
  const record = recordAt(next, stored.next);
  const kind = readKind(record);
  const event = { type: kind.type === 'event' ? (kind.eventType ?? '') : '', data: next.data };
  const folded = foldSlice({
    entity,
    authority: stored.authority,
    states: new Map(Object.entries(stored.states)),
    knownInvalid: new Set(),
    items: [{ record, kind, decoded: { event } }],
  });
  const states = { ...stored.states, ...Object.fromEntries(folded.states) };
  return { stored: { next: stored.next + 1, authority: folded.authority, states }, changes: folded.changes };
}

export function consumeAll(entity: AnyEntity, log: readonly Kept[]): Stored {
  let stored = NOTHING_STORED;
  while (stored.next < log.length) stored = consume(entity, stored, log).stored;
  return stored;
}

/** What new-api reads of a key, as it travels through a world: `nextOffset` is a number there. */
export type PlainState = Omit<ReadState, 'nextOffset'> & { readonly nextOffset: number };

export function readOf({ next, authority, states }: Stored, key: string): PlainState {
  return { ...(states[key] ?? NO_STATE), authority, epoch: authority.epoch, nextOffset: next };
}

/** A document after it has been to PostgreSQL and back: what is undefined is missing. */
export function asRead(state: PlainState): ReadState {
  return {
    ...state,
    document: state.document ?? undefined,
    stateHash: state.stateHash,
    nextOffset: BigInt(state.nextOffset),
  };
}
