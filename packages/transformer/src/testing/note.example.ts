import type { DomainEvent, EventType } from '@banyan/contracts';
import { z } from 'zod';
import { canonicalInteger } from '../canonical-integer.js';
import { canonicalRow, column } from '../canonical-row.js';
import { type CommandDefinition, CommandRefused } from '../command.js';
import type { EntityDefinition } from '../entity.js';
import { requireExisting } from '../existing.js';
import { assignedByLegacy } from '../legacy-definition.js';
import type { FurtherPort } from '../port.js';

/** A small entity that the kit is tried on: a note that can be written once and worded otherwise. */
export interface Note {
  readonly words: string;
}
export type NoteRow = { NoteID: number; Words: string };
export type NoteWritten = DomainEvent<'example.note.v1.NoteWritten', { readonly words: string }>;
export type NoteImported = DomainEvent<
  'example.note.v1.NoteImported',
  { readonly legacyId: string; readonly words: string }
>;
export type NoteGone = DomainEvent<'example.note.v1.NoteGone', { readonly legacyId: string }>;
export type NoteRestated = DomainEvent<
  'example.note.v1.NoteRestated',
  { readonly by: string; readonly reason: string; readonly state: Note | null }
>;
export type NoteEvent = NoteWritten | NoteImported | NoteGone | NoteRestated;

const typeOf = (name: string): EventType => ({ name: `example.note.v1.${name}`, schema: {} });
const restated = typeOf('NoteRestated');
const types: readonly EventType[] = [...['NoteWritten', 'NoteImported', 'NoteGone'].map(typeOf), restated];
const body = z.strictObject({ words: z.string().min(1) });
const row = z.strictObject({ NoteID: column.smallint, Words: column.text });

export const writeNote: CommandDefinition<Note, NoteEvent, z.infer<typeof body>> = {
  name: 'WriteNote',
  summary: 'Write a note.',
  http: { method: 'POST', path: '/v2/notes' },
  body,
  decide(command, state) {
    if (state !== undefined) throw new CommandRefused('NOTE_WRITTEN', `The note says ${state.words} already.`);
    return { type: 'example.note.v1.NoteWritten', data: command };
  },
};

export const rewordNote: CommandDefinition<Note, NoteEvent, z.infer<typeof body>> = {
  name: 'RewordNote',
  summary: 'Word a note otherwise.',
  http: { method: 'PUT', path: '/v2/notes/:id' },
  body,
  decide(command, state, { id }) {
    if (requireExisting(state, 'note', id).words === command.words) return undefined;
    return { type: 'example.note.v1.NoteWritten', data: command };
  },
};

export const noteDefinition: EntityDefinition<Note, NoteEvent, NoteRow> = {
  name: 'note',
  domain: 'example',
  version: 1,
  events: types,
  evolve(_state, event) {
    if (event.type === 'example.note.v1.NoteRestated') return event.data.state ?? undefined;
    return event.type === 'example.note.v1.NoteGone' ? undefined : { words: event.data.words };
  },
  restated: {
    type: restated,
    of: (state, why) => ({ type: 'example.note.v1.NoteRestated', data: { ...why, state: state ?? null } }),
  },
  commands: [writeNote, rewordNote],
  queries: [{ type: 'one', name: 'GetNote', summary: 'One note.', path: '/v2/notes/:id' }],
  projections: [
    {
      table: 'notes',
      key: 'id',
      columns: { id: 'uuid', words: 'text' },
      rows: (state, id) => (state === undefined ? [] : [{ id, words: state.words }]),
    },
  ],
  migrations: [{ name: 'note-001', sql: 'create table v2.notes (id uuid primary key, words text not null)' }],
  legacy: {
    identity: assignedByLegacy(),
    canonicalId: canonicalInteger,
    idOf: ({ NoteID }) => String(NoteID),
    reader: {
      sql: { idsAfter: 'select 1', rows: 'select 1' },
      http: { page: (page, size) => `/notes?page=${page}&size=${size}`, one: (id) => `/notes/${id}` },
      canonical: (raw) => canonicalRow(row, raw),
    },
    refsOfRow: () => [],
    importRow: ({ NoteID, Words }) => ({
      type: 'example.note.v1.NoteImported',
      data: { legacyId: String(NoteID), words: Words },
    }),
    importAbsence: (legacyId) => ({ type: 'example.note.v1.NoteGone', data: { legacyId } }),
    ports: [
      {
        name: 'backend',
        primary: true,
        refsOf: () => [],
        format: ({ words }, { legacyId }) => ({ NoteID: Number(legacyId), Words: words }),
        target: {
          create: { deliveryClass: 'idempotent', request: (sent) => ({ method: 'POST', path: '/notes', body: sent }) },
          update: (id, sent) => ({ method: 'PUT', path: `/notes/${id}`, body: sent }),
          delete: (id) => ({ method: 'DELETE', path: `/notes/${id}` }),
          settleAfterMs: 0,
          compareAndSetWindow: 'none: nobody else writes',
        },
      },
    ],
    routes: [],
    compare: { ignores: [], losses: [] },
  },
};

/** A second backend of notes: a table where the words stand with their length. */
export const noteArchive: FurtherPort<Note, { readonly Words: string; readonly Length: number }> = {
  name: 'archive',
  primary: false,
  refsOf: () => [],
  format: ({ words }) => ({ Words: words, Length: words.length }),
  target: {
    deliveryClass: 'transactional',
    database: 'archive',
    select: `select json_build_object('Words', words, 'Length', length) as row from archive where id = $1 for update`,
    canonical: (raw) => raw as { Words: string; Length: number },
    insert: (id, { Words, Length }) => [
      { text: 'insert into archive values ($1, $2, $3)', values: [id, Words, Length] },
    ],
    update: (id, { Words, Length }) => [
      { text: 'update archive set words = $2, length = $3 where id = $1', values: [id, Words, Length] },
    ],
    delete: (id) => [{ text: 'delete from archive where id = $1', values: [id] }],
  },
};
