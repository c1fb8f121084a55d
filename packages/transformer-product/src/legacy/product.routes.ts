import {
  changeRoute,
  createRoute,
  exactly,
  flag,
  listRoute,
  numberOfPath,
  oneRoute,
  readBody,
  real,
  required,
  smallint,
  type TableRoutes,
  text,
} from '@banyan/northwind';
import { type LegacyRequest, type LegacyRoute, moneyFromReal } from '@banyan/transformer';
import { CURRENCY } from '../currency.js';
import type { ProductRow } from './product-row.js';

const columns = {
  ProductName: required(text(40)),
  SupplierID: smallint(),
  CategoryID: smallint(),
  QuantityPerUnit: text(20),
  UnitPrice: real(),
  UnitsInStock: smallint(),
  UnitsOnOrder: smallint(),
  ReorderLevel: smallint(),
  Discontinued: required(flag()),
};

const table: TableRoutes = {
  path: '/api/products',
  id: 'ProductID',
  idOfPath: numberOfPath,
  searches: { ProductName: columns.ProductName },
};

export const productSearches = {
  ProductName: 'select id as key from v2.products where name = $1',
};

export const productRoutes: readonly LegacyRoute<ProductRow>[] = [
  listRoute(table),
  oneRoute(table),
  // Legacy gives each new product the next number, so the same body twice is two products.
  createRoute(table, (request) => ({
    method: 'POST',
    path: '/v2/products',
    body: productBodyOf(request),
    creation: {},
  })),
  changeRoute(table, {
    name: 'replace',
    method: 'PUT',
    command: (request) => ({ method: 'PUT', path: '/v2/products/{id}', body: productBodyOf(request) }),
  }),
  changeRoute(table, {
    name: 'delete',
    method: 'DELETE',
    command: () => ({ method: 'DELETE', path: '/v2/products/{id}', body: {} }),
  }),
];

/** Throws `LegacyRefused`. */
function productBodyOf(request: LegacyRequest) {
  const values = readBody(columns, request);
  const price = values.UnitPrice;
  return {
    name: values.ProductName,
    supplierId: values.SupplierID,
    categoryId: values.CategoryID,
    quantityPerUnit: values.QuantityPerUnit,
    unitPrice: price === null ? null : exactly(() => moneyFromReal('UnitPrice', price, CURRENCY)),
    unitsInStock: values.UnitsInStock,
    unitsOnOrder: values.UnitsOnOrder,
    reorderLevel: values.ReorderLevel,
    discontinued: values.Discontinued === 1,
  };
}
