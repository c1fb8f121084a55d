import { event } from '@banyan/contracts';
import { type ProductEvent, ProductRemoved } from '@banyan/contracts/events/northwind.product.v1';
import { type CommandDefinition, requireExisting, textSchema } from '@banyan/transformer';
import { z } from 'zod';
import type { Product } from '../product.js';

const body = z.strictObject({ reason: textSchema(500).nullable().default(null) });

export const removeProduct: CommandDefinition<Product, ProductEvent, z.infer<typeof body>> = {
  name: 'RemoveProduct',
  summary: 'Remove a product. Legacy refuses this for a product that was ordered; discontinue it instead.',
  http: { method: 'DELETE', path: '/v2/products/:id' },
  body,
  decide(command, state, context) {
    requireExisting(state, 'product', context.id);
    return event(ProductRemoved, { reason: command.reason });
  },
};
