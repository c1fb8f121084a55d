import type { LegacyRow, ReaderDefinition } from '@banyan/transformer';

/** A table of legacy's whose rows are one entity each, and how its API shows it. */
export interface TableReader<R extends LegacyRow> {
  /** In the database and in the API's paths: `products`. */
  readonly table: string;
  /** Field of the id: `ProductID`. It is one of `columns`. */
  readonly id: keyof R & string;
  /** `number`: from a sequence, ordered as numbers. `code`: text that people gave. */
  readonly idIs: 'number' | 'code';
  /** Every field of a row, and its column: `{ ProductID: 'product_id' }`. */
  readonly columns: Readonly<Record<keyof R & string, string>>;
  /** Throws `UnmappableRow`. */
  canonical(raw: unknown): R;
}

/** Reads the table by SQL, column by column under the API's names, and by the API: both give one canonical row. */
export function tableReader<R extends LegacyRow>(reader: TableReader<R>): ReaderDefinition<R> {
  const { id, idIs, columns, canonical } = reader;
  // Quoted: somebody's table has a column named `order`, or `CompanyName`.
  const table = `"${reader.table}"`;
  const key = `"${columns[id]}"`;
  const number = idIs === 'number';
  const fields = Object.entries<string>(columns).map(([field, column]) => `"${column}" as "${field}"`);
  return {
    sql: {
      idsAfter: `
        select ${key}::text as id from ${table}
        where $1::${number ? 'bigint' : 'text'} is null or ${key} > $1
        order by ${key}
        limit $2`,
      rows: `
        select row_to_json(r) as row from (
          select ${fields.join(', ')} from ${table}
          where ${key} = any($1::text[]${number ? '::bigint[]' : ''})
        ) as r
        order by r."${id}"`,
      ...(number ? { highWaterMark: `select max(${key})::text as id from ${table}` } : {}),
    },
    http: {
      page: (page, size) => `/api/${reader.table}?page=${page}&size=${size}`,
      one: (legacyId) => `/api/${reader.table}/${encodeURIComponent(legacyId)}`,
    },
    canonical,
  };
}
