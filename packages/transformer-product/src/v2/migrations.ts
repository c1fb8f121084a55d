/** Run once each, in order, by the projector. A name that has run is never changed: add another one. */
export const migrations = [
  {
    name: 'product-001-products',
    sql: `
      create table v2.products (
        id uuid primary key,
        name text not null,
        supplier_id int,
        category_id int,
        quantity_per_unit text,
        unit_price_cents bigint,
        unit_price_currency char(3),
        units_in_stock int,
        units_on_order int,
        reorder_level int,
        discontinued boolean not null,
        check ((unit_price_cents is null) = (unit_price_currency is null))
      );
    `,
  },
  {
    name: 'product-002-name',
    sql: 'create index products_name on v2.products (name)',
  },
] as const;
