import type { DomainEvent, EventType } from '@banyan/contracts';

/** What every event of a parcel says: all of it, so that who keeps the last one has everything. */
export interface ParcelData {
  /** From 1, one more with each change: shows whether something came out of order. */
  readonly revision: number;
  readonly status: 'announced' | 'moving' | 'delivered';
  readonly place: string;
  readonly carrier: string;
  readonly weightGrams: number;
  readonly valueCents: number;
  readonly currency: string;
  readonly fragile: boolean;
  readonly note: string | null;
  /** yyyy-mm-dd */
  readonly dueOn: string;
  /** Milliseconds since 1970 UTC. */
  readonly movedAt: number;
}

export type ParcelImportedData = ParcelData & { readonly legacyId: string };

const NAMESPACE = 'bench.parcel.v1';

const FIELDS = [
  { name: 'revision', type: 'int' },
  { name: 'status', type: 'string' },
  { name: 'place', type: 'string' },
  { name: 'carrier', type: 'string' },
  { name: 'weightGrams', type: 'int' },
  { name: 'valueCents', type: 'long' },
  { name: 'currency', type: 'string' },
  { name: 'fragile', type: 'boolean' },
  { name: 'note', type: ['null', 'string'], default: null },
  { name: 'dueOn', type: 'string' },
  { name: 'movedAt', type: { type: 'long', logicalType: 'timestamp-millis' } },
];

export const ParcelAnnounced = eventType<ParcelData, 'ParcelAnnounced'>('ParcelAnnounced', FIELDS);
export const ParcelMoved = eventType<ParcelData, 'ParcelMoved'>('ParcelMoved', FIELDS);
export const ParcelImported = eventType<ParcelImportedData, 'ParcelImported'>('ParcelImported', [
  { name: 'legacyId', type: 'string' },
  ...FIELDS,
]);
export const ParcelVanished = eventType<{ readonly legacyId: string }, 'ParcelVanished'>('ParcelVanished', [
  { name: 'legacyId', type: 'string' },
]);

export type ParcelEvent =
  | DomainEvent<typeof ParcelAnnounced.name, ParcelData>
  | DomainEvent<typeof ParcelMoved.name, ParcelData>
  | DomainEvent<typeof ParcelImported.name, ParcelImportedData>
  | DomainEvent<typeof ParcelVanished.name, { readonly legacyId: string }>;

export const PARCEL_TYPES: readonly EventType[] = [ParcelAnnounced, ParcelMoved, ParcelImported, ParcelVanished];

function eventType<D, N extends string>(
  name: N,
  fields: readonly object[],
): EventType<D> & { readonly name: `${typeof NAMESPACE}.${N}` } {
  return { name: `${NAMESPACE}.${name}`, schema: { type: 'record', name, namespace: NAMESPACE, fields } };
}
