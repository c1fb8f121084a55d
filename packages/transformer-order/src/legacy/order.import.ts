import { event } from '@banyan/contracts';
import { type OrderEvent, OrderImported, OrderVanished } from '@banyan/contracts/events/northwind.order.v1';
import { canonicalCode, type ImportContext, moneyFromReal, UnmappableRow } from '@banyan/transformer';
import { CURRENCY } from '../currency.js';
import { basisPointsFromReal } from '../discount.js';
import type { OrderRow } from './order-row.js';

/** What a row refers to. Never throws: what cannot be carried over is `importRow`'s to say. */
export function refsOfRow(row: OrderRow): readonly { readonly entity: string; readonly legacyId: string }[] {
  return [
    ...(row.CustomerID === null ? [] : [{ entity: 'customer', legacyId: row.CustomerID }]),
    ...row.Details.map(({ ProductID }) => ({ entity: 'product', legacyId: String(ProductID) })),
  ];
}

/** Throws `UnmappableRow` for money with parts of a cent, discounts between two basis points, and customers' ids not in capitals. */
export function importRow(row: OrderRow, context: ImportContext): OrderEvent {
  return event(OrderImported, {
    legacyId: String(row.OrderID),
    customerId: row.CustomerID === null ? null : context.idOf('customer', customerCode(row.CustomerID)),
    employeeId: row.EmployeeID,
    orderedOn: row.OrderDate,
    requiredOn: row.RequiredDate,
    shippedOn: row.ShippedDate,
    shipperId: row.ShipVia,
    freight: row.Freight === null ? null : moneyFromReal('Freight', row.Freight, CURRENCY),
    shipTo: {
      name: row.ShipName,
      street: row.ShipAddress,
      city: row.ShipCity,
      region: row.ShipRegion,
      postalCode: row.ShipPostalCode,
      country: row.ShipCountry,
    },
    // The port left the V2 id there because the client gave no number of its own; it is a stamp, not a number.
    poNumber: row.PoNumber === context.id ? null : row.PoNumber,
    lines: row.Details.map(({ ProductID, UnitPrice, Quantity, Discount }, index) => ({
      productId: context.idOf('product', String(ProductID)),
      unitPrice: moneyFromReal(`Details[${index}].UnitPrice`, UnitPrice, CURRENCY),
      quantity: Quantity,
      discountBasisPoints: basisPointsFromReal(`Details[${index}].Discount`, Discount),
    })),
  });
}

export function importAbsence(legacyId: string): OrderEvent {
  return event(OrderVanished, { legacyId });
}

function customerCode(raw: string): string {
  if (raw.trim() === '' || canonicalCode(raw) !== raw) {
    throw new UnmappableRow('CustomerID', raw, 'is not in capitals without space around it; correct it in legacy');
  }
  return raw;
}
