import {
  ProductAdded,
  ProductChanged,
  ProductImported,
  ProductRemoved,
  ProductRestated,
  ProductVanished,
} from '@banyan/contracts/events/northwind.product.v1';
import { assignedByLegacy, canonicalInteger, defineEntity } from '@banyan/transformer';
import { addProduct } from './commands/add-product.js';
import { changeProduct } from './commands/change-product.js';
import { removeProduct } from './commands/remove-product.js';
import { productCompare } from './legacy/product.compare.js';
import { importAbsence, importRow } from './legacy/product.import.js';
import { productBackend } from './legacy/product.port.js';
import { productReader } from './legacy/product.reader.js';
import { productRoutes, productSearches } from './legacy/product.routes.js';
import type { ProductRow } from './legacy/product-row.js';
import { evolve, type Product, restated } from './product.js';
import { migrations } from './v2/migrations.js';
import { productRows } from './v2/product-rows.js';
import { getProduct, listProducts } from './v2/queries.js';

/** Products: legacy numbers them, so one born in V2 gets its legacy id when it has been ported. */
export const product = defineEntity({
  name: 'product',
  domain: 'northwind',
  version: 1,
  events: [ProductAdded, ProductChanged, ProductRemoved, ProductImported, ProductVanished, ProductRestated],
  evolve,
  restated,
  commands: [addProduct, changeProduct, removeProduct],
  queries: [getProduct, listProducts],
  projections: [productRows],
  migrations,
  legacy: {
    identity: assignedByLegacy(),
    canonicalId: canonicalInteger,
    idOf: (row) => String(row.ProductID),
    reader: productReader,
    refsOfRow: () => [],
    importRow,
    importAbsence,
    ports: [productBackend],
    routes: productRoutes,
    searches: productSearches,
    compare: productCompare,
  },
});

export type { Product, ProductRow };
