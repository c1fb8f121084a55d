import type { Projection } from '@banyan/transformer';
import type { Product } from '../product.js';

export const productRows: Projection<Product> = {
  table: 'products',
  key: 'id',
  columns: {
    id: 'uuid',
    name: 'text',
    supplier_id: 'int',
    category_id: 'int',
    quantity_per_unit: 'text',
    unit_price_cents: 'bigint',
    unit_price_currency: 'char(3)',
    units_in_stock: 'int',
    units_on_order: 'int',
    reorder_level: 'int',
    discontinued: 'boolean',
  },
  rows(state, id) {
    if (state === undefined) return [];
    return [
      {
        id,
        name: state.name,
        supplier_id: state.supplierId,
        category_id: state.categoryId,
        quantity_per_unit: state.quantityPerUnit,
        unit_price_cents: state.unitPrice?.cents ?? null,
        unit_price_currency: state.unitPrice?.currency ?? null,
        units_in_stock: state.unitsInStock,
        units_on_order: state.unitsOnOrder,
        reorder_level: state.reorderLevel,
        discontinued: state.discontinued,
      },
    ];
  },
};
