import type { ReaderDefinition } from '@banyan/transformer';
import { canonical, type ProductRow } from './product-row.js';

export const productReader: ReaderDefinition<ProductRow> = {
  sql: {
    idsAfter: `
      select product_id::text as id from products
      where $1::bigint is null or product_id > $1
      order by product_id
      limit $2`,
    rows: `
      select json_build_object(
        'ProductID', product_id, 'ProductName', product_name, 'SupplierID', supplier_id, 'CategoryID', category_id,
        'QuantityPerUnit', quantity_per_unit, 'UnitPrice', unit_price, 'UnitsInStock', units_in_stock,
        'UnitsOnOrder', units_on_order, 'ReorderLevel', reorder_level, 'Discontinued', discontinued) as row
      from products
      where product_id = any($1::text[]::bigint[])
      order by product_id`,
    highWaterMark: 'select max(product_id)::text as id from products',
  },
  http: {
    page: (page, size) => `/api/products?page=${page}&size=${size}`,
    one: (legacyId) => `/api/products/${encodeURIComponent(legacyId)}`,
  },
  canonical,
};
