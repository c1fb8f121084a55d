import { type Codec, eventHeaders, type NewRecord, plainHeaders, topicName } from '@banyan/contracts';
import { EventHandled, type EventHandledData } from '@banyan/contracts/events/banyan.receipt.v1';
import { type CustomerImportedData } from '@banyan/contracts/events/northwind.customer.v1';
import { type OrderPlacedData } from '@banyan/contracts/events/northwind.order.v1';
import { newId, type Origin } from '@banyan/core';

export const anOrder: OrderPlacedData = {
  placedAt: 1_700_000_000_000,
  customerId: null,
  employeeId: 5,
  orderedOn: '1996-07-04',
  requiredOn: null,
  shippedOn: null,
  shipperId: 3,
  freight: { cents: 3238, currency: 'USD' },
  shipTo: {
    name: 'Vins et alcools Chevalier',
    street: null,
    city: 'Reims',
    region: null,
    postalCode: '51100',
    country: 'France',
  },
  poNumber: null,
  lines: [
    {
      productId: '00000000-0000-4000-8000-0000000000f1',
      unitPrice: { cents: 1400, currency: 'USD' },
      quantity: 12,
      discountBasisPoints: 0,
    },
    {
      productId: '00000000-0000-4000-8000-0000000000f2',
      unitPrice: { cents: 980, currency: 'USD' },
      quantity: 10,
      discountBasisPoints: 500,
    },
  ],
};

export const aCustomer: CustomerImportedData = {
  legacyId: 'ALFKI',
  customerCode: 'ALFKI',
  companyName: 'Alfreds Futterkiste',
  contact: { givenName: 'Maria', familyName: 'Anders', displayName: null },
  contactTitle: 'Sales Representative',
  address: { street: 'Obere Str. 57', city: 'Berlin', region: null, postalCode: '12209', country: 'Germany' },
  phone: '030-0074321',
  fax: null,
};

export interface Given {
  readonly key: string;
  readonly type: string;
  readonly data?: unknown;
  /** Instead of encoded data. */
  readonly value?: Buffer;
  /** The version it was decided on. */
  readonly on: number;
  readonly origin?: Origin;
  readonly id?: string;
  readonly liveness?: 'live' | 'deleted';
}

/** A record as an honest writer appends it, with whatever payload. */
export function recordOf(codec: Codec, topic: string, given: Given): NewRecord {
  const { key, type, on, origin = 'api', id = newId(), liveness = 'live' } = given;
  const headers = eventHeaders({
    id,
    type,
    source: 'test',
    timeMs: 0,
    subject: key,
    origin,
    expectedVersion: on,
    epoch: 0,
    liveness,
    contentHash: origin === 'api' || origin === 'repair' ? undefined : `v1:${id}`,
  });
  return { topic, key, value: given.value ?? codec.encode(type, given.data), headers };
}

export function receiptOf(
  codec: Codec,
  prefix: string,
  given: Pick<EventHandledData, 'entity' | 'key' | 'legacyId'>,
): NewRecord {
  const data: EventHandledData = {
    ...given,
    eventId: newId(),
    port: 'backend',
    outcome: 'ported',
    version: 1,
    transformerVersion: 1,
    stateHash: null,
    rowHash: null,
    whole: false,
    operation: 'create',
    reason: null,
    atMs: 0,
  };
  const headers = plainHeaders({ id: newId(), type: EventHandled.name, source: 'test', timeMs: 0, subject: given.key });
  return {
    topic: topicName(prefix, 'banyan.receipts.v1'),
    key: given.key,
    value: codec.encode(EventHandled.name, data),
    headers,
  };
}
