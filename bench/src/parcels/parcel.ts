import type { LegacyRow } from '@banyan/transformer';
import {
  type AnyEntity,
  assignedByLegacy,
  type CompareAndSetOverHttp,
  canonicalInteger,
  defineEntity,
} from '@banyan/transformer';
import { z } from 'zod';
import {
  PARCEL_TYPES,
  ParcelAnnounced,
  type ParcelData,
  type ParcelEvent,
  ParcelImported,
  ParcelMoved,
  ParcelVanished,
} from './events.js';
import { CREATE_PARCELS, PARCEL_COLUMNS } from './table.js';

/** What V2 keeps; the instant as text, as a document has it. */
export type Parcel = Omit<ParcelData, 'movedAt'> & { readonly movedAt: string };

/** A row of the legacy system. */
export type ParcelRow = LegacyRow & { readonly ParcelID: number | null } & Parcel;

const PATH = '/parcels';

const body = z.strictObject({
  place: z.string(),
  carrier: z.string(),
  weightGrams: z.int(),
  valueCents: z.int(),
  currency: z.string().length(3),
  fragile: z.boolean(),
  note: z.string().nullable(),
  dueOn: z.string(),
});

/** An entity for the benches: one table, events that say everything, ids that legacy assigns; no more than an engineer would write by hand. */
export const parcel = parcelWith({ ifMatch: true });

/** The same where legacy has no If-Match, or nobody knows that it has. */
export const lookedAtParcel = parcelWith({ compareAndSetWindow: 'between the GET and the write behind it' });

function parcelWith(compareAndSet: CompareAndSetOverHttp): AnyEntity {
  return defineEntity<Parcel, ParcelEvent, ParcelRow>({
    name: 'parcel',
    domain: 'bench',
    version: 1,
    events: PARCEL_TYPES,
    evolve: (_, event) => {
      switch (event.type) {
        case ParcelAnnounced.name:
        case ParcelMoved.name:
          return parcelOf(event.data);
        case ParcelImported.name: {
          const { legacyId: _id, ...data } = event.data;
          return parcelOf(data);
        }
        case ParcelVanished.name:
          return undefined;
      }
    },
    commands: [
      {
        name: 'AnnounceParcel',
        summary: 'Announce a parcel.',
        http: { method: 'POST', path: '/v2/parcels' },
        body,
        decide: (given, _, { now }) => ({
          type: ParcelAnnounced.name,
          data: { ...(given as z.output<typeof body>), revision: 1, status: 'announced', movedAt: Date.parse(now) },
        }),
      },
    ],
    queries: [{ type: 'one', name: 'GetParcel', summary: 'One parcel.', path: '/v2/parcels/:id' }],
    projections: [
      { table: 'parcels', key: 'id', columns: PARCEL_COLUMNS, rows: (state, id) => (state ? [rowOf(state, id)] : []) },
    ],
    migrations: [{ name: 'parcel-001', sql: CREATE_PARCELS }],
    legacy: {
      identity: assignedByLegacy(),
      canonicalId: canonicalInteger,
      idOf: (row) => String(row.ParcelID),
      // Nothing here is read by SQL: legacy is there over HTTP alone.
      reader: {
        sql: { idsAfter: '', rows: '' },
        http: { page: (page, size) => `${PATH}?page=${page}&size=${size}`, one: (id) => `${PATH}/${id}` },
        canonical: (raw) => raw as ParcelRow,
      },
      refsOfRow: () => [],
      importRow: ({ ParcelID, ...row }) => ({
        type: ParcelImported.name,
        data: { ...row, movedAt: Date.parse(row.movedAt), legacyId: String(ParcelID) },
      }),
      importAbsence: (legacyId) => ({ type: ParcelVanished.name, data: { legacyId } }),
      ports: [
        {
          name: 'backend',
          primary: true,
          refsOf: () => [],
          format: (state, { legacyId }) => ({ ParcelID: legacyId === undefined ? null : Number(legacyId), ...state }),
          target: {
            create: {
              deliveryClass: 'probe',
              request: ({ ParcelID: _, ...row }) => ({ method: 'POST', path: PATH, body: row }),
              idFromAnswer: (answer) => String((answer as ParcelRow).ParcelID),
              probePath: ({ note }) => `${PATH}?note=${encodeURIComponent(String(note))}`,
              isOurs: (candidate, sent, { isAbove }) => isAbove && candidate.note === sent.note,
            },
            update: (id, row) => ({ method: 'PUT', path: `${PATH}/${id}`, body: row }),
            delete: (id) => ({ method: 'DELETE', path: `${PATH}/${id}` }),
            settleAfterMs: 3_000,
            ...compareAndSet,
          },
        },
      ],
      routes: [],
      compare: { ignores: [], losses: [] },
    },
  });
}

export function parcelOf(data: ParcelData): Parcel {
  return {
    revision: data.revision,
    status: data.status,
    place: data.place,
    carrier: data.carrier,
    weightGrams: data.weightGrams,
    valueCents: data.valueCents,
    currency: data.currency,
    fragile: data.fragile,
    note: data.note,
    dueOn: data.dueOn,
    movedAt: new Date(data.movedAt).toISOString(),
  };
}

function rowOf(state: Parcel, id: string) {
  return {
    id,
    revision: state.revision,
    status: state.status,
    place: state.place,
    carrier: state.carrier,
    weight_grams: state.weightGrams,
    value_cents: state.valueCents,
    currency: state.currency,
    fragile: state.fragile,
    note: state.note,
    due_on: state.dueOn,
    moved_at: state.movedAt,
  };
}
