import type { FurtherPort, SqlStatement } from '@banyan/transformer';
import type { Order } from '../order.js';
import { lineCents, withTwoPlaces } from './amounts.js';
import { canonicalInvoice, type InvoiceRow } from './invoice-row.js';

/**
 * Every order as an invoice in billing's own database, under Northwind's order number, which is how people there ask for it. What is
 * billing's own (its invoice number, when it was paid) is not in the row and stays as it is.
 */
export const orderBilling: FurtherPort<Order, InvoiceRow> = {
  name: 'billing',
  primary: false,
  refsOf: ({ customerId, lines }) => [
    ...(customerId === null ? [] : [{ entity: 'customer', id: customerId }]),
    ...lines.map(({ productId }) => ({ entity: 'product', id: productId })),
  ],
  format(state, { legacyId, legacyIdOf }) {
    const lines = state.lines.map(({ productId, quantity, unitPrice, discountBasisPoints }) => ({
      item: legacyIdOf('product', productId),
      qty: quantity,
      unitCents: unitPrice.cents,
      discountBasisPoints,
      cents: lineCents(unitPrice.cents, quantity, discountBasisPoints),
    }));
    const net = lines.reduce((sum, { cents }) => sum + cents, 0n);
    const freight = BigInt(state.freight?.cents ?? 0);
    return {
      order_no: Number(legacyId),
      cust_code: state.customerId === null ? null : legacyIdOf('customer', state.customerId),
      cust_ref: state.poNumber,
      inv_date: state.orderedOn,
      ship_date: state.shippedOn,
      status: state.status === 'shipped' ? 'S' : 'O',
      net_amt: withTwoPlaces(net),
      freight_amt: withTwoPlaces(freight),
      total_amt: withTwoPlaces(net + freight),
      lines: lines.map((line, index) => ({
        line_no: index + 1,
        item_code: line.item,
        qty: line.qty,
        unit_price: withTwoPlaces(line.unitCents),
        disc_pct: withTwoPlaces(line.discountBasisPoints),
        line_amt: withTwoPlaces(line.cents),
      })),
    };
  },
  target: {
    deliveryClass: 'transactional',
    database: 'billing',
    select: `
      select json_build_object(
        'order_no', i.order_no, 'cust_code', i.cust_code, 'cust_ref', i.cust_ref, 'inv_date', i.inv_date, 'ship_date', i.ship_date,
        'status', i.status, 'net_amt', i.net_amt::text, 'freight_amt', i.freight_amt::text, 'total_amt', i.total_amt::text,
        'lines', coalesce((
          select json_agg(json_build_object(
            'line_no', l.line_no, 'item_code', l.item_code, 'qty', l.qty, 'unit_price', l.unit_price::text,
            'disc_pct', l.disc_pct::text, 'line_amt', l.line_amt::text) order by l.line_no)
          from invoice_lines l where l.inv_no = i.inv_no), '[]')) as row
      from invoices i where i.order_no = $1::int
      for update of i`,
    canonical: canonicalInvoice,
    insert: (orderNo, row) => [
      {
        text: `insert into invoices (order_no, cust_code, cust_ref, inv_date, ship_date, status, net_amt, freight_amt, total_amt)
          values ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
        values: [orderNo, ...headOf(row)],
      },
      linesOf(orderNo, row),
    ],
    update: (orderNo, row) => [
      {
        text: `update invoices set cust_code = $2, cust_ref = $3, inv_date = $4, ship_date = $5, status = $6, net_amt = $7,
          freight_amt = $8, total_amt = $9 where order_no = $1`,
        values: [orderNo, ...headOf(row)],
      },
      {
        text: 'delete from invoice_lines where inv_no = (select inv_no from invoices where order_no = $1)',
        values: [orderNo],
      },
      linesOf(orderNo, row),
    ],
    // Its lines go with it.
    delete: (orderNo) => [{ text: 'delete from invoices where order_no = $1', values: [orderNo] }],
  },
};

function headOf(row: InvoiceRow): readonly unknown[] {
  const { cust_code, cust_ref, inv_date, ship_date, status, net_amt, freight_amt, total_amt } = row;
  return [cust_code, cust_ref, inv_date, ship_date, status, net_amt, freight_amt, total_amt];
}

function linesOf(orderNo: string, { lines }: InvoiceRow): SqlStatement {
  return {
    text: `insert into invoice_lines (inv_no, line_no, item_code, qty, unit_price, disc_pct, line_amt)
      select i.inv_no, l.line_no, l.item_code, l.qty, l.unit_price, l.disc_pct, l.line_amt
      from invoices i, json_to_recordset($2) as l(
        line_no smallint, item_code varchar, qty integer, unit_price numeric, disc_pct numeric, line_amt numeric)
      where i.order_no = $1`,
    values: [orderNo, JSON.stringify(lines)],
  };
}
