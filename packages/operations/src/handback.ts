import { type Authority, FIRST_AUTHORITY } from '@banyan/core';
import { type Queryable, query } from '@banyan/postgres';

/**
 * The authority by which the keys of an entity read as legacy's: that of the last hand-back any partition has. Which partition a key
 * lies in the store does not say, and need not: a hand-back reaches all of them. While it is on its way, keys of the partitions behind
 * it are called legacy's too early, and an import of theirs is refused by the fold.
 */
export async function authorityOfOwners(v2: Queryable, entity: string): Promise<Authority> {
  const [row] = await query<{ handback: number | null }>(
    v2,
    'select max(handback) as handback from v2.sink_offset where consumer = $1',
    [entity],
  );
  return { ...FIRST_AUTHORITY, handback: row?.handback ?? 0 };
}
