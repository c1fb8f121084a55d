import { createUnderNextId, tableTarget } from '@banyan/northwind';
import { moneyToReal, type PortDefinition } from '@banyan/transformer';
import type { Product } from '../product.js';
import { canonical, type ProductRow } from './product-row.js';

const PATH = '/api/products';

export const productBackend: PortDefinition<Product, ProductRow> = {
  name: 'backend',
  primary: true,
  refsOf: () => [],
  format: (state, { legacyId }) => ({
    ProductID: legacyId === undefined ? null : Number(legacyId),
    ProductName: state.name,
    SupplierID: state.supplierId,
    CategoryID: state.categoryId,
    QuantityPerUnit: state.quantityPerUnit,
    UnitPrice: state.unitPrice === null ? null : moneyToReal(state.unitPrice),
    UnitsInStock: state.unitsInStock,
    UnitsOnOrder: state.unitsOnOrder,
    ReorderLevel: state.reorderLevel,
    Discontinued: state.discontinued ? 1 : 0,
  }),
  target: tableTarget(PATH, createUnderNextId({ path: PATH, id: 'ProductID', search: 'ProductName', canonical })),
};
