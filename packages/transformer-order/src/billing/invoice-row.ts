import { canonicalRow, column } from '@banyan/transformer';
import { z } from 'zod';

/** `numeric(…, 2)` as text: an amount is never a floating-point number on its way. */
const amount = z.string().regex(/^-?\d+\.\d\d$/, 'is no amount with two places');

const lineSchema = z.strictObject({
  line_no: column.smallint,
  item_code: column.text,
  qty: column.integer,
  unit_price: amount,
  disc_pct: amount,
  line_amt: amount,
});

const invoiceSchema = z.strictObject({
  order_no: column.integer,
  cust_code: column.text.nullable(),
  cust_ref: column.text.nullable(),
  inv_date: column.date.nullable(),
  ship_date: column.date.nullable(),
  status: z.enum(['O', 'S']),
  net_amt: amount,
  freight_amt: amount,
  total_amt: amount,
  lines: z.array(lineSchema),
});

/** A row of billing's `invoices` with its lines, without what is billing's own: its number, and when it was paid. */
export type InvoiceRow = z.infer<typeof invoiceSchema>;

/** Throws `UnmappableRow`. */
export function canonicalInvoice(raw: unknown): InvoiceRow {
  return canonicalRow(invoiceSchema, raw);
}
