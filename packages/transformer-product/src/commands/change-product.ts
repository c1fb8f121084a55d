import { event } from '@banyan/contracts';
import { ProductChanged, type ProductEvent } from '@banyan/contracts/events/northwind.product.v1';
import { type CommandDefinition, equalJson, requireExisting } from '@banyan/transformer';
import type { Product } from '../product.js';
import { acceptable, type ProductBody, productBody } from './product-body.js';

export const changeProduct: CommandDefinition<Product, ProductEvent, ProductBody> = {
  name: 'ChangeProduct',
  summary: 'Replace all data of a product.',
  http: { method: 'PUT', path: '/v2/products/:id' },
  body: productBody,
  decide(command, state, context) {
    const before = requireExisting(state, 'product', context.id);
    const after = acceptable(command);
    return equalJson(before, after) ? undefined : event(ProductChanged, after);
  },
};
