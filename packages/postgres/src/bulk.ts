import { arrayParameter, textArray } from './array-parameter.js';
import { columnType, identifier } from './identifier.js';
import type { Queryable } from './pool.js';

export interface BulkTable {
  readonly schema: string;
  readonly table: string;
  /** Column -> PostgreSQL type (not an array type: `unnest` would flatten it). jsonb values may be values or, as text, JSON. */
  readonly columns: Readonly<Record<string, string>>;
}

export interface UpsertTable extends BulkTable {
  /** The columns of the unique key. */
  readonly conflict: readonly string[];
  /** What to write over; default: all columns but the key's. `[]` = leave the row that is there. */
  readonly update?: readonly string[];
}

export type BulkRow = Readonly<Record<string, unknown>>;

/**
 * Inserts all rows with one statement over `unnest` (about 30 times faster than row by row). Give rows in the order of their
 * key: two transactions that write the same rows in different orders deadlock.
 */
export async function bulkInsert(on: Queryable, table: BulkTable, rows: readonly BulkRow[]): Promise<number> {
  return run(on, table, rows, '');
}

/** As `bulkInsert`, and writes over rows that are there. A key may stand in `rows` once only. */
export async function bulkUpsert(on: Queryable, table: UpsertTable, rows: readonly BulkRow[]): Promise<number> {
  const updated = table.update ?? Object.keys(table.columns).filter((column) => !table.conflict.includes(column));
  const sets = updated.map((column) => `${identifier(column)} = excluded.${identifier(column)}`);
  const action = sets.length === 0 ? 'do nothing' : `do update set ${sets.join(', ')}`;
  return run(on, table, rows, `on conflict (${table.conflict.map(identifier).join(', ')}) ${action}`);
}

/** Deletes all rows whose `key` column (uuid) is one of `keys`. */
export async function bulkDelete(
  on: Queryable,
  table: { readonly schema: string; readonly table: string; readonly key: string },
  keys: readonly string[],
): Promise<number> {
  if (keys.length === 0) return 0;
  const name = `${identifier(table.schema)}.${identifier(table.table)}`;
  const result = await on.query(`delete from ${name} where ${identifier(table.key)} = any($1::text[]::uuid[])`, [
    textArray(keys),
  ]);
  return result.rowCount ?? 0;
}

async function run(on: Queryable, table: BulkTable, rows: readonly BulkRow[], suffix: string): Promise<number> {
  if (rows.length === 0) return 0;
  const columns = Object.entries(table.columns);
  const names = columns.map(([column]) => identifier(column)).join(', ');
  const selected: string[] = [];
  const arrays: string[] = [];
  const values = columns.map(([column, type], index) => {
    const own = arrayElement(type);
    const place = `$${index + 1}`;
    const cells = rows.map((row) => row[column]);
    if (isSame(cells, type)) {
      selected.push(`${place}::${own}`);
      return cells[0];
    }
    const { value, element = own } = arrayParameter(cells, own);
    arrays.push(`${place}::${element}[]`);
    selected.push(`c${arrays.length}::${own}`);
    return value;
  });
  const aliases = arrays.map((_, index) => `c${index + 1}`).join(', ');
  const from =
    arrays.length === 0 ? `generate_series(1, ${rows.length})` : `unnest(${arrays.join(', ')}) as u (${aliases})`;
  const result = await on.query(
    `insert into ${identifier(table.schema)}.${identifier(table.table)} (${names}) select ${selected.join(', ')} from ${from} ${suffix}`,
    values,
  );
  return result.rowCount ?? 0;
}

/** Said once, and neither written nor read as an array: the consumer's name, what nearly all keys are. Objects are never the same. */
function isSame(cells: readonly unknown[], type: string): boolean {
  const [first] = cells;
  if (type === 'jsonb' && first !== undefined && first !== null) return false;
  return cells.every((cell) => cell === first);
}

/**
 * The type without its length: a cast to `char(3)` or `varchar(40)` cuts off what is too long without a word, while the column
 * itself refuses it.
 */
function arrayElement(type: string): string {
  const base = columnType(type).replace(/\(.*\)/, '');
  return base === 'char' || base === 'character' ? 'bpchar' : base;
}
