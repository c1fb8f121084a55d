/** How large a slice may be, and what its handling should take. */
export interface SliceBounds {
  readonly maxRecords: number;
  /** Handling that takes longer is slow; a full slice that takes less than half of it is quick. */
  readonly slowMs: number;
}

/** What became of a slice. */
export interface SliceOutcome {
  readonly records: number;
  readonly tookMs: number;
  readonly failed: boolean;
}

/** The size of the next slice, and what the last one that succeeded took. */
export interface SlicePace {
  readonly size: number;
  readonly last?: Pick<SliceOutcome, 'records' | 'tookMs'>;
}

/** Large enough to be quick at once, small enough to learn cheaply that the store is slow. */
const FIRST_RECORDS = 250;
/** What fewer records take is the transaction itself, or a store that is busy with others: they tell nothing about the size. */
const TELLING_RECORDS = 100;
/** Two slices can be compared when one has so many times the records; the size matters when it takes so many times as long then. */
const COMPARABLE = 1.5;
const MATTERS = 1.33;

export function firstPace({ maxRecords }: SliceBounds): SlicePace {
  return { size: Math.min(FIRST_RECORDS, maxRecords) };
}

/**
 * Slices are as large as they may be while handling is quick, since a transaction has a fixed cost; and smaller where that makes them
 * quicker: one that takes long holds its locks and its snapshot as long, and one that fails may fail because it is large. Where the store is
 * slow whatever the size, small slices would only make it slower, and the lag grow for ever: then they stay large.
 */
export function nextPace(pace: SlicePace, outcome: SliceOutcome, bounds: SliceBounds): SlicePace {
  const { records, tookMs, failed } = outcome;
  if (failed) return { ...pace, size: half(Math.min(pace.size, records)) };
  return { size: nextSize(pace, outcome, bounds), last: { records, tookMs } };
}

function nextSize({ size, last }: SlicePace, { records, tookMs }: SliceOutcome, bounds: SliceBounds): number {
  // Growing needs a full slice: what a trickle takes says nothing about a large one.
  const whenFull = (times: number) => (records >= size ? Math.min(bounds.maxRecords, size * times) : size);
  if (records < TELLING_RECORDS) return whenFull(2);
  if (tookMs <= bounds.slowMs) return whenFull(tookMs * 8 < bounds.slowMs ? 4 : tookMs * 2 < bounds.slowMs ? 2 : 1);
  return sizeMatters(last, { records, tookMs }) ? half(Math.min(size, records)) : whenFull(2);
}

/** Unless two slices of different sizes have shown that it does not. */
function sizeMatters(last: SlicePace['last'], now: Pick<SliceOutcome, 'records' | 'tookMs'>): boolean {
  if (last === undefined) return true;
  const [small, large] = last.records < now.records ? [last, now] : [now, last];
  if (large.records < small.records * COMPARABLE) return true;
  return large.tookMs > small.tookMs * MATTERS;
}

function half(records: number): number {
  return Math.max(1, Math.floor(records / 2));
}
