import pg from 'pg';

/** True when the server takes the login and answers a query. */
async function databaseAnswers(url: string, timeoutMs = 3_000): Promise<boolean> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    application_name: 'banyan-stack',
  });
  // A server that goes away also emits an error, which would end this process if nobody listened.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}

export { databaseAnswers };
