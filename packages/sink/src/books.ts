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

/** What one partition counted since its books were opened. */
export interface PartitionTally extends Tally {
  readonly partition: number;
  /** Offset at which they were opened: 0, but for a store that was there before them. */
  readonly from: number;
  /** Offset of the next record. */
  readonly next: number;
}

/** The books of one partition, with what is parked counted where it lies: that is what is held against the tally. */
export interface PartitionBooks extends PartitionTally {
  /** Effective events whose effect is withheld. */
  readonly parked: number;
}

/** The books of a consumer, as `/internal/status` reports them. */
export interface BooksReport {
  /** Nothing was dropped. */
  readonly balanced: boolean;
  /** What does not add up, in words. */
  readonly problems: readonly string[];
  /** Records passed, and what became of them, over all partitions. */
  readonly total: Tally & { readonly records: number; readonly parked: number };
  readonly partitions: readonly PartitionBooks[];
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
  const counted = countedIn(books);
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

export function booksReport(partitions: readonly PartitionBooks[]): BooksReport {
  const problems = partitions.flatMap(imbalances);
  const sum = (of: (books: PartitionBooks) => number) => partitions.reduce((all, books) => all + of(books), 0);
  const tally = Object.fromEntries(COLUMNS.map((column) => [column, sum((books) => books[column])])) as Tally;
  const total = { ...tally, records: sum(({ from, next }) => next - from), parked: sum(({ parked }) => parked) };
  return { balanced: problems.length === 0, problems, total, partitions };
}

/** Records that a partition has passed and whose outcome nobody counted, or the other way round: 0, or something is wrong. */
export function unaccounted(tally: PartitionTally): number {
  return Math.abs(tally.next - tally.from - countedIn(tally));
}

/** Effects of effective events that are neither applied, nor parked, nor discarded, or the other way round: 0, or something is wrong. */
export function unaccountedEffects({ effective, applied, parked, discarded }: PartitionBooks): number {
  return Math.abs(effective - applied - parked - discarded);
}

interface Sample<L extends string> {
  readonly labels: Readonly<Record<'consumer' | 'partition' | L, string>>;
  readonly value: number;
}

/** For a gauge of records by outcome. */
export function recordSamples(consumer: string, tallies: readonly PartitionTally[]): readonly Sample<'outcome'>[] {
  return tallies.flatMap((tally) =>
    ENTRIES.map((outcome) => ({
      labels: { consumer, partition: `${tally.partition}`, outcome },
      value: tally[outcome],
    })),
  );
}

/** For a gauge of effects. What is parked is what lies there: as what is left of the others it would hide whatever was dropped. */
export function effectSamples(consumer: string, all: readonly PartitionBooks[]): readonly Sample<'state'>[] {
  return all.flatMap(({ partition, applied, discarded, parked }) =>
    Object.entries({ applied, discarded, parked }).map(([state, value]) => ({
      labels: { consumer, partition: `${partition}`, state },
      value,
    })),
  );
}

function countedIn(tally: Tally): number {
  return ENTRIES.reduce((sum, entry) => sum + tally[entry], 0);
}
