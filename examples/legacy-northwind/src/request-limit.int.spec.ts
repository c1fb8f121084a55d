import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { STACK_START_MS } from './testing/fresh-database.js';
import { type RunningLegacy, runLegacy } from './testing/running-legacy.js';

/** Long enough for what is to be within it, on a busy machine too. */
const LIMIT_MS = 1_500;
const ended = { status: 500, text: `The request took longer than ${LIMIT_MS} ms and was ended.` };

describe('the request limit', () => {
  let legacy: RunningLegacy;
  let blocker: Client;

  beforeAll(async () => {
    legacy = await runLegacy({ requestLimitMs: LIMIT_MS });
    blocker = new Client({ connectionString: legacy.databaseUrl });
    await blocker.connect();
  }, STACK_START_MS);
  afterAll(async () => {
    await blocker.end();
    await legacy.stop();
  });

  it('ends a write that waits for a lock, and rolls it back', async () => {
    const before = (await legacy.call('GET', '/api/orders/10248')).json;
    await blocker.query('begin');
    // The update goes through; the details wait. What was done so far must not stay.
    await blocker.query('select 1 from order_details where order_id = 10248 for update');
    const answer = await legacy.call('PUT', '/api/orders/10248', { CustomerID: 'ALFKI', Details: [] });
    expect(answer).toMatchObject(ended);
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8');
    await noStatementLeft();
    await blocker.query('rollback');
    expect((await legacy.call('GET', '/api/orders/10248')).json).toEqual(before);
    expect(await legacy.counts()).toContainEqual(expect.objectContaining({ method: 'PUT', committed: 0 }));
  });

  it('ends a write whose statements are quick enough one by one, but not together', async () => {
    const before = (await legacy.call('GET', '/api/orders/10248')).json;
    await legacy.sql(
      `create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(${(LIMIT_MS * 2) / 3_000}); return null; end $$;
       create trigger slow_orders after update on orders for each statement execute function slow();
       create trigger slow_details after delete on order_details for each statement execute function slow()`,
    );
    expect(await legacy.call('PUT', '/api/orders/10248', { Details: [] })).toMatchObject(ended);
    await noStatementLeft();
    await legacy.sql('drop function slow cascade');
    expect((await legacy.call('GET', '/api/orders/10248')).json).toEqual(before);
  });

  it('ends what has to wait too long for a database connection', async () => {
    await blocker.query('begin');
    await blocker.query('lock table customers in access exclusive mode');
    const answers = await Promise.all(
      Array.from({ length: 25 }, () => legacy.call('POST', '/api/customers', { CustomerID: 'X', CompanyName: 'x' })),
    );
    await noStatementLeft();
    await blocker.query('rollback');
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([500]));
    expect((await legacy.call('GET', '/api/customers/X')).status).toBe(404);
  });

  it('ends a request that is delayed beyond it before it has an effect', async () => {
    await legacy.setFaults({ latencyMs: LIMIT_MS * 2 });
    expect(await legacy.call('DELETE', '/api/orders/10249')).toMatchObject(ended);
    await legacy.setFaults({});
    expect((await legacy.call('GET', '/api/orders/10249')).status).toBe(200);
    expect(await legacy.counts()).toContainEqual(
      expect.objectContaining({ method: 'DELETE', received: 1, committed: 0 }),
    );
  });

  it('ends a request whose body does not come to an end', async () => {
    const answer = await new Promise<{ status: number | undefined; text: string }>((resolve, reject) => {
      const slow = httpRequest(`${legacy.url}/api/orders`, { method: 'POST' }, (response) => {
        response.setEncoding('utf8');
        let text = '';
        response.on('data', (part: string) => {
          text += part;
        });
        response.on('end', () => {
          slow.destroy();
          resolve({ status: response.statusCode, text });
        });
      });
      slow.on('error', reject);
      slow.write('{"CustomerID":');
    });
    expect(answer).toEqual(ended);
  });

  it('stands for a request whose caller has gone', async () => {
    await blocker.query('begin');
    await blocker.query('select 1 from orders where order_id = 10250 for update');
    const call = legacy.call('DELETE', '/api/orders/10250', undefined, { signal: AbortSignal.timeout(LIMIT_MS / 3) });
    await expect(call).rejects.toThrow();
    await noStatementLeft();
    await blocker.query('rollback');
    expect((await legacy.call('GET', '/api/orders/10250')).status).toBe(200);
  });

  it('leaves a system that works', async () => {
    expect((await legacy.call('GET', '/api/orders/10248')).status).toBe(200);
  });

  /** Returns once the database has ended whatever the server had it do; fails after 30 s. */
  async function noStatementLeft(): Promise<void> {
    const deadline = Date.now() + 30_000;
    for (;;) {
      const rows = await legacy.sql(
        "select 1 from pg_stat_activity where application_name = 'legacy-northwind' and datname = current_database() and state <> 'idle'",
      );
      if (rows.length === 0) return;
      if (Date.now() > deadline) throw new Error('the server still has the database at work');
      await legacy.sql('select pg_sleep(0.02)');
    }
  }
});
