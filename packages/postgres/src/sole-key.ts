import { identifier } from './identifier.js';
import { type Queryable, query } from './pool.js';

/**
 * Whether a column is a key of its table by itself, and the only one: then at most one row has a value of it, and rows may be written over
 * each other in any order. Throws `POSTGRES_UNAVAILABLE` (retryable).
 */
export async function isSoleKey(
  on: Queryable,
  { schema, table, key }: { readonly schema: string; readonly table: string; readonly key: string },
): Promise<boolean> {
  const [found] = await query<{ sole: boolean }>(
    on,
    `select count(*) = 1 and coalesce(bool_and(
         i.indisunique and i.indimmediate and i.indisvalid and i.indnkeyatts = 1 and i.indpred is null and a.attname = $2), false) as sole
     from pg_index i left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
     where i.indrelid = $1::regclass and (i.indisunique or i.indisexclusion)`,
    [`${identifier(schema)}.${identifier(table)}`, key],
  );
  return found?.sole ?? false;
}
