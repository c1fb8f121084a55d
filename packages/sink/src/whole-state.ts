import type { DomainEvent, RecordKind } from '@banyan/contracts';
import { isImportOrigin } from '@banyan/core';
import { type AnyEntity, isRestatement } from '@banyan/transformer';

/** A key that stood and goes on: what is parked of its state before an offset is closed, and why. */
export interface Closing {
  readonly key: string;
  /** Offset of the event that brought the whole state. */
  readonly before: bigint;
  /** Its id. */
  readonly eventId: string;
  readonly why: string;
}

/**
 * Whether an event carries the whole state, so that it may pass a key that stands: an import does, and a native that restates. Both
 * the origin and the type have to say so: another repair would be applied to a document that is not of its version.
 */
export function carriesWholeState(
  { restated }: Pick<AnyEntity, 'restated'>,
  { headers, eventType }: RecordKind & { type: 'event' },
): boolean {
  if (headers.origin !== undefined && isImportOrigin(headers.origin)) return true;
  return headers.origin === 'repair' && isRestatement({ restated }, eventType);
}

/** Why it closes what stands before it, for people: a restatement says who and why, an import speaks for itself. */
export function whyClosed({ type, data }: DomainEvent): string {
  const { by, reason } = (data ?? {}) as { by?: unknown; reason?: unknown };
  return typeof by === 'string' && typeof reason === 'string'
    ? `restated by ${by}: ${reason}`
    : `${type} brought the whole state`;
}
