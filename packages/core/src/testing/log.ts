import type { EventHeaders } from '../event-headers.js';
import { fold, foldMarker } from '../fold.js';
import { type Authority, FIRST_AUTHORITY, type KeyState, type Marker, NEVER_SEEN, type Outcome } from '../key-state.js';

/** One record of a partition, as the fold sees it. */
export type LogEntry =
  | { readonly type: 'event'; readonly headers: EventHeaders }
  | { readonly type: 'marker'; readonly marker: Marker };

/** All that a consumer keeps of a partition. Plain JSON, so that a test can store it and start again from there. */
export interface PartitionState {
  readonly authority: Authority;
  readonly keys: Readonly<Record<string, KeyState>>;
}

export const EMPTY_PARTITION: PartitionState = { authority: FIRST_AUTHORITY, keys: {} };

export function keyStateOf(partition: PartitionState, key: string): KeyState {
  return partition.keys[key] ?? NEVER_SEEN;
}

/** What one record does to a partition; markers have no outcome. */
export function foldEntry(
  partition: PartitionState,
  entry: LogEntry,
): { readonly partition: PartitionState; readonly outcome: Outcome | undefined } {
  if (entry.type === 'marker') {
    return {
      partition: { ...partition, authority: foldMarker(partition.authority, entry.marker) },
      outcome: undefined,
    };
  }
  const { key } = entry.headers;
  const { outcome, keyState } = fold(partition.authority, keyStateOf(partition, key), entry.headers);
  return { partition: { ...partition, keys: { ...partition.keys, [key]: keyState } }, outcome };
}

/** Every record of a log with the partition before and after it. */
export interface Step {
  readonly entry: LogEntry;
  readonly before: PartitionState;
  readonly after: PartitionState;
  readonly outcome: Outcome | undefined;
}

/** Folds a whole log, one record after the other. */
export function foldLog(log: readonly LogEntry[], from: PartitionState = EMPTY_PARTITION): readonly Step[] {
  const steps: Step[] = [];
  let before = from;
  for (const entry of log) {
    const { partition: after, outcome } = foldEntry(before, entry);
    steps.push({ entry, before, after, outcome });
    before = after;
  }
  return steps;
}
