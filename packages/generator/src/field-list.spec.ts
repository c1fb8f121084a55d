import { describe, expect, it } from '@jest/globals';
import { tableOfFields } from './field-list.js';

describe('a list of fields', () => {
  it('is a table named after the entity, with a number of legacy as its key', () => {
    const list =
      'companyName:text(40), phone:text(24):nullable, since:date, weight:real, staff:smallint, size:integer, note:text';
    expect(tableOfFields('shipper', 'assigned-by-legacy', list)).toMatchObject({
      name: 'shippers',
      key: { name: 'shipper_id', type: { kind: 'integer' }, nullable: false },
      columns: [
        { name: 'company_name', type: { kind: 'text', maxLength: 40 }, nullable: false },
        { name: 'phone', type: { kind: 'text', maxLength: 24 }, nullable: true },
        { name: 'since', type: { kind: 'date' } },
        { name: 'weight', type: { kind: 'real' } },
        { name: 'staff', type: { kind: 'smallint' } },
        { name: 'size', type: { kind: 'integer' } },
        { name: 'note', type: { kind: 'text' } },
      ],
    });
  });

  it('has the code that people give as its key', () => {
    const table = tableOfFields('territory', 'natural-key', 'territoryId:code(20),description:text(60)');
    expect(table).toMatchObject({
      name: 'territories',
      key: { name: 'territory_id', type: { kind: 'text', maxLength: 20 } },
      columns: [{ name: 'description' }],
    });
  });

  it.each<['assigned-by-legacy' | 'natural-key', string, string]>([
    ['assigned-by-legacy', 'name', '"name" is no field'],
    ['assigned-by-legacy', 'Name:text', '"Name:text" is no field'],
    ['assigned-by-legacy', 'name:text(0)', 'is no field'],
    ['assigned-by-legacy', 'price:money', '"price:money" is no field'],
    ['assigned-by-legacy', 'count:integer(4)', 'is no field'],
    ['assigned-by-legacy', 'name:text:optional', 'is no field'],
    ['assigned-by-legacy', 'code:code(5),name:text', 'legacy assigns the id'],
    ['natural-key', 'name:text', 'A natural key is one field of type code'],
    ['natural-key', 'a:code(5),b:code(5)', 'A natural key is one field of type code'],
    ['natural-key', 'a:code(5):nullable,b:text', 'A natural key is one field of type code'],
  ])('%s: %s is refused', (identity, list, why) => {
    expect(() => tableOfFields('thing', identity, list)).toThrow(why);
  });

  it('tells everything that is wrong at once', () => {
    expect(() => tableOfFields('thing', 'assigned-by-legacy', 'a,b:nothing')).toThrow(/"a" is[\s\S]*"b:nothing" is/);
  });
});
