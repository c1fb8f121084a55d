import { OrderPlaced, type OrderPlacedData } from '@banyan/contracts/events/northwind.order.v1';
import { canonicalJson } from '@banyan/core';
import { seeded } from '@banyan/core/testing';
import { under } from '../harness/random.js';

/** What is written and read: orders of one to five lines, half of their optional fields empty, text with umlauts. */
export function orders(count: number): readonly OrderPlacedData[] {
  const random = seeded(1);
  const pick = <T>(from: readonly T[]): T => from[under(random, from.length)] as T;
  const id = () => `0190a1b2-${hex(random, 4)}-7${hex(random, 3)}-8${hex(random, 3)}-${hex(random, 12)}`;
  return Array.from({ length: count }, () => ({
    placedAt: 1_700_000_000_000 + under(random, 1e9),
    customerId: random() < 0.5 ? null : id(),
    employeeId: under(random, 10),
    orderedOn: '1996-07-04',
    requiredOn: random() < 0.5 ? null : '1996-08-01',
    shippedOn: random() < 0.5 ? null : '1996-07-16',
    shipperId: under(random, 3),
    freight: { cents: under(random, 1e5), currency: 'USD' },
    shipTo: {
      name: pick(['Vins et alcools Chevalier', 'Toms Spezialitäten', 'Hanari Carnes']),
      street: pick(["59 rue de l'Abbaye", 'Luisenstr. 48', 'Rua do Paço, 67']),
      city: pick(['Reims', 'Münster', 'Rio de Janeiro']),
      region: random() < 0.5 ? null : 'RJ',
      postalCode: pick(['51100', '44087', '05454-876']),
      country: pick(['France', 'Germany', 'Brazil']),
    },
    poNumber: random() < 0.5 ? null : `PO-${under(random, 1e6)}`,
    lines: Array.from({ length: 1 + under(random, 5) }, () => ({
      productId: id(),
      unitPrice: { cents: under(random, 1e4), currency: 'USD' },
      quantity: 1 + under(random, 50),
      discountBasisPoints: pick([0, 500, 1000, 1500]),
    })),
  }));
}

interface RecordSchema {
  readonly fields: readonly { readonly name: string }[];
}

/**
 * The schema of a writer from before: it did not know `poNumber` yet, and wrote a field that is gone today. Both are changes that
 * FULL_TRANSITIVE allows.
 */
export const EARLIER_SCHEMA: object = {
  ...OrderPlaced.schema,
  fields: [
    ...(OrderPlaced.schema as RecordSchema).fields.filter(({ name }) => name !== 'poNumber'),
    { name: 'channel', type: ['null', 'string'], default: null },
  ],
};

export type EarlierOrder = Omit<OrderPlacedData, 'poNumber'> & { readonly channel: string };

export function asEarlier({ poNumber: _, ...rest }: OrderPlacedData): EarlierOrder {
  return { ...rest, channel: 'phone' };
}

/** What a reader of today makes of it. */
export function readToday({ channel: _, ...rest }: EarlierOrder): OrderPlacedData {
  return { ...rest, poNumber: null };
}

/** One text for equal data. */
export function textOf(data: unknown): string {
  return canonicalJson(JSON.parse(JSON.stringify(data)));
}

function hex(random: () => number, digits: number): string {
  return Array.from({ length: digits }, () => under(random, 16).toString(16)).join('');
}
