import { event } from '@banyan/contracts';
import { OrderCancelled, OrderPlaced, OrderShipped } from '@banyan/contracts/events/northwind.order.v1';
import { describe, expect, it } from '@jest/globals';
import { evolve, type Order } from '../order.js';
import { CHAI, ORDER_ID, placedData } from '../testing/order.fixture.js';
import { orderBilling } from './billing.port.js';
import { canonicalInvoice } from './invoice-row.js';

const placed = (change: Partial<typeof placedData> = {}): Order => {
  const state = evolve(undefined, event(OrderPlaced, { ...placedData, ...change }));
  if (state === undefined) throw new Error('a placed order has a state');
  return state;
};
const invoice = (state: Order) =>
  orderBilling.format(state, {
    id: ORDER_ID,
    legacyId: '11078',
    legacyIdOf: (entity, id) => (entity === 'customer' ? 'ALFKI' : id === CHAI ? '1' : '2'),
  });

describe('the invoice of an order', () => {
  it('stands under the number that Northwind gave, with lines as they were ordered and exact amounts', () => {
    expect(invoice(placed())).toEqual({
      order_no: 11078,
      cust_code: 'ALFKI',
      cust_ref: 'PO-1',
      inv_date: '2026-03-01',
      ship_date: null,
      status: 'O',
      net_amt: '161.80',
      freight_amt: '32.38',
      total_amt: '194.18',
      lines: [
        { line_no: 1, item_code: '1', qty: 12, unit_price: '14.00', disc_pct: '15.00', line_amt: '142.80' },
        { line_no: 2, item_code: '2', qty: 1, unit_price: '19.00', disc_pct: '0.00', line_amt: '19.00' },
      ],
    });
  });

  it('is due once the order is shipped', () => {
    const shipped = evolve(placed(), event(OrderShipped, { shippedOn: '2026-03-05', shipperId: 3 }));
    expect(shipped && invoice(shipped)).toMatchObject({ status: 'S', ship_date: '2026-03-05' });
  });

  it('has no stamp of ours where the client gave no number: billing finds it by the order number', () => {
    expect(invoice(placed({ poNumber: null })).cust_ref).toBeNull();
  });

  it('can be of nobody, for nothing', () => {
    expect(invoice(placed({ customerId: null, lines: [], freight: null }))).toMatchObject({
      ...{ cust_code: null, lines: [], net_amt: '0.00', freight_amt: '0.00', total_amt: '0.00' },
    });
  });

  it('names what it needs of others, and is the same however often it is made', () => {
    expect(orderBilling.refsOf(placed()).map(({ entity }) => entity)).toEqual(['customer', 'product', 'product']);
    const cancelled = evolve(placed(), event(OrderCancelled, { reason: null }));
    expect(cancelled && invoice(cancelled)).toEqual(cancelled && invoice(cancelled));
  });
});

it('an invoice that billing shows otherwise than it can be written is not taken for one', () => {
  const row = invoice(placed());
  expect(canonicalInvoice(row)).toEqual(row);
  for (const bad of [
    { ...row, net_amt: 161.8 },
    { ...row, net_amt: '161.800' },
    { ...row, status: 'X' },
    { ...row, vat: '1.00' },
  ]) {
    expect(() => canonicalInvoice(bad)).toThrow(expect.objectContaining({ name: 'UnmappableRow' }));
  }
});
