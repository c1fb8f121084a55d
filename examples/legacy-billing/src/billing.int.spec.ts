import { createDatabase, dropDatabase, randomPrefix, testStack } from '@banyan/stack/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from 'pg';
import { readConfig } from './config.js';
import { makeTables } from './schema.js';
import { type Billing, startBilling } from './start.js';

const name = `${randomPrefix()}billing`;
let superuserUrl: string;
let databaseUrl: string;
let billing: Billing;
let client: Client;

beforeAll(async () => {
  superuserUrl = (await testStack()).databaseUrl;
  databaseUrl = await createDatabase(superuserUrl, name);
  await makeTables(databaseUrl);
  billing = await startBilling({ databaseUrl, port: 0 });
  client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(
    `insert into invoices (order_no, cust_code, net_amt, freight_amt, total_amt) values (11078, 'ALFKI', 100, 2.5, 102.50), (11079, null, 1, 0, 1)`,
  );
  await client.query(`insert into invoice_lines values (70001, 1, '11', 2, 50, 0, 100)`);
}, 180_000);
afterAll(async () => {
  await billing.stop();
  await client.end();
  await dropDatabase(superuserUrl, name);
});

const get = async (path: string) => {
  const answer = await fetch(`${billing.url}${path}`);
  return { status: answer.status, body: (await answer.json()) as unknown };
};

describe('billing', () => {
  it('makes its tables once', async () => {
    expect(await makeTables(databaseUrl)).toBe(false);
  });

  it('shows an invoice by its number, and what an order came to', async () => {
    const invoice = {
      ...{ invoiceNo: 70001, orderNo: 11078, customer: 'ALFKI', reference: null, date: null, shipped: null },
      ...{ status: 'OPEN', net: '100.00', freight: '2.50', total: '102.50' },
      lines: [{ item: '11', qty: 2, amount: '100.00' }],
    };
    expect(await get('/invoices/70001')).toEqual({ status: 200, body: invoice });
    expect(await get('/invoices?order=11078')).toEqual({ status: 200, body: { invoices: [invoice] } });
    expect(await get('/invoices?limit=1')).toEqual({ status: 200, body: { invoices: [invoice] } });
    expect((await get('/invoices')).body).toMatchObject({ invoices: [{ orderNo: 11078 }, { orderNo: 11079 }] });
  });

  it.each([
    ['/invoices/1', 404],
    ['/invoices/x', 404],
    ['/invoices?order=x', 400],
  ])('%s: %d', async (path, status) => {
    expect((await get(path)).status).toBe(status);
  });

  it('lets nobody change what is paid', async () => {
    await client.query(`update invoices set paid_on = '2024-06-01' where order_no = 11079`);
    expect((await get('/invoices?order=11079')).body).toMatchObject({ invoices: [{ status: 'PAID' }] });
    const words = /INVOICE 70002 IS PAID/;
    await expect(client.query('update invoices set net_amt = 2 where order_no = 11079')).rejects.toThrow(words);
    await expect(client.query('delete from invoices where order_no = 11079')).rejects.toThrow(words);
  });

  it('does not start without its environment, and says what is missing', () => {
    expect(() => readConfig({ PORT: 'x' })).toThrow(/BILLING_DATABASE_URL: must be a postgres:\/\/ URL; PORT/);
  });
});
