import type { Pool } from 'pg';

/** An invoice as billing shows it, amounts as text with two places. */
export interface Invoice {
  readonly invoiceNo: number;
  readonly orderNo: number;
  readonly customer: string | null;
  readonly reference: string | null;
  readonly date: string | null;
  readonly shipped: string | null;
  readonly status: 'OPEN' | 'DUE' | 'PAID';
  readonly net: string;
  readonly freight: string;
  readonly total: string;
  readonly lines: readonly { readonly item: string; readonly qty: number; readonly amount: string }[];
}

const INVOICE = `
  select json_build_object(
    'invoiceNo', i.inv_no, 'orderNo', i.order_no, 'customer', i.cust_code, 'reference', i.cust_ref, 'date', i.inv_date,
    'shipped', i.ship_date,
    'status', case when i.paid_on is not null then 'PAID' when i.status = 'S' then 'DUE' else 'OPEN' end,
    'net', i.net_amt::text, 'freight', i.freight_amt::text, 'total', i.total_amt::text,
    'lines', coalesce((
      select json_agg(json_build_object('item', l.item_code, 'qty', l.qty, 'amount', l.line_amt::text) order by l.line_no)
      from invoice_lines l where l.inv_no = i.inv_no), '[]')) as invoice
  from invoices i`;

export async function invoiceByNumber(pool: Pool, invoiceNo: number): Promise<Invoice | undefined> {
  return (await pool.query<{ invoice: Invoice }>(`${INVOICE} where i.inv_no = $1`, [invoiceNo])).rows[0]?.invoice;
}

/** By invoice number; of an order there is one at most. */
export async function listInvoices(
  pool: Pool,
  { order, limit }: { readonly order: number | null; readonly limit: number },
): Promise<readonly Invoice[]> {
  const { rows } = await pool.query<{ invoice: Invoice }>(
    `${INVOICE} where $1::int is null or i.order_no = $1 order by i.inv_no limit $2`,
    [order, limit],
  );
  return rows.map(({ invoice }) => invoice);
}
