import type { BulkRow, BulkTable } from './bulk.js';
import { columnType, identifier } from './identifier.js';
import { type Queryable, query } from './pool.js';

/**
 * Which of `keys` (uuid, in column `key`) have rows in the table that are not exactly the expected ones: missing, more, or other
 * values. PostgreSQL compares, in the columns' own types. Throws `POSTGRES_UNAVAILABLE` (retryable).
 */
export async function differingKeys(
  on: Queryable,
  table: BulkTable & { readonly key: string },
  keys: readonly string[],
  expected: readonly BulkRow[],
): Promise<readonly string[]> {
  if (keys.length === 0) return [];
  const columns = Object.entries(table.columns);
  const names = columns.map(([column]) => identifier(column)).join(', ');
  const arrays = columns.map(([, type], index) => `$${index + 2}::${columnType(type)}[]`).join(', ');
  const key = identifier(table.key);
  const rows = await query<{ key: string }>(
    on,
    `with expected (${names}) as (select * from unnest(${arrays})),
       actual as (select ${names} from ${identifier(table.schema)}.${identifier(table.table)} where ${key} = any($1::uuid[]))
     select distinct ${key}::text as key from (
       (table expected except all table actual) union all (table actual except all table expected)) as differing`,
    [keys, ...columns.map(([column]) => expected.map((row) => row[column] ?? null))],
  );
  return rows.map((row) => row.key);
}
