import { type LogRecord, readKind } from '@banyan/contracts';
import { type Authority, type EventHeaders, fold, foldMarker, type KeyState, type Outcome } from '@banyan/core';

/** What a key's present state tells about one event that lies behind the position the state belongs to. */
export type Learned =
  | { readonly type: 'known'; readonly outcome: Outcome }
  /** The key's ring has moved past the version the event would have made: only the log still knows. */
  | { readonly type: 'scan' };

/**
 * The outcome of an event that the fold has passed, learned from its key's state. It belongs to the event's id; "the version got
 * bigger" would accept another writer's event.
 * @param authority of the key's partition, read with the state or after it
 */
export function learnOutcome(authority: Authority, keyState: KeyState, headers: EventHeaders): Learned {
  if (keyState.recent.some((entry) => entry.eventId === headers.id)) return { type: 'known', outcome: 'effective' };
  const expected = headers.expectedVersion ?? 0;
  if (keyState.version <= expected) {
    // Nobody has made the next version, so the key is still as the event met it and folds as it did then, except that its epoch may
    // have passed meanwhile: then it is as dead as it was.
    const { outcome } = fold(authority, keyState, headers);
    return { type: 'known', outcome: outcome === 'effective' ? 'stale' : outcome };
  }
  // Made by another id: this one lost, as a conflict or, with its epoch, as stale. Either way it is dead.
  if (keyState.recent.some((entry) => entry.version === expected + 1)) return { type: 'known', outcome: 'conflict' };
  return { type: 'scan' };
}

/** Where the fold of a key stood before an event was appended: one snapshot. */
export interface NotedSnapshot {
  /** Of the key's partition. */
  readonly nextOffset: bigint;
  readonly authority: Authority;
  readonly keyState: KeyState;
}

/**
 * Folds one key over records of its partition, and tells what became of the event with this id: its first outcome, since a repeat of
 * the same bytes is a `duplicate` of it. undefined = the id is not among the records.
 */
export async function scanOutcome(
  records: AsyncIterable<LogRecord>,
  noted: Omit<NotedSnapshot, 'nextOffset'>,
  event: { readonly key: string; readonly id: string },
): Promise<Outcome | undefined> {
  let { authority, keyState } = noted;
  for await (const record of records) {
    const kind = readKind(record);
    if (kind.type === 'marker') {
      authority = foldMarker(authority, kind.marker);
    } else if (kind.headers.key === event.key) {
      const folded = fold(authority, keyState, kind.headers);
      if (kind.headers.id === event.id) return folded.outcome === 'duplicate' ? 'effective' : folded.outcome;
      keyState = folded.keyState;
    }
  }
  return undefined;
}
