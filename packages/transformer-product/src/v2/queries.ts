import { pageSchema, type QueryDefinition } from '@banyan/transformer';
import { z } from 'zod';

export const getProduct: QueryDefinition = {
  type: 'one',
  name: 'GetProduct',
  summary: 'One product.',
  path: '/v2/products/:id',
};

const params = z.strictObject({ ...pageSchema });

export const listProducts: QueryDefinition = {
  type: 'list',
  name: 'ListProducts',
  summary: 'Products by id.',
  path: '/v2/products',
  params,
  sql({ limit, after }: z.infer<typeof params>) {
    return {
      text: `
        select id, name, supplier_id as "supplierId", category_id as "categoryId",
          quantity_per_unit as "quantityPerUnit",
          case when unit_price_cents is not null then
            json_build_object('cents', unit_price_cents, 'currency', unit_price_currency) end as "unitPrice",
          units_in_stock as "unitsInStock", units_on_order as "unitsOnOrder", reorder_level as "reorderLevel",
          discontinued
        from v2.products
        where $2::uuid is null or id > $2
        order by id
        limit $1`,
      values: [limit, after ?? null],
    };
  },
};
