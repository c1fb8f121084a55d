import type { Outcome } from '@banyan/core';
import type { Change } from './change.js';
import type { ParkedRecord } from './parked-record.js';

/** What became of a record: markers move authority, every event has one outcome. */
export const ENTRIES = [
  'marker',
  'effective',
  'unchanged',
  'superseded',
  'duplicate',
  'stale',
  'conflict',
  'invalid',
] as const satisfies readonly ('marker' | Outcome)[];

/** What became of the effect of an effective event that is not parked: written, or given up since an import carried its key past it. */
export const EFFECTS = ['applied', 'discarded'] as const;

export const COLUMNS = [...ENTRIES, ...EFFECTS] as const;
type Column = (typeof COLUMNS)[number];

/** Records and effects, counted. */
export type Tally = Readonly<Record<Column, number>>;

/** The books of one partition since they were opened. */
export interface PartitionBooks extends Tally {
  readonly partition: number;
  /** Offset at which they were opened: 0, but for a store that was there before them. */
  readonly from: number;
  /** Offset of the next record. */
  readonly next: number;
  /** Effective events whose effect is withheld. */
  readonly parked: number;
}

export function tallyOf(counts: Partial<Tally>): Tally {
  return { ...NOTHING, ...counts };
}

const NOTHING = Object.fromEntries(COLUMNS.map((column) => [column, 0])) as Tally;

/** Effects that belong to effective events, as `applied` counts them: others (a receipt for what was refused) are by the way. */
export function countEffective(changes: readonly Pick<Change, 'outcome'>[]): number {
  return changes.filter(({ outcome }) => outcome === 'effective').length;
}

/** The same of parked records: one whose state stands is effective, or it would not be parked. */
export function countParkedEffective(parked: readonly Pick<ParkedRecord, 'kind' | 'change'>[]): number {
  return parked.filter(({ kind, change }) => kind === 'state' || (kind === 'effect' && change?.outcome === 'effective'))
    .length;
}

/**
 * What does not add up, in words; none = nothing was dropped. Records in = markers + events by outcome; effective events =
 * applied + parked + discarded.
 */
export function imbalances(books: PartitionBooks): readonly string[] {
  const { partition, from, next, effective, applied, parked, discarded } = books;
  const counted = ENTRIES.reduce((sum, entry) => sum + books[entry], 0);
  const effects = applied + parked + discarded;
  return [
    ...(counted === next - from
      ? []
      : [`partition ${partition}: ${next - from} records passed, ${counted} have an outcome`]),
    ...(effects === effective
      ? []
      : [
          `partition ${partition}: ${effective} events are effective, ${effects} effects are applied, parked or discarded`,
        ]),
  ];
}
