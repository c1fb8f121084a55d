import { event } from '@banyan/contracts';
import { type OrderEvent, OrderRevised } from '@banyan/contracts/events/northwind.order.v1';
import { type CommandDefinition, equalJson } from '@banyan/transformer';
import { evolve, type Order } from '../order.js';
import { requireOpen } from './open-order.js';
import { type OrderBody, orderBody } from './order-body.js';
import { orderData, refsOf } from './order-data.js';

export const reviseOrder: CommandDefinition<Order, OrderEvent, OrderBody> = {
  name: 'ReviseOrder',
  summary: 'Replace all data of an order that is not shipped yet.',
  http: { method: 'PUT', path: '/v2/orders/:id' },
  body: orderBody,
  refs: refsOf,
  decide(command, state, context) {
    const before = requireOpen(state, 'revised', context.id);
    const revised = event(OrderRevised, orderData(command, context, before));
    return equalJson(before, evolve(before, revised)) ? undefined : revised;
  },
};
