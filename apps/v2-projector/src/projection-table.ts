import { type BulkRow, bulkDelete, bulkInsert, bulkUpsert, type Connection, isSoleKey } from '@banyan/postgres';
import type { EffectiveChange } from '@banyan/sink';
import type { Projection } from '@banyan/transformer';
import { V2_SCHEMA } from './v2-migrations.js';

export interface ProjectionTable {
  /** @param changed the last change of each key, in the order of keys */
  replaceRows(tx: Connection, changed: readonly EffectiveChange[]): Promise<void>;
}

/**
 * The table of a projection. Rows of a key are deleted and made anew, since there may be fewer than before; where the key is the table's own a
 * row is written over the one that is there, which costs PostgreSQL half as much.
 */
export function projectionTable({ table, key, columns, rows: rowsOf }: Projection): ProjectionTable {
  const target = { schema: V2_SCHEMA, table, columns };
  let sole: boolean | undefined;
  return {
    replaceRows: async (tx, changed) => {
      // Before the first statement: a projection that throws must find nothing half done.
      const made = changed.map((change) => ({ key: change.key, rows: rowsOf(change.after, change.key) }));
      const rows: BulkRow[] = made.flatMap((one) => one.rows);
      sole ??= await isSoleKey(tx, { schema: V2_SCHEMA, table, key });
      // Rows that are not one of each key, under it, are for PostgreSQL to refuse.
      const over = sole && made.every((one) => one.rows.length < 2 && one.rows.every((row) => row[key] === one.key));
      const gone = over ? made.filter((one) => one.rows.length === 0) : made;
      await bulkDelete(
        tx,
        { schema: V2_SCHEMA, table, key },
        gone.map((one) => one.key),
      );
      if (over) await bulkUpsert(tx, { ...target, conflict: [key] }, rows);
      else await bulkInsert(tx, target, rows);
    },
  };
}
