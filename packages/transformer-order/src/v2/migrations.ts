/**
 * Run once each, in order, by the projector. A name that has run is never changed: add another one.
 * No foreign keys: an order may be projected before its customer, each entity has its own consumer.
 */
export const migrations = [
  {
    name: 'order-001-orders',
    sql: `
      create table v2.orders (
        id uuid primary key,
        status text not null check (status in ('placed', 'shipped', 'cancelled')),
        customer_id uuid,
        employee_id int,
        ordered_on date,
        required_on date,
        shipped_on date,
        placed_at timestamptz,
        shipper_id int,
        freight_cents bigint,
        freight_currency char(3),
        ship_to_name text,
        ship_to_street text,
        ship_to_city text,
        ship_to_region text,
        ship_to_postal_code text,
        ship_to_country text,
        po_number text,
        cancel_reason text,
        check ((freight_cents is null) = (freight_currency is null))
      );
      create index orders_customer_id on v2.orders (customer_id, id);
    `,
  },
  {
    name: 'order-002-order-lines',
    sql: `
      create table v2.order_lines (
        order_id uuid not null,
        line_number int not null,
        product_id uuid not null,
        unit_price_cents bigint not null,
        unit_price_currency char(3) not null,
        quantity int not null,
        discount_basis_points int not null,
        primary key (order_id, line_number)
      );
      create index order_lines_product_id on v2.order_lines (product_id);
    `,
  },
  {
    name: 'order-003-po-number',
    sql: 'create index orders_po_number on v2.orders (po_number)',
  },
] as const;
