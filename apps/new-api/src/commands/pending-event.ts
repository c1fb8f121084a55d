import { type NewRecord, readKind } from '@banyan/contracts';
import { type Authority, BanyanError, type EventHeaders, type KeyState } from '@banyan/core';
import type { NotedSnapshot } from '@banyan/importing';
import type { Position } from '@banyan/kafka';

/** An event that may be in the log, as far as its outcome is to be learned. */
export interface NotedEvent {
  readonly eventId: string;
  readonly record: Pick<NewRecord, 'topic' | 'headers'> & { readonly key: string; readonly partition: number };
  /** Where the key's fold stood when the event was decided. */
  readonly noted: NotedSnapshot;
  /** Where it lies, once Kafka has acknowledged it. */
  readonly position?: Position | undefined;
}

/** The same with all that is needed to append the same bytes again. */
export interface PendingEvent extends NotedEvent {
  readonly record: NewRecord & { readonly key: string; readonly value: Buffer; readonly partition: number };
}

/** What the fold will read of the event. */
export function foldedHeaders({ eventId, record }: NotedEvent): EventHeaders {
  const kind = readKind(record);
  if (kind.type === 'event') return kind.headers;
  throw new BanyanError('API_NOT_AN_EVENT', `Event ${eventId} reads as a marker.`, { data: { id: eventId } });
}

/** A snapshot as jsonb holds it. */
export interface StoredSnapshot {
  readonly nextOffset: string;
  readonly authority: Authority;
  readonly keyState: KeyState;
}

export function storedSnapshot({ nextOffset, authority, keyState }: NotedSnapshot): StoredSnapshot {
  return { nextOffset: String(nextOffset), authority, keyState };
}

export function notedSnapshot(stored: StoredSnapshot): NotedSnapshot {
  return { ...stored, nextOffset: BigInt(stored.nextOffset) };
}
