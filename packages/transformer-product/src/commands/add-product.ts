import { event } from '@banyan/contracts';
import { ProductAdded, type ProductEvent } from '@banyan/contracts/events/northwind.product.v1';
import { type CommandDefinition, CommandRefused } from '@banyan/transformer';
import type { Product } from '../product.js';
import { acceptable, type ProductBody, productBody } from './product-body.js';

export const addProduct: CommandDefinition<Product, ProductEvent, ProductBody> = {
  name: 'AddProduct',
  summary: 'Add a product.',
  http: { method: 'POST', path: '/v2/products' },
  body: productBody,
  decide(command, state, context) {
    if (state !== undefined) {
      throw new CommandRefused('PRODUCT_EXISTS', `Product ${context.id} is there already; change it.`, {
        id: context.id,
      });
    }
    return event(ProductAdded, acceptable(command));
  },
};
