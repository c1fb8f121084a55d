import { moneySchema, requireMoneyFitsReal, smallintSchema, textSchema } from '@banyan/transformer';
import { z } from 'zod';
import { CURRENCY } from '../currency.js';
import type { Product } from '../product.js';

const optionalSmallint = smallintSchema.nullable().default(null);
const optionalCount = smallintSchema.min(0).nullable().default(null);

/** The whole product: lengths and ranges are those of legacy's columns. */
export const productBody = z.strictObject({
  name: textSchema(40).min(1),
  supplierId: optionalSmallint,
  categoryId: optionalSmallint,
  quantityPerUnit: textSchema(20).nullable().default(null),
  unitPrice: moneySchema.nullable().default(null),
  unitsInStock: optionalCount,
  unitsOnOrder: optionalCount,
  reorderLevel: optionalCount,
  discontinued: z.boolean().default(false),
});

export type ProductBody = z.infer<typeof productBody>;

/** Throws `CommandRefused` for a price that legacy cannot hold. */
export function acceptable(command: ProductBody): Product {
  if (command.unitPrice !== null) requireMoneyFitsReal(command.unitPrice, 'unitPrice', CURRENCY);
  return command;
}
