import { type Pool, query } from '@banyan/postgres';

/** Where the intake of a consumer stands in one partition. */
export type StoredPosition = {
  readonly partition: number;
  /** Offset of the next record. */
  readonly next: number;
};

/**
 * From the database that all instances share: what an instance knows of its own partitions says nothing of the others', and whoever asks
 * reaches one instance of several.
 */
export function positionsOf(pool: Pool, consumer: string): Promise<readonly StoredPosition[]> {
  return query(
    pool,
    'select partition, next_offset as next from porter.sink_offset where consumer = $1 order by partition',
    [consumer],
  );
}
