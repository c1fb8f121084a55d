import { event } from '@banyan/contracts';
import { type OrderEvent, OrderPlaced } from '@banyan/contracts/events/northwind.order.v1';
import { type CommandDefinition, CommandRefused, dayOf } from '@banyan/transformer';
import type { Order } from '../order.js';
import { type OrderBody, orderBody } from './order-body.js';
import { orderData, refsOf } from './order-data.js';

export const placeOrder: CommandDefinition<Order, OrderEvent, OrderBody> = {
  name: 'PlaceOrder',
  summary: 'Place an order.',
  http: { method: 'POST', path: '/v2/orders' },
  body: orderBody,
  refs: refsOf,
  decide(command, state, context) {
    if (state !== undefined) {
      throw new CommandRefused('ORDER_EXISTS', `Order ${context.id} is there already; revise it.`, { id: context.id });
    }
    const data = orderData(command, context, { orderedOn: dayOf(context.now), lines: [] });
    return event(OrderPlaced, { placedAt: Date.parse(context.now), ...data });
  },
};
