import { CommandRefused, requireExisting } from '@banyan/transformer';
import type { Order } from '../order.js';

/** The order, if it is neither shipped nor cancelled. Throws `CommandRefused`. */
export function requireOpen(state: Order | undefined, wish: 'revised' | 'shipped' | 'cancelled', id: string): Order {
  const order = requireExisting(state, 'order', id);
  if (order.status === 'shipped') {
    const when = order.shippedOn === null ? '' : ` on ${order.shippedOn}`;
    throw new CommandRefused('ORDER_SHIPPED', `Order ${id} was shipped${when}; it cannot be ${wish} any more.`, { id });
  }
  if (order.status === 'cancelled') {
    throw new CommandRefused(
      'ORDER_CANCELLED',
      `Order ${id} was cancelled; it cannot be ${wish} any more. Place another one.`,
      {
        id,
      },
    );
  }
  return order;
}
