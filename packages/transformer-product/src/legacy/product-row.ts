import { canonicalRow, column } from '@banyan/transformer';
import { z } from 'zod';

const productRowSchema = z.strictObject({
  ProductID: column.smallint,
  ProductName: column.text,
  SupplierID: column.smallint.nullable(),
  CategoryID: column.smallint.nullable(),
  QuantityPerUnit: column.text.nullable(),
  UnitPrice: column.real.nullable(),
  UnitsInStock: column.smallint.nullable(),
  UnitsOnOrder: column.smallint.nullable(),
  ReorderLevel: column.smallint.nullable(),
  Discontinued: column.integer,
});

/** A row of `products`, as the API shows it; ProductID is null until legacy has assigned one. */
export type ProductRow = Omit<z.infer<typeof productRowSchema>, 'ProductID'> & { ProductID: number | null };

/** Throws `UnmappableRow`. */
export function canonical(raw: unknown): ProductRow {
  return canonicalRow(productRowSchema, raw);
}
