import { canonicalRow, column } from '@banyan/transformer';
import { z } from 'zod';

const detailSchema = z.strictObject({
  ProductID: column.smallint,
  UnitPrice: column.real,
  Quantity: column.smallint,
  Discount: column.real,
});

const orderRowSchema = z.strictObject({
  OrderID: column.smallint,
  CustomerID: column.text.nullable(),
  EmployeeID: column.smallint.nullable(),
  OrderDate: column.date.nullable(),
  RequiredDate: column.date.nullable(),
  ShippedDate: column.date.nullable(),
  ShipVia: column.smallint.nullable(),
  Freight: column.real.nullable(),
  ShipName: column.text.nullable(),
  ShipAddress: column.text.nullable(),
  ShipCity: column.text.nullable(),
  ShipRegion: column.text.nullable(),
  ShipPostalCode: column.text.nullable(),
  ShipCountry: column.text.nullable(),
  PoNumber: column.text.nullable(),
  Details: z.array(detailSchema),
});

/** A row of `orders` with its `order_details`, as the API shows it; OrderID is null until legacy has assigned one. */
export type OrderRow = Omit<z.infer<typeof orderRowSchema>, 'OrderID'> & { OrderID: number | null };

/** Details are ordered by ProductID, which is unique in an order. Throws `UnmappableRow`. */
export function canonical(raw: unknown): OrderRow {
  const row = canonicalRow(orderRowSchema, raw);
  return { ...row, Details: byProduct(row.Details) };
}

export function byProduct(details: OrderRow['Details']): OrderRow['Details'] {
  return details.toSorted((left, right) => left.ProductID - right.ProductID);
}
