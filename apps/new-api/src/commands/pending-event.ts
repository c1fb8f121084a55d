import { type NewRecord, readKind } from '@banyan/contracts';
import { BanyanError, type EventHeaders } from '@banyan/core';
import type { NotedSnapshot } from '@banyan/importing';
import type { Position } from '@banyan/kafka';

/** An event that may be in the log: everything that is needed to append the same bytes again and to learn its outcome. */
export interface PendingEvent {
  readonly eventId: string;
  readonly record: NewRecord & { readonly key: string; readonly value: Buffer; readonly partition: number };
  /** Where the key's fold stood when the event was decided. */
  readonly noted: NotedSnapshot;
  /** Where it lies, once Kafka has acknowledged it. */
  readonly position?: Position | undefined;
}

/** What the fold will read of the event. */
export function foldedHeaders(pending: PendingEvent): EventHeaders {
  const kind = readKind(pending.record);
  if (kind.type === 'event') return kind.headers;
  throw new BanyanError('API_NOT_AN_EVENT', `Event ${pending.eventId} reads as a marker.`, {
    data: { id: pending.eventId },
  });
}
