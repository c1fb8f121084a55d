/** What became of a source row. Every row lands in exactly one of them. */
export const BUCKETS = ['imported', 'unchanged', 'already-new', 'held', 'invalid', 'out-of-scope'] as const;
export type Bucket = (typeof BUCKETS)[number];

/** The books of one entity: rows in = rows accounted for, or the run is not done. */
export interface Books {
  readonly entity: string;
  /** Ids that legacy listed, less those whose row was gone when it was read. */
  readonly sourceRows: number;
  readonly buckets: Readonly<Record<Bucket, number>>;
}

export function emptyBooks(entity: string): Books {
  return { entity, sourceRows: 0, buckets: countBuckets([]) };
}

/** @param sourceRows counted where the rows come from, never derived from the buckets: else the sum could not fail */
export function addChunk(books: Books, sourceRows: number, chunk: readonly Bucket[]): Books {
  const added = countBuckets(chunk);
  const buckets = Object.fromEntries(BUCKETS.map((name) => [name, books.buckets[name] + added[name]]));
  return {
    entity: books.entity,
    sourceRows: books.sourceRows + sourceRows,
    buckets: buckets as Record<Bucket, number>,
  };
}

export function accountedFor(books: Books): number {
  return BUCKETS.reduce((sum, name) => sum + books.buckets[name], 0);
}

/** Balanced, and nothing is held: with an open send that may have made a row, nobody can say whose row it is. */
export function isDone(books: Books): boolean {
  return accountedFor(books) === books.sourceRows && books.buckets.held === 0;
}

function countBuckets(chunk: readonly Bucket[]): Record<Bucket, number> {
  const counts = Object.fromEntries(BUCKETS.map((name) => [name, 0])) as Record<Bucket, number>;
  for (const bucket of chunk) counts[bucket] += 1;
  return counts;
}
