import type { Money, OrderLine, OrderRevisedData } from '@banyan/contracts/events/northwind.order.v1';
import {
  CommandRefused,
  type DecideContext,
  moneySchema,
  type Ref,
  type RefRequest,
  type ResolvedRef,
  requireMoneyFitsReal,
} from '@banyan/transformer';
import { z } from 'zod';
import { CURRENCY } from '../currency.js';
import type { LineBody, OrderBody } from './order-body.js';

interface Named {
  readonly customer: Ref | null;
  readonly lines: readonly { readonly product: Ref }[];
}

export function refsOf(command: Named): readonly RefRequest[] {
  return [
    ...(command.customer === null ? [] : [{ entity: 'customer', ref: command.customer, path: 'customer' }]),
    ...command.lines.map(({ product }, index) => ({
      entity: 'product',
      ref: product,
      path: `lines[${index}].product`,
    })),
  ];
}

export interface Defaults {
  readonly orderedOn: string | null;
  /** Lines whose price was agreed already. */
  readonly lines: readonly OrderLine[];
}

/** The whole order that a command asks for. Throws `CommandRefused`. */
export function orderData(command: OrderBody, context: DecideContext, defaults: Defaults): OrderRevisedData {
  return {
    customerId: context.resolved('customer', command.customer).id,
    employeeId: command.employeeId,
    orderedOn: command.orderedOn ?? defaults.orderedOn,
    requiredOn: command.requiredOn,
    shippedOn: null,
    shipperId: command.shipperId,
    freight: requireMoneyFitsReal(command.freight, 'freight', CURRENCY),
    shipTo: command.shipTo,
    poNumber: command.poNumber,
    lines: linesOf(command.lines, context, defaults.lines),
  };
}

/** @param agreed lines whose price is known already. Throws `CommandRefused`. */
export function linesOf(lines: readonly LineBody[], context: DecideContext, agreed: readonly OrderLine[]): OrderLine[] {
  const at = new Map<string, number>();
  return lines.map((line, index) => {
    const product = context.resolved('product', line.product);
    const first = at.get(product.id);
    if (first !== undefined) {
      throw new CommandRefused(
        'ORDER_PRODUCT_TWICE',
        `lines[${index}] orders the same product as lines[${first}]; legacy keeps one line per product, so add the quantities.`,
        { path: `lines[${index}].product`, productId: product.id },
      );
    }
    at.set(product.id, index);
    const path = `lines[${index}].unitPrice`;
    const unitPrice =
      line.unitPrice ?? agreed.find(({ productId }) => productId === product.id)?.unitPrice ?? listPrice(product, path);
    return {
      productId: product.id,
      unitPrice: requireMoneyFitsReal(unitPrice, path, CURRENCY),
      quantity: line.quantity,
      discountBasisPoints: line.discountBasisPoints,
    };
  });
}

/** All that an order needs to know of a product. */
const priced = z.object({ unitPrice: moneySchema });

function listPrice(product: ResolvedRef, path: string): Money {
  const parsed = priced.safeParse(product.state);
  if (!parsed.success) {
    throw new CommandRefused('ORDER_PRICE_UNKNOWN', `Product ${product.id} has no list price; give ${path}.`, {
      path,
      productId: product.id,
    });
  }
  return parsed.data.unitPrice;
}
