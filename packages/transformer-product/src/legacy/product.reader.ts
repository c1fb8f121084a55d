import { tableReader } from '@banyan/northwind';
import { canonical, type ProductRow } from './product-row.js';

export const productReader = tableReader<ProductRow>({
  table: 'products',
  id: 'ProductID',
  idIs: 'number',
  columns: {
    ProductID: 'product_id',
    ProductName: 'product_name',
    SupplierID: 'supplier_id',
    CategoryID: 'category_id',
    QuantityPerUnit: 'quantity_per_unit',
    UnitPrice: 'unit_price',
    UnitsInStock: 'units_in_stock',
    UnitsOnOrder: 'units_on_order',
    ReorderLevel: 'reorder_level',
    Discontinued: 'discontinued',
  },
  canonical,
});
