import {
  OrderCancelled,
  OrderImported,
  OrderPlaced,
  OrderRestated,
  OrderRevised,
  OrderShipped,
  OrderVanished,
} from '@banyan/contracts/events/northwind.order.v1';
import { assignedByLegacy, canonicalInteger, defineEntity } from '@banyan/transformer';
import { orderBilling } from './billing/billing.port.js';
import { cancelOrder } from './commands/cancel-order.js';
import { correctOrder, recordOrder, recordShipment, withdrawOrder } from './commands/order-record.js';
import { placeOrder } from './commands/place-order.js';
import { reviseOrder } from './commands/revise-order.js';
import { shipOrder } from './commands/ship-order.js';
import { orderCompare } from './legacy/order.compare.js';
import { importAbsence, importRow, refsOfRow } from './legacy/order.import.js';
import { orderBackend } from './legacy/order.port.js';
import { orderReader } from './legacy/order.reader.js';
import { orderRoutes, orderSearches } from './legacy/order.routes.js';
import type { OrderRow } from './legacy/order-row.js';
import { evolve, liveness, type Order, restated } from './order.js';
import { migrations } from './v2/migrations.js';
import { orderLineRows } from './v2/order-line-rows.js';
import { orderRows } from './v2/order-rows.js';
import { getOrder, listOrders } from './v2/queries.js';

/** Orders with their lines: legacy numbers them, and they name a customer and products. */
export const order = defineEntity({
  name: 'order',
  domain: 'northwind',
  version: 1,
  events: [OrderPlaced, OrderRevised, OrderShipped, OrderCancelled, OrderImported, OrderVanished, OrderRestated],
  evolve,
  restated,
  liveness,
  commands: [placeOrder, reviseOrder, shipOrder, cancelOrder, recordOrder, correctOrder, recordShipment, withdrawOrder],
  queries: [getOrder, listOrders],
  projections: [orderRows, orderLineRows],
  migrations,
  refersTo: ['customer', 'product'],
  legacy: {
    identity: assignedByLegacy(),
    canonicalId: canonicalInteger,
    idOf: (row) => String(row.OrderID),
    reader: orderReader,
    refsOfRow,
    importRow,
    importAbsence,
    ports: [orderBackend, orderBilling],
    routes: orderRoutes,
    searches: orderSearches,
    compare: orderCompare,
  },
});

export type { Order, OrderRow };
