import type { Money } from '@banyan/contracts/events/northwind.order.v1';
import { moneySchema, plainDateSchema, refSchema, smallintSchema, textSchema } from '@banyan/transformer';
import { z } from 'zod';
import { CURRENCY } from '../currency.js';

const optionalText = (maxCharacters: number) => textSchema(maxCharacters).nullable().default(null);
const NO_FREIGHT: Money = { cents: 0, currency: CURRENCY };

export const shipToSchema = z.strictObject({
  name: optionalText(40),
  street: optionalText(60),
  city: optionalText(15),
  region: optionalText(15),
  postalCode: optionalText(10),
  country: optionalText(15),
});

export const lineSchema = z.strictObject({
  product: refSchema,
  quantity: z.int().min(1).max(32767),
  unitPrice: moneySchema.optional().meta({
    description:
      "Price of one unit before the discount; default: the order's present price for that product, else its list price.",
  }),
  discountBasisPoints: z.int().min(0).max(10_000).default(0).meta({ description: '1500 = 15 %.' }),
});

/** The whole order, for PlaceOrder and ReviseOrder: lengths and ranges are those of legacy's columns. */
export const orderBody = z.strictObject({
  customer: refSchema,
  employeeId: smallintSchema.nullable().default(null),
  orderedOn: plainDateSchema.optional().meta({ description: 'Default: the day it is placed, in UTC.' }),
  requiredOn: plainDateSchema.nullable().default(null),
  shipperId: smallintSchema.nullable().default(null),
  freight: moneySchema.default(NO_FREIGHT),
  shipTo: shipToSchema.default({ name: null, street: null, city: null, region: null, postalCode: null, country: null }),
  poNumber: textSchema(40).min(1).nullable().default(null),
  lines: z.array(lineSchema).min(1).max(500),
});

export type OrderBody = z.infer<typeof orderBody>;
export type LineBody = z.infer<typeof lineSchema>;
