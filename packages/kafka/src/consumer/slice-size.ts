/** How large a slice may be, and what its handling should take. */
export interface SliceBounds {
  readonly minRecords: number;
  readonly maxRecords: number;
  /** Handling that takes longer shrinks the next slice. A full slice that takes less than half of it lets the next one grow. */
  readonly slowMs: number;
}

/** What became of a slice. */
export interface SliceOutcome {
  readonly records: number;
  readonly tookMs: number;
  readonly failed: boolean;
}

/**
 * The size of the next slice. A handler's transaction has a fixed cost, so slices are as large as they may be while it is quick; one that
 * takes long holds its locks and its snapshot as long, and one that fails may fail because it is large (a statement's time-out), so they
 * are halved. Doubling back needs full slices: what a trickle takes says nothing about a large one.
 */
export function nextSliceRecords(size: number, { records, tookMs, failed }: SliceOutcome, bounds: SliceBounds): number {
  const { slowMs } = bounds;
  if (failed || tookMs > slowMs) return within(bounds, Math.floor(Math.min(size, records) / 2));
  return within(bounds, records >= size && tookMs * 2 < slowMs ? size * 2 : size);
}

/** Where a partition begins: large enough to be quick at once, small enough to learn cheaply that the store is slow. */
const FIRST_RECORDS = 250;

export function firstSliceRecords(bounds: SliceBounds): number {
  return within(bounds, FIRST_RECORDS);
}

function within({ minRecords, maxRecords }: SliceBounds, records: number): number {
  return Math.max(Math.min(minRecords, maxRecords), Math.min(maxRecords, records));
}
