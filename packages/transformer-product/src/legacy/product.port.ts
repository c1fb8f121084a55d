import { refuses } from '@banyan/northwind';
import { equalRows, moneyToReal, type PortDefinition } from '@banyan/transformer';
import type { Product } from '../product.js';
import { canonical, type ProductRow } from './product-row.js';

const path = (legacyId: string) => `/api/products/${encodeURIComponent(legacyId)}`;

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
  target: {
    create: {
      deliveryClass: 'probe',
      request: ({ ProductID: _, ...row }) => ({ method: 'POST', path: '/api/products', body: row }),
      idFromAnswer: (answer) => String(canonical(answer).ProductID),
      // Legacy has no column to leave a stamp in: the products of that name are looked through.
      probePath: ({ ProductName }) => `/api/products?ProductName=${encodeURIComponent(ProductName)}`,
      // Two equal products added at the same time cannot be told apart: then there are several hits, and that is in doubt.
      isOurs: (candidate, sent, { isAbove }) => isAbove && equalRows(candidate, sent, { except: ['ProductID'] }),
    },
    update: (legacyId, row) => ({ method: 'PUT', path: path(legacyId), body: row }),
    delete: (legacyId) => ({ method: 'DELETE', path: path(legacyId) }),
    refuses,
    settleAfterMs: 3000,
    compareAndSetWindow:
      'between the GET and the write behind it, at most 3 s: legacy has no If-Match, and ends each request at 2 s',
  },
};
