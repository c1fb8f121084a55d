import pg from 'pg';

/**
 * Makes a database for one test.
 * @param databaseUrl a superuser's address, as a stack gives it
 * @param name lower case letters, digits and underscores; an existing one is an error
 * @returns the same address with the new database
 */
async function createDatabase(databaseUrl: string, name: string): Promise<string> {
  await execute(databaseUrl, `create database ${pg.escapeIdentifier(name)}`);
  return urlOf(databaseUrl, name);
}

/** Removes it, and ends its connections. Nothing happens when there is none. */
async function dropDatabase(databaseUrl: string, name: string): Promise<void> {
  await execute(databaseUrl, `drop database if exists ${pg.escapeIdentifier(name)} with (force)`);
}

async function execute(databaseUrl: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: 30_000 });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

function urlOf(databaseUrl: string, name: string): string {
  const url = new URL(databaseUrl);
  url.pathname = `/${encodeURIComponent(name)}`;
  return url.href;
}

export { createDatabase, dropDatabase };
