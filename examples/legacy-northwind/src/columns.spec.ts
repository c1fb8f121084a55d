import { describe, expect, it } from '@jest/globals';
import { code, date, flag, readBody, real, required, smallint, text } from './columns.js';

describe('the columns of a row', () => {
  it.each([
    ['CustomerID', 'customer_id'],
    ['ShipPostalCode', 'ship_postal_code'],
    ['Freight', 'freight'],
  ])('keeps %s as %s', (field, column) => {
    expect(text(field).column).toBe(column);
  });

  it('reads a body in the order of the columns, passes unknown fields over and takes what is missing for null', () => {
    expect(readBody([text('City', 15), smallint('ShipVia')], { Nonsense: 1, City: 'Köln' })).toEqual(['Köln', null]);
  });

  it.each([
    ['text that is too long', text('City', 3), 'Köln', 'City must not be longer than 3 characters.'],
    ['text that is none', text('City'), 5, 'City must be text.'],
    ['a missing value that must be there', required(text('City')), null, 'City is required.'],
    ['an empty code', code('CustomerID', 5), ' ', 'CustomerID must not be empty.'],
    ['a broken number', smallint('ShipVia'), 1.5, 'ShipVia must be a whole number.'],
    ['a number as text', smallint('ShipVia'), '1', 'ShipVia must be a whole number.'],
    ['a number below its range', smallint('Quantity', { min: 1 }), 0, 'Quantity must not be below 1.'],
    ['money as text', real('Freight'), '1.00', 'Freight must be a number.'],
    ['a discount above everything', real('Discount', { max: 1 }), 1.1, 'Discount must not be above 1.'],
    ['true for 1', flag('Discontinued'), true, 'Discontinued must be 0 or 1.'],
    ['a time', date('OrderDate'), '1996-07-04T00:00:00Z', 'OrderDate must be a date, yyyy-mm-dd.'],
    ['a day that never was', date('OrderDate'), '1997-02-29', 'OrderDate must be a date, yyyy-mm-dd.'],
  ])('refuses %s', (_what, column, value, message) => {
    expect(() => readBody([column], { [column.field]: value })).toThrow(message);
  });

  it('counts characters, not UTF-16 units', () => {
    expect(readBody([text('City', 2)], { City: '🌳🌳' })).toEqual(['🌳🌳']);
  });

  it('keeps a code in capitals', () => {
    expect(readBody([code('CustomerID', 5)], { CustomerID: ' alfki ' })).toEqual(['ALFKI']);
  });

  it.each([[null], [undefined], ['text'], [[]]])('refuses %j as a body', (body) => {
    expect(() => readBody([], body)).toThrow('The request body must be a JSON object.');
  });
});
