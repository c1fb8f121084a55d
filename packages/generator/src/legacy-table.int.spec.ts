import { createPool, type Pool, query } from '@banyan/postgres';
import { createDatabase, dropDatabase, randomPrefix, testStack } from '@banyan/stack/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { IdentityKind } from './field-list.js';
import { readTable } from './legacy-table.js';

const database = `${randomPrefix().replaceAll(/[^a-z0-9]/g, '_')}generator`;
const reader = `${database}_reader`;

let adminUrl: string;
let admin: Pool;
let legacy: Pool;

beforeAll(async () => {
  adminUrl = (await testStack()).databaseUrl;
  const url = await createDatabase(adminUrl, database);
  admin = createPool({ url, applicationName: 'generator-spec' });
  await query(admin, TABLES);
  await query(
    admin,
    `create role "${reader}" login password 'read'; grant select on all tables in schema public to "${reader}"`,
  );
  // As whoever may only read, as one should.
  const readUrl = new URL(url);
  readUrl.username = reader;
  readUrl.password = 'read';
  legacy = createPool({ url: readUrl.href, applicationName: 'generator-spec' });
}, 180_000);

afterAll(async () => {
  await legacy?.end();
  if (admin !== undefined) await query(admin, `drop owned by "${reader}"; drop role "${reader}"`);
  await admin?.end();
  await dropDatabase(adminUrl, database);
});

const read = (table: string, identity: IdentityKind = 'assigned-by-legacy', ...without: string[]) =>
  readTable(legacy, { table, identity, without });

describe('a table of legacy', () => {
  it('is read with its columns, their lengths, and its key', async () => {
    expect(await read('suppliers')).toMatchObject({
      name: 'suppliers',
      key: { name: 'supplier_id', type: { kind: 'smallint' } },
      keyConstraint: 'pk_suppliers',
      columns: [
        { name: 'company_name', type: { kind: 'text', maxLength: 40 }, nullable: false },
        { name: 'homepage', type: { kind: 'text' }, nullable: true },
        { name: 'rating', type: { kind: 'real' }, nullable: true },
        { name: 'since', type: { kind: 'date' }, nullable: false },
        { name: 'staff', type: { kind: 'integer' }, nullable: true },
        { name: 'region_id', type: { kind: 'smallint' }, nullable: true },
      ],
    });
  });

  it('is read with the rules that legacy holds', async () => {
    const { notes } = await read('suppliers');
    expect(notes).toEqual([
      expect.stringContaining('suppliers.rating is a number of about seven digits'),
      expect.stringContaining('products refers to suppliers: legacy refuses to delete'),
      expect.stringContaining('Legacy holds UNIQUE (company_name)'),
      expect.stringContaining('suppliers.region_id refers to regions'),
      expect.stringContaining('Legacy holds CHECK ((staff > 0))'),
    ]);
  });

  it('has a key that people gave, and is told of keys in other forms', async () => {
    const { key, notes } = await read('countries', 'natural-key');
    expect(key).toEqual({ name: 'code', type: { kind: 'text', maxLength: 5 }, nullable: false });
    expect(notes).toEqual([
      '2 rows have a code that is not in capitals without space around it: they will be told as not mappable.',
    ]);
  });

  it('may have columns that are left out', async () => {
    const { columns, leftOut } = await read('products', 'assigned-by-legacy', ...ODD);
    expect([columns.map(({ name }) => name), leftOut]).toEqual([['product_name', 'supplier_id'], ODD]);
  });
});

describe('what cannot be carried over', () => {
  it('is refused, every column at once, with the way around it', async () => {
    const refusal = await read('products').catch((error: unknown) => error);
    expect(refusal).toMatchObject({ code: 'GENERATOR_REFUSED' });
    const { message } = refusal as Error;
    for (const column of ODD) expect(message).toContain(`products.${column} is `);
    expect(message).toContain('products.price is numeric');
    expect(message).toContain('products.twice is computed by the database');
    expect(message).toContain('from-table=products without ');
  });

  it.each<[string, string, IdentityKind, string[], string]>([
    [
      'no such table',
      'nothing',
      'assigned-by-legacy',
      [],
      'there are: countries, lines, names, products, regions, suppliers',
    ],
    ['a view', 'names', 'assigned-by-legacy', [], 'has no primary key'],
    ['parts of another entity', 'lines', 'assigned-by-legacy', [], 'The key of lines is order_id, line'],
    ['a number that nobody assigns', 'regions', 'assigned-by-legacy', [], 'legacy does not assign it'],
    ['a number as a natural key', 'suppliers', 'natural-key', [], 'a natural key is a varchar(n)'],
    ['a text that legacy assigns', 'countries', 'assigned-by-legacy', [], 'legacy assigns smallint or integer'],
    ['an unknown column left out', 'suppliers', 'assigned-by-legacy', ['nothing'], 'has no column nothing'],
    ['a required column left out', 'suppliers', 'assigned-by-legacy', ['company_name'], 'legacy requires it'],
    ['the key left out', 'suppliers', 'assigned-by-legacy', ['supplier_id'], 'it cannot be left out'],
  ])('is refused: %s', async (_what, table, identity, without, why) => {
    await expect(read(table, identity, ...without)).rejects.toThrow(why);
  });
});

const ODD = ['picture', 'price', 'padded', 'added', 'zoned', 'flag', 'big', 'tags', 'twice'];

const TABLES = `
  create table regions (region_id smallint primary key, name varchar(60) not null);
  create table suppliers (
    supplier_id smallserial constraint pk_suppliers primary key,
    company_name varchar(40) not null unique, homepage text, rating real, since date not null, staff integer check (staff > 0),
    region_id smallint references regions);
  create table products (
    product_id integer generated always as identity primary key, product_name varchar(40) not null,
    supplier_id smallint references suppliers,
    picture bytea, price numeric(10, 2), padded char(5), added timestamp, zoned timestamptz, flag boolean, big bigint,
    tags text[], twice integer generated always as (1 + 1) stored);
  create table lines (order_id integer, line integer, primary key (order_id, line));
  create table countries (code varchar(5) primary key, name varchar(40) not null);
  insert into countries values ('DE', 'a'), ('fr', 'b'), (' US', 'c');
  create view names as select company_name from suppliers;
`;
