import { pageSchema, type QueryDefinition } from '@banyan/transformer';
import { z } from 'zod';

export const getOrder: QueryDefinition = {
  type: 'one',
  name: 'GetOrder',
  summary: 'One order with its lines.',
  path: '/v2/orders/:id',
};

const params = z.strictObject({
  ...pageSchema,
  customerId: z.uuid().optional().meta({ description: "Only this customer's orders." }),
  status: z.enum(['placed', 'shipped', 'cancelled']).optional(),
});

export const listOrders: QueryDefinition = {
  type: 'list',
  name: 'ListOrders',
  summary: 'Orders with their lines, by id; of orders born in V2 the oldest first.',
  path: '/v2/orders',
  params,
  sql({ limit, after, customerId, status }: z.infer<typeof params>) {
    return {
      text: `
        select o.id, o.status, o.customer_id as "customerId", o.employee_id as "employeeId",
          to_char(o.ordered_on, 'YYYY-MM-DD') as "orderedOn", to_char(o.required_on, 'YYYY-MM-DD') as "requiredOn",
          to_char(o.shipped_on, 'YYYY-MM-DD') as "shippedOn", o.shipper_id as "shipperId",
          case when o.freight_cents is not null then
            json_build_object('cents', o.freight_cents, 'currency', o.freight_currency) end as freight,
          json_build_object('name', o.ship_to_name, 'street', o.ship_to_street, 'city', o.ship_to_city,
            'region', o.ship_to_region, 'postalCode', o.ship_to_postal_code, 'country', o.ship_to_country) as "shipTo",
          o.po_number as "poNumber",
          coalesce((
            select json_agg(json_build_object(
              'productId', l.product_id,
              'unitPrice', json_build_object('cents', l.unit_price_cents, 'currency', l.unit_price_currency),
              'quantity', l.quantity, 'discountBasisPoints', l.discount_basis_points) order by l.line_number)
            from v2.order_lines l where l.order_id = o.id), '[]') as lines,
          to_char(o.placed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "placedAt",
          o.cancel_reason as "cancelReason"
        from v2.orders o
        where ($2::uuid is null or o.id > $2)
          and ($3::uuid is null or o.customer_id = $3)
          and ($4::text is null or o.status = $4)
        order by o.id
        limit $1`,
      values: [limit, after ?? null, customerId ?? null, status ?? null],
    };
  },
};
