import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'csv-parse/sync';
import { Client } from 'pg';
import { loadNorthwind, loadNorthwindIfEmpty } from './load.js';
import { freshDatabase, STACK_START_MS } from './testing/fresh-database.js';

const COUNTS = {
  categories: 8,
  customers: 91,
  employees: 9,
  suppliers: 29,
  shippers: 6,
  region: 4,
  territories: 53,
  employee_territories: 49,
  products: 77,
  orders: 830,
  order_details: 2155,
};

describe('loading Northwind', () => {
  let databaseUrl: string;
  let client: Client;

  beforeAll(async () => {
    databaseUrl = await freshDatabase();
    client = await connect(databaseUrl);
  }, STACK_START_MS);
  afterAll(() => client.end());

  it('loads every row, and says how many', async () => {
    expect(await loadNorthwind(databaseUrl)).toEqual(COUNTS);
  });

  it('makes exactly the columns of columns.txt, and the one that somebody added', async () => {
    const { rows } = await client.query<{ line: string }>(
      `select c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
          || case when a.attnotnull then ' not null' else '' end as line
        from pg_attribute a join pg_class c on c.oid = a.attrelid and c.relkind = 'r'
        where c.relnamespace = 'public'::regnamespace and a.attnum > 0
        order by c.relname, a.attnum`,
    );
    const expected = (await readData('columns.txt')).trim().split('\n');
    const lines = rows.map(({ line }) => line);
    expect(lines.filter((line) => line !== 'orders.po_number character varying(40)')).toEqual(expected);
    expect(lines).toHaveLength(expected.length + 1);
  });

  it('has a primary key per table and every foreign key of the original', async () => {
    const keys = async (type: 'p' | 'f') => {
      const { rows } = await client.query<{ key: string }>(
        `select replace(conrelid::regclass || ': ' || pg_get_constraintdef(oid), ' KEY', '') as key
          from pg_constraint where connamespace = 'public'::regnamespace and contype = $1 order by 1`,
        [type],
      );
      return rows.map(({ key }) => key);
    };
    expect(await keys('p')).toHaveLength(Object.keys(COUNTS).length);
    expect(await keys('f')).toEqual([
      'employee_territories: FOREIGN (employee_id) REFERENCES employees(employee_id)',
      'employee_territories: FOREIGN (territory_id) REFERENCES territories(territory_id)',
      'employees: FOREIGN (reports_to) REFERENCES employees(employee_id)',
      'order_details: FOREIGN (order_id) REFERENCES orders(order_id)',
      'order_details: FOREIGN (product_id) REFERENCES products(product_id)',
      'orders: FOREIGN (customer_id) REFERENCES customers(customer_id)',
      'orders: FOREIGN (employee_id) REFERENCES employees(employee_id)',
      'orders: FOREIGN (ship_via) REFERENCES shippers(shipper_id)',
      'products: FOREIGN (category_id) REFERENCES categories(category_id)',
      'products: FOREIGN (supplier_id) REFERENCES suppliers(supplier_id)',
      'territories: FOREIGN (region_id) REFERENCES region(region_id)',
    ]);
  });

  it('keeps every cell as it is in the CSV', async () => {
    for (const table of Object.keys(COUNTS)) {
      const expected: Record<string, string>[] = parse(await readData(`${table}.csv`), { columns: true });
      const columns = Object.keys(expected[0] ?? {});
      const cells = columns.map((column) => `coalesce(${column}::text, '') as ${column}`);
      const { rows } = await client.query(`select ${cells.join(', ')} from ${table}`);
      expect({ table, rows: inOrder(rows) }).toEqual({ table, rows: inOrder(expected) });
    }
  });

  it('refuses a database that is not empty, and leaves it alone', async () => {
    await client.query("update customers set city = 'Bonn' where customer_id = 'ALFKI'");
    await expect(loadNorthwind(databaseUrl)).rejects.toThrow(/not empty: schema public has categories, .*reset/);
    expect(await loadNorthwindIfEmpty(databaseUrl)).toBe(false);
    expect(await cityOfAlfki()).toBe('Bonn');
  });

  it('puts the original rows back when told to reset, and touches nothing of others', async () => {
    await client.query('create view alfki as select * from customers');
    await client.query("insert into orders (customer_id) values ('ALFKI')");
    expect(await loadNorthwind(databaseUrl, { reset: true })).toEqual(COUNTS);
    expect(await cityOfAlfki()).toBe('Berlin');
    expect((await client.query('select * from alfki')).rowCount).toBe(91);
  });

  it('leaves nothing behind when it fails half way', async () => {
    const otherUrl = await freshDatabase();
    const other = await connect(otherUrl);
    await other.query('create sequence orders_order_id_seq');
    await expect(loadNorthwindIfEmpty(otherUrl)).rejects.toThrow(/orders_order_id_seq/);
    expect((await other.query("select 1 from pg_tables where schemaname = 'public'")).rowCount).toBe(0);
    await other.end();
  });

  it('loads once when two start at the same time', async () => {
    const otherUrl = await freshDatabase();
    const loaded = await Promise.all([loadNorthwindIfEmpty(otherUrl), loadNorthwindIfEmpty(otherUrl)]);
    expect(loaded.sort()).toEqual([false, true]);
  });

  async function cityOfAlfki(): Promise<unknown> {
    return (await client.query("select city from customers where customer_id = 'ALFKI'")).rows[0]?.city;
  }
});

async function connect(connectionString: string): Promise<Client> {
  const client = new Client({ connectionString });
  await client.connect();
  return client;
}

function readData(name: string): Promise<string> {
  return readFile(new URL(`../data/${name}`, import.meta.url), 'utf8');
}

function inOrder(rows: readonly Record<string, string>[]): string[] {
  return rows.map((row) => JSON.stringify(row)).sort();
}
