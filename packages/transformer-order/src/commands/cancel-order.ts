import { event } from '@banyan/contracts';
import { OrderCancelled, type OrderEvent } from '@banyan/contracts/events/northwind.order.v1';
import { type CommandDefinition, requireExisting, textSchema } from '@banyan/transformer';
import { z } from 'zod';
import type { Order } from '../order.js';
import { requireOpen } from './open-order.js';

const body = z.strictObject({ reason: textSchema(500).nullable().default(null) });

export const cancelOrder: CommandDefinition<Order, OrderEvent, z.infer<typeof body>> = {
  name: 'CancelOrder',
  summary: 'Cancel an order that is not shipped yet. V2 keeps it; legacy deletes its row.',
  http: { method: 'POST', path: '/v2/orders/:id/cancel' },
  body,
  decide(command, state, context) {
    if (requireExisting(state, 'order', context.id).status === 'cancelled') return undefined;
    requireOpen(state, 'cancelled', context.id);
    return event(OrderCancelled, { reason: command.reason });
  },
};
