// Made from schemas/ by `npm run schemas:generate`; not edited by hand.
import type { EventType } from '../event-type.js';
import * as banyanControlV1 from './banyan.control.v1.js';
import * as banyanMismatchV1 from './banyan.mismatch.v1.js';
import * as banyanReceiptV1 from './banyan.receipt.v1.js';
import * as northwindCustomerV1 from './northwind.customer.v1.js';
import * as northwindOrderV1 from './northwind.order.v1.js';
import * as northwindProductV1 from './northwind.product.v1.js';

/** Every event type there is a schema for. */
export const allEventTypes: readonly EventType[] = [
  banyanControlV1.ConcurrencySet,
  banyanControlV1.ConsumerPaused,
  banyanControlV1.ConsumerResumed,
  banyanControlV1.EntityGone,
  banyanControlV1.EntityOpened,
  banyanControlV1.EntityReturned,
  banyanControlV1.MoveAborted,
  banyanControlV1.MoveAnnounced,
  banyanControlV1.MoveDrained,
  banyanControlV1.MoveFenced,
  banyanControlV1.MovePlanned,
  banyanControlV1.MovePrepared,
  banyanControlV1.MoveTurned,
  banyanControlV1.PartyForgotten,
  banyanControlV1.PartyJoined,
  banyanControlV1.PartyLeft,
  banyanControlV1.PortSwitchedOff,
  banyanControlV1.PortSwitchedOn,
  banyanControlV1.ReadModeSet,
  banyanControlV1.RebuildEnded,
  banyanControlV1.RebuildStarted,
  banyanControlV1.ResyncEnded,
  banyanControlV1.ResyncRequested,
  banyanMismatchV1.MismatchFound,
  banyanMismatchV1.StateMismatchFound,
  banyanReceiptV1.EventHandled,
  northwindCustomerV1.CustomerChanged,
  northwindCustomerV1.CustomerImported,
  northwindCustomerV1.CustomerRegistered,
  northwindCustomerV1.CustomerRemoved,
  northwindCustomerV1.CustomerRestated,
  northwindCustomerV1.CustomerVanished,
  northwindOrderV1.OrderCancelled,
  northwindOrderV1.OrderImported,
  northwindOrderV1.OrderPlaced,
  northwindOrderV1.OrderRestated,
  northwindOrderV1.OrderRevised,
  northwindOrderV1.OrderShipped,
  northwindOrderV1.OrderVanished,
  northwindProductV1.ProductAdded,
  northwindProductV1.ProductChanged,
  northwindProductV1.ProductImported,
  northwindProductV1.ProductRemoved,
  northwindProductV1.ProductRestated,
  northwindProductV1.ProductVanished,
];
