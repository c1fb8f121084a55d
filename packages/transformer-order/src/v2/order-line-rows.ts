import type { Projection } from '@banyan/transformer';
import type { Order } from '../order.js';

export const orderLineRows: Projection<Order> = {
  table: 'order_lines',
  key: 'order_id',
  columns: {
    order_id: 'uuid',
    line_number: 'int',
    product_id: 'uuid',
    unit_price_cents: 'bigint',
    unit_price_currency: 'char(3)',
    quantity: 'int',
    discount_basis_points: 'int',
  },
  rows(state, id) {
    return (state?.lines ?? []).map((line, index) => ({
      order_id: id,
      line_number: index + 1,
      product_id: line.productId,
      unit_price_cents: line.unitPrice.cents,
      unit_price_currency: line.unitPrice.currency,
      quantity: line.quantity,
      discount_basis_points: line.discountBasisPoints,
    }));
  },
};
