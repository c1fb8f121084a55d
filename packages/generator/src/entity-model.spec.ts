import { describe, expect, it } from '@jest/globals';
import type { Column, Table } from './column.js';
import { entityModel } from './entity-model.js';

const text: Column = { name: 'company_name', type: { kind: 'text', maxLength: 40 }, nullable: false };
const table = (change: Partial<Table> = {}): Table => ({
  name: 'suppliers',
  key: { name: 'supplier_id', type: { kind: 'smallint' }, nullable: false },
  keyConstraint: 'pk_suppliers',
  columns: [text],
  leftOut: [],
  notes: [],
  ...change,
});
const supplier = { entity: 'supplier', domain: 'northwind', identity: 'assigned-by-legacy' } as const;

describe('an entity', () => {
  it('is named after its word, its tables and routes after legacy\u2019s', () => {
    expect(entityModel(supplier, table({ name: 'Supplier_List' }))).toMatchObject({
      Entity: 'Supplier',
      ENTITY: 'SUPPLIER',
      table: 'Supplier_List',
      plural: 'supplier-list',
      Plural: 'SupplierList',
      v2Table: 'supplier_list',
    });
  });

  it('is searched for by the first text that is never null', () => {
    const nullable = { ...text, name: 'phone', nullable: true };
    expect(entityModel(supplier, table({ columns: [nullable, text] })).search?.field).toBe('CompanyName');
  });

  it('holds a natural key in its state, and not as V2\u2019s id', () => {
    const key: Column = { name: 'id', type: { kind: 'text', maxLength: 5 }, nullable: false };
    const model = entityModel({ ...supplier, identity: 'natural-key' }, table({ key }));
    expect(model.stateFields.map(({ name, field, v2Column }) => [name, field, v2Column])).toEqual([
      ['supplierId', 'ID', 'supplier_id'],
      ['companyName', 'CompanyName', 'company_name'],
    ]);
  });

  it.each<[string, object, Partial<Table>, string]>([
    ['two words', { entity: 'sales-region' }, {}, 'is no entity'],
    ['a word of the language', { entity: 'class' }, {}, 'has another meaning'],
    ['a domain of two words', { domain: 'north-wind' }, {}, 'is no domain'],
    ['nothing but a key', {}, { columns: [] }, 'nothing but its key'],
    ['no text to search by', {}, { columns: [{ ...text, nullable: true }] }, 'no text that is never null'],
    ['a field that every answer has', {}, { columns: [text, { ...text, name: 'version' }] }, 'would be version'],
    ['one name for two columns', {}, { columns: [text, { ...text, name: 'CompanyName' }] }, 'would be companyName'],
    ['a name that would end a string', {}, { columns: [text, { ...text, name: "it's" }] }, 'cannot stand in code'],
    ['a table that V2 has', {}, { name: 'state' }, 'V2 has a table state of its own'],
    ['a name that is none in V2', {}, { columns: [text, { ...text, name: '2nd' }] }, 'makes no name in V2'],
  ])('is refused with %s', (_what, wish, change, why) => {
    expect(() => entityModel({ ...supplier, ...wish }, table(change))).toThrow(why);
  });
});
