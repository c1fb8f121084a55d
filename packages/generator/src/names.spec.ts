import { describe, expect, it } from '@jest/globals';
import { camelCase, kebabCase, legacyField, pascalCase, pluralOf, snakeCase, withArticle } from './names.js';

describe('a name', () => {
  it.each([
    ['company_name', 'companyName', 'CompanyName', 'company_name', 'company-name', 'CompanyName'],
    ['CompanyName', 'companyName', 'CompanyName', 'company_name', 'company-name', 'CompanyName'],
    ['supplier_id', 'supplierId', 'SupplierId', 'supplier_id', 'supplier-id', 'SupplierID'],
    ['SupplierID', 'supplierId', 'SupplierId', 'supplier_id', 'supplier-id', 'SupplierID'],
    ['HTTPStatus', 'httpStatus', 'HttpStatus', 'http_status', 'http-status', 'HttpStatus'],
    ['address_line_2', 'addressLine2', 'AddressLine2', 'address_line_2', 'address-line-2', 'AddressLine2'],
    ['phone', 'phone', 'Phone', 'phone', 'phone', 'Phone'],
  ])('%s is written in each form by its words', (name, camel, pascal, snake, kebab, field) => {
    expect([camelCase(name), pascalCase(name), snakeCase(name), kebabCase(name), legacyField(name)]).toEqual([
      camel,
      pascal,
      snake,
      kebab,
      field,
    ]);
  });

  it.each([
    ['supplier', 'suppliers', 'a supplier'],
    ['category', 'categories', 'a category'],
    ['employee', 'employees', 'an employee'],
    ['box', 'boxes', 'a box'],
    ['branch', 'branches', 'a branch'],
    ['day', 'days', 'a day'],
  ])('%s: %s, %s', (noun, plural, one) => {
    expect([pluralOf(noun), withArticle(noun)]).toEqual([plural, one]);
  });
});
