import { identifier } from './identifier.js';
import { type Queryable, query } from './pool.js';
import { STATE_COLUMNS, type StateRow, type StoredState, toStoredState } from './stored-state.js';

/**
 * A page of a consumer's keys behind `after` (null = from the first), in key order, with their states: for going through all of
 * them without holding them. Throws `POSTGRES_UNAVAILABLE` (retryable).
 */
export async function statesAfter(
  on: Queryable,
  schema: string,
  consumer: string,
  after: string | null,
  limit: number,
): Promise<readonly (readonly [key: string, state: StoredState])[]> {
  const rows = await query<StateRow & { key: string }>(
    on,
    `select ${STATE_COLUMNS} from ${identifier(schema)}.state s
     where s.consumer = $1 and ($2::uuid is null or s.key > $2::uuid) order by s.key limit $3`,
    [consumer, after, limit],
  );
  return rows.map((row) => [row.key, toStoredState(row)]);
}
