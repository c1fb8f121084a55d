import type { EventType } from '@banyan/contracts';
import {
  type AnyEntity,
  assignedByLegacy,
  CommandRefused,
  defineEntity,
  type LegacyRow,
  requireExisting,
} from '@banyan/transformer';
import { z } from 'zod';

/** The longest life of a request at the simulated legacy, milliseconds. */
export const SETTLE_AFTER_MS = 3_000;
export const NOTES = '/api/notes';

/**
 * An entity on which everything that happens to it can be read: each change adds a word of its own to the text. A change that is
 * lost, doubled or out of order shows in both stores.
 */
export interface Note {
  readonly text: string;
  /** What a probe finds it by: its id in V2; null = legacy made it. */
  readonly stamp: string | null;
}

export interface NoteRow extends LegacyRow {
  readonly NoteID: number | null;
  readonly Text: string;
  readonly Stamp: string | null;
}

type NoteEvent =
  | { readonly type: 'sim.note.v1.NoteWritten'; readonly data: Note }
  | { readonly type: 'sim.note.v1.NoteExtended'; readonly data: { readonly word: string } }
  | { readonly type: 'sim.note.v1.NoteRewritten'; readonly data: { readonly text: string } }
  | { readonly type: 'sim.note.v1.NoteRemoved'; readonly data: { readonly word: string } }
  | { readonly type: 'sim.note.v1.NoteImported'; readonly data: Note & { readonly legacyId: string } }
  | {
      readonly type: 'sim.note.v1.NoteRestated';
      readonly data: { readonly by: string; readonly reason: string; readonly state: Note | null };
    }
  | { readonly type: 'sim.note.v1.NoteVanished'; readonly data: { readonly legacyId: string } };

const eventType = (name: string): EventType => ({ name: `sim.note.v1.${name}`, schema: {} });
const restated = eventType('NoteRestated');
const body = z.strictObject({ word: z.string() });

export const note: AnyEntity = defineEntity<Note, NoteEvent, NoteRow>({
  name: 'note',
  domain: 'sim',
  version: 1,
  events: [
    ...['NoteWritten', 'NoteExtended', 'NoteRewritten', 'NoteRemoved', 'NoteImported', 'NoteVanished'].map(eventType),
    restated,
  ],
  restated: {
    type: restated,
    of: (state, why) => ({ type: 'sim.note.v1.NoteRestated', data: { ...why, state: state ?? null } }),
  },
  evolve: (state, event) => {
    switch (event.type) {
      case 'sim.note.v1.NoteWritten':
        return event.data;
      case 'sim.note.v1.NoteImported':
        return { text: event.data.text, stamp: event.data.stamp };
      case 'sim.note.v1.NoteExtended':
        return { text: withWord(state?.text ?? '', event.data.word), stamp: state?.stamp ?? null };
      case 'sim.note.v1.NoteRewritten':
        return { text: event.data.text, stamp: state?.stamp ?? null };
      case 'sim.note.v1.NoteRestated':
        return event.data.state ?? undefined;
      case 'sim.note.v1.NoteRemoved':
      case 'sim.note.v1.NoteVanished':
        return undefined;
    }
  },
  commands: [
    {
      name: 'WriteNote',
      summary: 'Write a note.',
      http: { method: 'POST', path: '/v2/notes' },
      body,
      decide: ({ word }: { word: string }, state: Note | undefined, { id }: { id: string }) => {
        if (state !== undefined) throw new CommandRefused('NOTE_EXISTS', 'It is there.');
        return { type: 'sim.note.v1.NoteWritten', data: { text: word, stamp: id } };
      },
    },
    {
      name: 'ExtendNote',
      summary: 'Add a word to a note.',
      http: { method: 'POST', path: '/v2/notes/:id/extend' },
      body,
      decide: ({ word }: { word: string }, state: Note | undefined, { id }: { id: string }) => {
        requireExisting(state, 'note', id);
        return { type: 'sim.note.v1.NoteExtended', data: { word } };
      },
    },
    {
      // The same by an event that says the whole text: decided on a text that is old, it takes back what was added since.
      name: 'RewriteNote',
      summary: 'Write a note again, with a word more.',
      http: { method: 'POST', path: '/v2/notes/:id/rewrite' },
      body,
      decide: ({ word }: { word: string }, state: Note | undefined, { id }: { id: string }) => {
        const { text } = requireExisting(state, 'note', id);
        return { type: 'sim.note.v1.NoteRewritten', data: { text: withWord(text, word) } };
      },
    },
    {
      name: 'RemoveNote',
      summary: 'Remove a note.',
      http: { method: 'POST', path: '/v2/notes/:id/remove' },
      body,
      decide: ({ word }: { word: string }, state: Note | undefined, { id }: { id: string }) => {
        requireExisting(state, 'note', id);
        return { type: 'sim.note.v1.NoteRemoved', data: { word } };
      },
    },
  ] as never,
  queries: [{ type: 'one', name: 'GetNote', summary: 'One note.', path: '/v2/notes/:id' }],
  projections: [],
  migrations: [],
  legacy: {
    identity: assignedByLegacy(),
    canonicalId: (raw) => String(Number(raw)),
    idOf: ({ NoteID }) => String(NoteID),
    reader: {
      sql: { idsAfter: '', rows: '' },
      http: { page: (page, size) => `${NOTES}?page=${page}&size=${size}`, one: (id) => `${NOTES}/${id}` },
      canonical: (raw) => raw as NoteRow,
    },
    refsOfRow: () => [],
    importRow: ({ NoteID, Text, Stamp }) => ({
      type: 'sim.note.v1.NoteImported',
      data: { legacyId: String(NoteID), text: Text, stamp: Stamp },
    }),
    importAbsence: (legacyId) => ({ type: 'sim.note.v1.NoteVanished', data: { legacyId } }),
    ports: [
      {
        name: 'backend',
        primary: true,
        refsOf: () => [],
        format: ({ text, stamp }, { legacyId }) => ({
          NoteID: legacyId === undefined ? null : Number(legacyId),
          Text: text,
          Stamp: stamp,
        }),
        target: {
          create: {
            deliveryClass: 'probe',
            request: ({ NoteID: _, ...row }) => ({ method: 'POST', path: NOTES, body: row }),
            idFromAnswer: (answer) => String((answer as NoteRow).NoteID),
            probePath: ({ Stamp }) => `${NOTES}?Stamp=${Stamp}`,
            isOurs: (candidate, sent, { isAbove }) => isAbove && candidate.Stamp === sent.Stamp,
          },
          update: (id, row) => ({ method: 'PUT', path: `${NOTES}/${id}`, body: row }),
          delete: (id) => ({ method: 'DELETE', path: `${NOTES}/${id}` }),
          settleAfterMs: SETTLE_AFTER_MS,
          compareAndSetWindow: 'between the GET and the write of one send',
        },
      },
    ],
    routes: [],
    compare: { ignores: [], losses: [] },
  },
});

export function withWord(text: string, word: string): string {
  return text === '' ? word : `${text} ${word}`;
}
