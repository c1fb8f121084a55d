import { readFile } from 'node:fs/promises';
import { Client } from 'pg';

/** Any number will do, as long as everybody who makes the tables takes the same. */
const SCHEMA_LOCK = 19990101;

/** Makes billing's tables if they are not there. Answers whether it did. */
export async function makeTables(databaseUrl: string): Promise<boolean> {
  const client = new Client({ connectionString: databaseUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query("begin; set local statement_timeout = '30s'");
    await client.query('select pg_advisory_xact_lock($1)', [SCHEMA_LOCK]);
    const { rows } = await client.query("select to_regclass('public.invoices') is null as missing");
    const missing = rows[0]?.missing === true;
    if (missing) await client.query(await readFile(new URL('../schema.sql', import.meta.url), 'utf8'));
    await client.query('commit');
    return missing;
  } finally {
    // Ending the connection rolls back whatever was not committed.
    await client.end();
  }
}
