import { event } from '@banyan/contracts';
import {
  type Money,
  OrderCancelled,
  type OrderEvent,
  OrderImported,
  type OrderLine,
  OrderPlaced,
  OrderRestated,
  OrderRevised,
  type OrderRevisedData,
  OrderShipped,
  type OrderState,
  OrderVanished,
  type ShipTo,
} from '@banyan/contracts/events/northwind.order.v1';
import type { Liveness } from '@banyan/core';
import { BanyanError } from '@banyan/core';
import type { Restatement } from '@banyan/transformer';

export type OrderStatus = 'placed' | 'shipped' | 'cancelled';

export interface Order {
  readonly status: OrderStatus;
  readonly customerId: string | null;
  /** Legacy's number; employees are not migrated. */
  readonly employeeId: number | null;
  /** Plain dates, yyyy-mm-dd. */
  readonly orderedOn: string | null;
  readonly requiredOn: string | null;
  readonly shippedOn: string | null;
  /** Legacy's number; shippers are not migrated. */
  readonly shipperId: number | null;
  readonly freight: Money | null;
  readonly shipTo: ShipTo;
  /** The customer's own number for the order. */
  readonly poNumber: string | null;
  readonly lines: readonly OrderLine[];
  /** ISO 8601, UTC; null for an order born in legacy, which keeps only the day. */
  readonly placedAt: string | null;
  /** Why it was cancelled, if anybody said. */
  readonly cancelReason: string | null;
}

export function evolve(state: Order | undefined, event: OrderEvent): Order | undefined {
  switch (event.type) {
    case OrderPlaced.name:
      return orderOf(event.data, new Date(event.data.placedAt).toISOString());
    case OrderImported.name:
      // The row cannot say when the order was placed in V2; what is known stays known.
      return orderOf(event.data, state?.placedAt ?? null);
    case OrderRevised.name:
      return orderOf(event.data, existing(state, event).placedAt);
    case OrderShipped.name:
      return { ...existing(state, event), ...event.data, status: 'shipped' };
    case OrderCancelled.name:
      return { ...existing(state, event), status: 'cancelled', cancelReason: event.data.reason };
    case OrderRestated.name:
      return event.data.state === null ? undefined : restatedOrder(event.data.state);
    case OrderVanished.name:
      return state === undefined ? undefined : { ...state, status: 'cancelled' };
  }
}

export const restated: Restatement<Order, OrderEvent> = {
  type: OrderRestated,
  of: (state, why) => event(OrderRestated, { ...why, state: state === undefined ? null : stateOf(state) }),
};

function stateOf({ placedAt, ...same }: Order): OrderState {
  return { ...same, placedAt: placedAt === null ? null : Date.parse(placedAt) };
}

function restatedOrder({ status, placedAt, ...same }: OrderState): Order {
  // What a later version wrote and this one cannot name.
  if (status === 'unknown')
    throw new BanyanError('ORDER_STATUS_UNKNOWN', 'The order was restated with a status that is unknown here.');
  return { ...same, status, placedAt: placedAt === null ? null : new Date(placedAt).toISOString() };
}

/** A cancelled order is a deleted row in legacy and a kept document here. */
export function liveness(state: Order | undefined): Liveness {
  return state === undefined || state.status === 'cancelled' ? 'deleted' : 'live';
}

/** Whether V2 made this order; then its row in legacy may carry the V2 id as a stamp. */
export function isBornInV2(state: Order): boolean {
  return state.placedAt !== null;
}

function orderOf(data: OrderRevisedData, placedAt: string | null): Order {
  return {
    status: data.shippedOn === null ? 'placed' : 'shipped',
    customerId: data.customerId,
    employeeId: data.employeeId,
    orderedOn: data.orderedOn,
    requiredOn: data.requiredOn,
    shippedOn: data.shippedOn,
    shipperId: data.shipperId,
    freight: data.freight,
    shipTo: data.shipTo,
    poNumber: data.poNumber,
    lines: data.lines,
    placedAt,
    cancelReason: null,
  };
}

function existing(state: Order | undefined, event: OrderEvent): Order {
  if (state === undefined) {
    throw new BanyanError(
      'ORDER_EVENT_BEFORE_ORDER',
      `${event.type} came before any order; its key needs a restatement.`,
    );
  }
  return state;
}
