import type { ReaderDefinition } from '@banyan/transformer';
import { canonical, type OrderRow } from './order-row.js';

export const orderReader: ReaderDefinition<OrderRow> = {
  sql: {
    idsAfter: `
      select order_id::text as id from orders
      where $1::bigint is null or order_id > $1
      order by order_id
      limit $2`,
    rows: `
      select json_build_object(
        'OrderID', o.order_id, 'CustomerID', o.customer_id, 'EmployeeID', o.employee_id, 'OrderDate', o.order_date,
        'RequiredDate', o.required_date, 'ShippedDate', o.shipped_date, 'ShipVia', o.ship_via, 'Freight', o.freight,
        'ShipName', o.ship_name, 'ShipAddress', o.ship_address, 'ShipCity', o.ship_city, 'ShipRegion', o.ship_region,
        'ShipPostalCode', o.ship_postal_code, 'ShipCountry', o.ship_country, 'PoNumber', o.po_number,
        'Details', coalesce((
          select json_agg(json_build_object(
            'ProductID', d.product_id, 'UnitPrice', d.unit_price, 'Quantity', d.quantity, 'Discount', d.discount)
            order by d.product_id)
          from order_details d where d.order_id = o.order_id), '[]')) as row
      from orders o
      where o.order_id = any($1::text[]::bigint[])
      order by o.order_id`,
    highWaterMark: 'select max(order_id)::text as id from orders',
  },
  http: {
    page: (page, size) => `/api/orders?page=${page}&size=${size}`,
    one: (legacyId) => `/api/orders/${encodeURIComponent(legacyId)}`,
  },
  canonical,
};
