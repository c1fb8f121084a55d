import { canonicalRow, column } from '@banyan/transformer';
import { z } from 'zod';

const customerRowSchema = z.strictObject({
  CustomerID: column.text,
  CompanyName: column.text,
  ContactName: column.text.nullable(),
  ContactTitle: column.text.nullable(),
  Address: column.text.nullable(),
  City: column.text.nullable(),
  Region: column.text.nullable(),
  PostalCode: column.text.nullable(),
  Country: column.text.nullable(),
  Phone: column.text.nullable(),
  Fax: column.text.nullable(),
});

/** A row of `customers`, as the API shows it. */
export type CustomerRow = z.infer<typeof customerRowSchema>;

/** Throws `UnmappableRow`. */
export function canonical(raw: unknown): CustomerRow {
  return canonicalRow(customerRowSchema, raw);
}
