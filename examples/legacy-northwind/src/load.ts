import { readFile } from 'node:fs/promises';
import { parse } from 'csv-parse/sync';
import { Client } from 'pg';

/** Parents before children: rows are loaded in this order. */
const TABLES = [
  'categories',
  'customers',
  'employees',
  'suppliers',
  'shippers',
  'region',
  'territories',
  'employee_territories',
  'products',
  'orders',
  'order_details',
] as const;

export type TableName = (typeof TABLES)[number];

/** Ids that the system assigns go on above the largest one loaded. */
const SEQUENCES = [
  { sequence: 'suppliers_supplier_id_seq', table: 'suppliers', column: 'supplier_id' },
  { sequence: 'products_product_id_seq', table: 'products', column: 'product_id' },
  { sequence: 'orders_order_id_seq', table: 'orders', column: 'order_id' },
] as const;

/** Any number will do, as long as everybody who loads takes the same. */
const LOAD_LOCK = 19960704;

/**
 * Makes the Northwind tables and loads every CSV row, all in one transaction. Answers the number of rows per table.
 * A database that already has tables in schema public is refused, unless `reset`: then Northwind's own tables are emptied
 * and filled again, and nothing else is touched (grants, triggers and views of others stay).
 */
export async function loadNorthwind(
  databaseUrl: string,
  options: { readonly reset?: boolean } = {},
): Promise<Readonly<Record<TableName, number>>> {
  return inTransaction(databaseUrl, async (client) => {
    const tables = await publicTables(client);
    if (tables.length > 0 && options.reset !== true) {
      throw new Error(
        `The database is not empty: schema public has ${tables.slice(0, 5).join(', ')}${tables.length > 5 ? ', …' : ''}. ` +
          'Name an empty database, or load with { reset: true } to put the original rows back.',
      );
    }
    return fill(client, tables);
  });
}

/** Loads the rows if the database has no tables yet. Answers whether it did. */
export async function loadNorthwindIfEmpty(databaseUrl: string): Promise<boolean> {
  return inTransaction(databaseUrl, async (client) => {
    const tables = await publicTables(client);
    if (tables.length > 0) return false;
    await fill(client, tables);
    return true;
  });
}

async function fill(client: Client, tables: readonly string[]): Promise<Record<TableName, number>> {
  if (tables.length === 0) await client.query(await readFile(new URL('../schema.sql', import.meta.url), 'utf8'));
  else await client.query(`truncate ${TABLES.join(', ')}`);

  const counts: Partial<Record<TableName, number>> = {};
  for (const table of TABLES) {
    const rows = await readRows(table);
    // The text of the CSV goes through each column's own input function: 14.4 becomes real 14.4, 1996-07-04 a date.
    await client.query(`insert into ${table} select * from json_populate_recordset(null::${table}, $1)`, [
      JSON.stringify(rows),
    ]);
    counts[table] = rows.length;
  }
  for (const { sequence, table, column } of SEQUENCES) {
    await client.query(`select setval('${sequence}', (select max(${column}) from ${table}))`);
  }
  return counts as Record<TableName, number>;
}

async function readRows(table: TableName): Promise<Record<string, string | null>[]> {
  const text = await readFile(new URL(`../data/${table}.csv`, import.meta.url), 'utf8');
  return parse(text, { columns: true, cast: (value, { header }) => (value === '' && !header ? null : value) });
}

async function publicTables(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    "select tablename as name from pg_tables where schemaname = 'public' order by tablename",
  );
  return rows.map((row) => row.name);
}

async function inTransaction<T>(databaseUrl: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({
    connectionString: databaseUrl,
    application_name: 'legacy-northwind-load',
    connectionTimeoutMillis: 10_000,
  });
  // An idle connection that breaks says so here; the query under way fails by itself.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query("begin; set local statement_timeout = '60s'");
    await client.query('select pg_advisory_xact_lock($1)', [LOAD_LOCK]);
    const result = await work(client);
    await client.query('commit');
    return result;
  } finally {
    // Ending the connection rolls back whatever was not committed.
    await client.end();
  }
}
