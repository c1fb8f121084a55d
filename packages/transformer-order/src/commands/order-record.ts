import { event } from '@banyan/contracts';
import {
  OrderCancelled,
  type OrderEvent,
  OrderPlaced,
  OrderRevised,
  type OrderRevisedData,
  OrderShipped,
} from '@banyan/contracts/events/northwind.order.v1';
import {
  type CommandDefinition,
  CommandRefused,
  type DecideContext,
  equalJson,
  moneySchema,
  plainDateSchema,
  refSchema,
  requireExisting,
  requireMoneyFitsReal,
  smallintSchema,
  textSchema,
} from '@banyan/transformer';
import { z } from 'zod';
import { CURRENCY } from '../currency.js';
import { evolve, type Order } from '../order.js';
import { lineSchema, shipToSchema } from './order-body.js';
import { linesOf, refsOf } from './order-data.js';

// What clients of legacy's API may do to an order, they may do through V2 as well, or the day on which writes move would be the day on
// which their programs fail: an order without a customer or lines, one that is shipped already, a shipped one changed or deleted.
// These commands go when the last such client is gone; everybody else has those with rules.

/** The whole order as legacy's API takes it. */
const recordBody = z.strictObject({
  customer: refSchema.nullable(),
  employeeId: smallintSchema.nullable(),
  orderedOn: plainDateSchema.nullable(),
  requiredOn: plainDateSchema.nullable(),
  shippedOn: plainDateSchema.nullable(),
  shipperId: smallintSchema.nullable(),
  freight: moneySchema.nullable(),
  shipTo: shipToSchema,
  poNumber: textSchema(40).nullable(),
  lines: z.array(lineSchema.required({ unitPrice: true })).max(5_000),
});

export type OrderRecord = z.infer<typeof recordBody>;

export const recordOrder: CommandDefinition<Order, OrderEvent, OrderRecord> = {
  name: 'RecordOrder',
  summary: "Record an order as a client of the legacy API gives it, without PlaceOrder's rules.",
  http: { method: 'POST', path: '/v2/order-records' },
  body: recordBody,
  refs: refsOf,
  decide(command, state, context) {
    if (state !== undefined) {
      throw new CommandRefused('ORDER_EXISTS', `Order ${context.id} is there already; correct it.`, { id: context.id });
    }
    return event(OrderPlaced, { placedAt: Date.parse(context.now), ...recordData(command, context, []) });
  },
};

export const correctOrder: CommandDefinition<Order, OrderEvent, OrderRecord> = {
  name: 'CorrectOrder',
  summary:
    "Replace all data of an order as a client of the legacy API does, also of a shipped one; ReviseOrder's rules do not hold.",
  http: { method: 'PUT', path: '/v2/orders/:id/record' },
  body: recordBody,
  refs: refsOf,
  decide(command, state, context) {
    const before = requireRecord(state, context.id);
    const corrected = event(OrderRevised, recordData(command, context, before.lines));
    return equalJson(before, evolve(before, corrected)) ? undefined : corrected;
  },
};

const shipmentBody = z.strictObject({ shippedOn: plainDateSchema, shipperId: smallintSchema.optional() });

export const recordShipment: CommandDefinition<Order, OrderEvent, z.infer<typeof shipmentBody>> = {
  name: 'RecordShipment',
  summary: 'Say when an order was shipped as a client of the legacy API does: said again, it moves the date.',
  http: { method: 'POST', path: '/v2/orders/:id/shipment' },
  body: shipmentBody,
  decide(command, state, context) {
    const before = requireRecord(state, context.id);
    const shipped = event(OrderShipped, {
      shippedOn: command.shippedOn,
      shipperId: command.shipperId ?? before.shipperId,
    });
    return equalJson(before, evolve(before, shipped)) ? undefined : shipped;
  },
};

const withdrawalBody = z.strictObject({ reason: textSchema(500).nullable().default(null) });

export const withdrawOrder: CommandDefinition<Order, OrderEvent, z.infer<typeof withdrawalBody>> = {
  name: 'WithdrawOrder',
  summary: 'Cancel an order as a client of the legacy API deletes it: also a shipped one.',
  http: { method: 'DELETE', path: '/v2/orders/:id/record' },
  body: withdrawalBody,
  decide(command, state, context) {
    requireRecord(state, context.id);
    return event(OrderCancelled, { reason: command.reason });
  },
};

/** The order, if legacy has a row of it: a cancelled one is gone there. Throws `CommandRefused` ORDER_NOT_FOUND. */
function requireRecord(state: Order | undefined, id: string): Order {
  return requireExisting(state?.status === 'cancelled' ? undefined : state, 'order', id);
}

/** @param linesBefore legacy gives lines by product; those that were there keep the place that V2 gave them */
function recordData(command: OrderRecord, context: DecideContext, linesBefore: Order['lines']): OrderRevisedData {
  const place = new Map(linesBefore.map(({ productId }, index) => [productId, index]));
  const placeOf = (productId: string) => place.get(productId) ?? linesBefore.length;
  return {
    customerId: command.customer === null ? null : context.resolved('customer', command.customer).id,
    employeeId: command.employeeId,
    orderedOn: command.orderedOn,
    requiredOn: command.requiredOn,
    shippedOn: command.shippedOn,
    shipperId: command.shipperId,
    freight: command.freight === null ? null : requireMoneyFitsReal(command.freight, 'freight', CURRENCY),
    shipTo: command.shipTo,
    // A client that sends back what it read sends the stamp of the port, which is no number of anybody's.
    poNumber: command.poNumber === context.id ? null : command.poNumber,
    lines: linesOf(command.lines, context, []).toSorted(
      (left, right) => placeOf(left.productId) - placeOf(right.productId),
    ),
  };
}
