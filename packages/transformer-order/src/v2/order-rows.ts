import type { Projection } from '@banyan/transformer';
import type { Order } from '../order.js';

export const orderRows: Projection<Order> = {
  table: 'orders',
  key: 'id',
  columns: {
    id: 'uuid',
    status: 'text',
    customer_id: 'uuid',
    employee_id: 'int',
    ordered_on: 'date',
    required_on: 'date',
    shipped_on: 'date',
    placed_at: 'timestamptz',
    shipper_id: 'int',
    freight_cents: 'bigint',
    freight_currency: 'char(3)',
    ship_to_name: 'text',
    ship_to_street: 'text',
    ship_to_city: 'text',
    ship_to_region: 'text',
    ship_to_postal_code: 'text',
    ship_to_country: 'text',
    po_number: 'text',
    cancel_reason: 'text',
  },
  rows(state, id) {
    if (state === undefined) return [];
    const { shipTo } = state;
    return [
      {
        id,
        status: state.status,
        customer_id: state.customerId,
        employee_id: state.employeeId,
        ordered_on: state.orderedOn,
        required_on: state.requiredOn,
        shipped_on: state.shippedOn,
        placed_at: state.placedAt,
        shipper_id: state.shipperId,
        freight_cents: state.freight?.cents ?? null,
        freight_currency: state.freight?.currency ?? null,
        ship_to_name: shipTo.name,
        ship_to_street: shipTo.street,
        ship_to_city: shipTo.city,
        ship_to_region: shipTo.region,
        ship_to_postal_code: shipTo.postalCode,
        ship_to_country: shipTo.country,
        po_number: state.poNumber,
        cancel_reason: state.cancelReason,
      },
    ];
  },
};
