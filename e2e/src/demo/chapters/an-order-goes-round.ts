import { until } from '../../until.js';
import type { Storyteller } from '../teller.js';

export interface PlacedOrder {
  readonly id: string;
  readonly legacyId: string;
}

/** Steps 1 and 2: an order is born in V2, and legacy gets it too. */
export async function anOrderGoesRound(teller: Storyteller): Promise<PlacedOrder> {
  const { checks } = teller;
  teller.chapter('An order is placed at the new API');
  const placed = await teller.newApi(
    'POST',
    '/v2/orders',
    {
      customer: { legacyId: 'ALFKI' },
      lines: [
        { product: { legacyId: '11' }, quantity: 2 },
        { product: { legacyId: '42' }, quantity: 5, discountBasisPoints: 500 },
      ],
    },
    { 'idempotency-key': 'demo-first-order' },
  );
  checks.equal('the new API takes it', placed.status, 201);
  const id = String(placed.body.id);
  teller.say(`  order ${id}; customer and products were adopted from legacy on the way`);
  const inV2 = await teller.newApi('GET', `/v2/orders/${id}`);
  checks.equal('it is in V2, with both lines', [inV2.status, (inV2.body.lines as unknown[]).length], [200, 2]);
  const trace = await teller.banyan<Trace>('trace customer ALFKI');
  checks.equal('its customer was adopted', trace.events.map(originAndOutcome), ['adoption effective']);

  teller.chapter('… and the porter carries it to legacy');
  const legacyId = await until('the order has a legacy id', async () => {
    const { body } = await teller.newApi('GET', `/v2/orders/${id}`);
    return typeof body.legacyId === 'string' ? body.legacyId : undefined;
  });
  const row = JSON.parse((await teller.legacyItself(`/api/orders/${legacyId}`)).body) as LegacyOrder;
  checks.that('legacy gave it an OrderID of its own', row.OrderID > 11_077, `OrderID ${row.OrderID}`);
  checks.equal(
    'legacy holds the same lines',
    row.Details.map(({ ProductID, Quantity, Discount }) => [ProductID, Quantity, Discount]),
    [
      [11, 2, 0],
      [42, 5, 0.05],
    ],
  );
  const stamped = JSON.parse((await teller.legacyItself(`/api/orders?PoNumber=${id}`)).body) as unknown[];
  checks.equal('it is there once', stamped.length, 1);
  const bills = await until('billing has it', async () => {
    const { invoices } = (await teller.billing(`/invoices?order=${legacyId}`)) as { invoices: { total: string }[] };
    return invoices.length > 0 ? invoices : undefined;
  });
  checks.equal('so has billing, a second legacy system, by a port of its own', bills.length, 1);
  return { id, legacyId };
}

export interface LegacyOrder {
  readonly OrderID: number;
  readonly Details: readonly { readonly ProductID: number; readonly Quantity: number; readonly Discount: number }[];
}

export interface Trace {
  readonly key: string;
  readonly legacyId: string | null;
  readonly events: readonly { readonly origin: string; readonly outcome: string }[];
  readonly receipts: readonly { readonly outcome?: string; readonly reason?: string | null }[];
  readonly v2: object | null;
}

export function originAndOutcome({ origin, outcome }: Trace['events'][number]): string {
  return `${origin} ${outcome}`;
}
