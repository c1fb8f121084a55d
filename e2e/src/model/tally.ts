import type { EventType } from '@banyan/contracts';
import { type AnyEntity, assignedByLegacy, defineEntity, derivedFrom, type LegacyRow } from '@banyan/transformer';
import { z } from 'zod';

/** An entity on which everything that can go wrong shows: each write adds its own id to the list of those before it. */
export interface Tally {
  readonly name: string;
  readonly ids: readonly string[];
  /** A write that was decided on another list than the one it was applied to. */
  readonly torn?: string;
}

export interface TallyRow extends LegacyRow {
  /** null = legacy will assign it. */
  readonly Id: string | null;
  readonly Name: string;
  /** Separated by commas. */
  readonly Ids: string;
}

export type TallyEvent =
  | {
      readonly type: 'test.tally.v1.TallyAdded';
      readonly data: { readonly id: string; readonly seen: readonly string[] };
    }
  | { readonly type: 'test.tally.v1.TallyImported'; readonly data: Tally & { readonly legacyId: string } }
  | { readonly type: 'test.tally.v1.TallyVanished'; readonly data: { readonly legacyId: string } };

export const NAME = 'A';
export const TOPIC = 'test.tally.v1';

const type = (name: string): EventType => ({ name: `${TOPIC}.${name}`, schema: {} });
const path = (id: string): string => `/tallies/${id}`;

/**
 * @param identity whether the row's id is its name, or legacy gives it
 * @param by how legacy compares
 */
function tallyOf(identity: 'natural' | 'assigned', by: 'look' | 'if-match' = 'look'): AnyEntity {
  const assigned = identity === 'assigned';
  return defineEntity<Tally, TallyEvent, TallyRow>({
    name: 'tally',
    domain: 'test',
    version: 1,
    events: [type('TallyAdded'), type('TallyImported'), type('TallyVanished')],
    evolve: (state, event) => {
      switch (event.type) {
        case 'test.tally.v1.TallyAdded': {
          const { id, seen } = event.data;
          const ids = state?.ids ?? [];
          const torn = state?.torn ?? (seen.join() === ids.join() ? undefined : id);
          return { name: state?.name ?? NAME, ids: [...ids, id], ...(torn === undefined ? {} : { torn }) };
        }
        case 'test.tally.v1.TallyImported':
          return { name: event.data.name, ids: event.data.ids };
        case 'test.tally.v1.TallyVanished':
          return undefined;
      }
    },
    commands: [
      {
        name: 'AddToTally',
        summary: 'Add to a tally.',
        http: { method: 'POST', path: '/v2/tallies/:id/add' },
        body: z.strictObject({ id: z.string() }),
        decide: ({ id }: { id: string }, state: Tally | undefined) => ({
          type: 'test.tally.v1.TallyAdded',
          data: { id, seen: state?.ids ?? [] },
        }),
      },
    ] as never,
    queries: [{ type: 'one', name: 'GetTally', summary: 'One tally.', path: '/v2/tallies/:id' }],
    projections: [],
    migrations: [],
    legacy: {
      identity: assigned ? assignedByLegacy() : derivedFrom((state: Tally) => state.name),
      canonicalId: (raw) => raw.trim().toUpperCase(),
      idOf: (row) => String(row.Id).trim().toUpperCase(),
      reader: {
        sql: { idsAfter: '', rows: '' },
        http: { page: (page, size) => `/tallies?page=${page}&size=${size}`, one: path },
        canonical: (raw) => raw as TallyRow,
      },
      refsOfRow: () => [],
      importRow: (row) => ({
        type: 'test.tally.v1.TallyImported',
        data: { legacyId: String(row.Id), name: row.Name, ids: row.Ids === '' ? [] : row.Ids.split(',') },
      }),
      importAbsence: (legacyId) => ({ type: 'test.tally.v1.TallyVanished', data: { legacyId } }),
      ports: [
        {
          name: 'backend',
          primary: true,
          refsOf: () => [],
          format: ({ name, ids }, { legacyId }) => ({
            Id: assigned ? (legacyId ?? null) : name,
            Name: name,
            Ids: ids.join(),
          }),
          target: {
            create: assigned
              ? {
                  deliveryClass: 'probe',
                  request: (row) => ({ method: 'POST', path: '/tallies', body: row }),
                  idFromAnswer: (answer) => String((answer as TallyRow).Id),
                  probePath: () => '/tallies?page=1&size=9',
                  isOurs: (candidate, sent, { isAbove }) => isAbove && candidate.Name === sent.Name,
                }
              : { deliveryClass: 'idempotent', request: (row) => ({ method: 'POST', path: '/tallies', body: row }) },
            update: (id, row) => ({ method: 'PUT', path: path(id), body: row }),
            delete: (id) => ({ method: 'DELETE', path: path(id) }),
            settleAfterMs: 3_000,
            ...(by === 'if-match' ? { ifMatch: true } : { compareAndSetWindow: 'one exchange' }),
          },
        },
      ],
      routes: [],
      compare: { ignores: [], losses: [] },
    },
  });
}

/** Its legacy id is its name. */
export const tally = tallyOf('natural');
/** Legacy assigns its id. */
export const assignedTally = tallyOf('assigned');
/** The same where legacy compares by If-Match. */
export const comparedTally = tallyOf('assigned', 'if-match');
