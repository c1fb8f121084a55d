import { event } from '@banyan/contracts';
import { type OrderEvent, OrderShipped } from '@banyan/contracts/events/northwind.order.v1';
import { type CommandDefinition, dayOf, plainDateSchema, smallintSchema } from '@banyan/transformer';
import { z } from 'zod';
import type { Order } from '../order.js';
import { requireOpen } from './open-order.js';

const body = z.strictObject({
  shippedOn: plainDateSchema.optional().meta({ description: 'Default: today, in UTC.' }),
  shipperId: smallintSchema.optional().meta({ description: 'Default: the shipper that the order names.' }),
});

export const shipOrder: CommandDefinition<Order, OrderEvent, z.infer<typeof body>> = {
  name: 'ShipOrder',
  summary: 'Say that an order was shipped.',
  http: { method: 'POST', path: '/v2/orders/:id/ship' },
  body,
  decide(command, state, context) {
    const order = requireOpen(state, 'shipped', context.id);
    return event(OrderShipped, {
      shippedOn: command.shippedOn ?? dayOf(context.now),
      shipperId: command.shipperId ?? order.shipperId,
    });
  },
};
