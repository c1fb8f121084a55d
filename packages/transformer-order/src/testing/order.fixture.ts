import type { OrderPlacedData, OrderRevisedData } from '@banyan/contracts/events/northwind.order.v1';
import type { KnownEntity } from '@banyan/transformer/testing';

/** One order, and what it refers to, for the specs of this package. */
export const ORDER_ID = '0196a5c2-7d3e-7a11-9c55-0a1b2c3d4e5f';
export const ALFKI = '7a1e6c52-0000-5000-8000-000000000001';
export const CHAI = '7a1e6c52-0000-5000-8000-000000000011';
export const CHANG = '7a1e6c52-0000-5000-8000-000000000012';
export const UNPRICED = '7a1e6c52-0000-5000-8000-000000000013';

export const NOW = '2026-03-04T23:06:07.089Z';

export const usd = (cents: number) => ({ cents, currency: 'USD' });

export const known: readonly KnownEntity[] = [
  { entity: 'customer', id: ALFKI, legacyId: 'ALFKI', state: { code: 'ALFKI' } },
  { entity: 'product', id: CHAI, legacyId: '1', state: { name: 'Chai', unitPrice: usd(1800) } },
  { entity: 'product', id: CHANG, legacyId: '2', state: { name: 'Chang', unitPrice: usd(1900), discontinued: true } },
  { entity: 'product', id: UNPRICED, legacyId: '3', state: { name: 'Sample', unitPrice: null } },
];

export const shipTo = {
  name: 'Alfreds Futterkiste',
  street: 'Obere Str. 57',
  city: 'Berlin',
  region: null,
  postalCode: '12209',
  country: 'Germany',
};

/** As a client says it, with everything said. */
export const body = {
  customer: { legacyId: 'ALFKI' },
  employeeId: 5,
  orderedOn: '2026-03-01',
  requiredOn: '2026-04-01',
  shipperId: 3,
  freight: usd(3238),
  shipTo,
  poNumber: 'PO-1',
  lines: [
    { product: { id: CHAI }, quantity: 12, unitPrice: usd(1400), discountBasisPoints: 1500 },
    { product: { legacyId: '2' }, quantity: 1 },
  ],
};

export const data: OrderRevisedData = {
  customerId: ALFKI,
  employeeId: 5,
  orderedOn: '2026-03-01',
  requiredOn: '2026-04-01',
  shippedOn: null,
  shipperId: 3,
  freight: usd(3238),
  shipTo,
  poNumber: 'PO-1',
  lines: [
    { productId: CHAI, unitPrice: usd(1400), quantity: 12, discountBasisPoints: 1500 },
    { productId: CHANG, unitPrice: usd(1900), quantity: 1, discountBasisPoints: 0 },
  ],
};

export const placedData: OrderPlacedData = { placedAt: Date.parse(NOW), ...data };
