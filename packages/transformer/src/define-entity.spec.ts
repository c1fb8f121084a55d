import { describe, expect, it } from '@jest/globals';
import { defineEntity } from './define-entity.js';
import { derivedFrom } from './legacy-definition.js';
import { primaryPortOf } from './primary-port.js';
import { type Note, noteArchive, noteDefinition, rewordNote, writeNote } from './testing/note.example.js';

type Definition = typeof noteDefinition;

function problemsOf(change: Partial<Definition>): string {
  try {
    defineEntity({ ...noteDefinition, ...change });
  } catch (error) {
    expect(error).toMatchObject({ code: 'TRANSFORMER_INVALID', retryable: false });
    return (error as Error).message;
  }
  return '';
}

const legacyRoute: Definition['legacy']['routes'][number] = {
  name: 'one',
  kind: 'read',
  method: 'GET',
  path: '/notes/:NoteID',
  toView: ({ params }) => ({ ids: [params.NoteID ?? ''] }),
  toAnswer: ([row]) => ({ status: 200, headers: {}, body: JSON.stringify(row) }),
};
const legacyWith = (change: Partial<Definition['legacy']>) => ({ legacy: { ...noteDefinition.legacy, ...change } });
const port = primaryPortOf(noteDefinition);
const [projection] = noteDefinition.projections;
if (projection === undefined) throw new Error('the example has a projection');

describe('defineEntity', () => {
  it('gives back a definition that is right', () => {
    expect(defineEntity(noteDefinition)).toBe(noteDefinition);
  });

  it.each<[string, Partial<Definition>, string]>([
    ['a name that is no part of a topic', { name: 'Note' }, 'name Note must be kebab-case'],
    ['a version below 1', { version: 0 }, 'version 0'],
    ['no events', { events: [] }, 'events is empty'],
    [
      'an event twice',
      { events: [...noteDefinition.events, ...noteDefinition.events.slice(0, 1)] },
      'NoteWritten is there twice',
    ],
    [
      "another topic's event",
      { events: [{ name: 'example.memo.v1.MemoWritten', schema: {} }] },
      'is not of the topic example.note.v1',
    ],
    [
      'a restatement under another name',
      {
        restated: {
          of: () => ({ type: 'example.note.v1.NoteGone', data: { legacyId: '' } }),
          type: { name: 'example.note.v1.NoteGone', schema: {} },
        },
      },
      'restated is example.note.v1.NoteGone, and must be example.note.v1.NoteRestated',
    ],
    [
      'a restatement that is none of its events',
      { events: noteDefinition.events.filter(({ name }) => !name.endsWith('Restated')) },
      'restated example.note.v1.NoteRestated is not among the events',
    ],
    [
      'a command twice',
      { commands: [writeNote, { ...rewordNote, name: 'WriteNote' }] },
      'command or query WriteNote is there twice',
    ],
    [
      'two commands on one route',
      {
        commands: [
          rewordNote,
          { ...rewordNote, name: 'ScratchNote', http: { method: 'PUT', path: '/v2/notes/:note' } },
        ],
      },
      'route PUT /v2/notes/:id is there twice',
    ],
    [
      'a path of another form',
      { commands: [{ ...writeNote, http: { method: 'POST', path: '/v2/notes/x/y/z' } }] },
      '/v2/<entities>',
    ],
    [
      'a change without :id',
      { commands: [{ ...rewordNote, http: { method: 'PUT', path: '/v2/notes' } }] },
      'needs /:id',
    ],
    [
      'a legacyIdOf where legacy assigns ids',
      { commands: [{ ...writeNote, legacyIdOf: () => '1' }] },
      'legacyIdOf is for',
    ],
    [
      'a create without legacyIdOf where the id is derived',
      legacyWith({ identity: derivedFrom((state: Note) => state.words) }),
      'needs legacyIdOf',
    ],
    ['a table twice', { projections: [projection, projection] }, 'table notes is there twice'],
    ['a key column that is none', { projections: [{ ...projection, key: 'note_id' }] }, 'key column note_id'],
    [
      'a column that needs quotes',
      { projections: [{ ...projection, columns: { id: 'uuid', 'my words': 'text' } }] },
      'my words',
    ],
    [
      'a migration twice',
      { migrations: [...noteDefinition.migrations, ...noteDefinition.migrations] },
      'migration note-001',
    ],
    ['no primary port', legacyWith({ ports: [noteArchive] }), 'exactly one port must be primary, found 0'],
    [
      'two primary ports',
      legacyWith({ ports: [port, { ...port, name: 'other' }] }),
      'exactly one port must be primary, found 2',
    ],
    [
      'two ports of one name',
      legacyWith({ ports: [port, { ...noteArchive, name: 'backend' }] }),
      'port backend is there twice',
    ],
    [
      'a primary port that is transactional',
      legacyWith({ ports: [{ ...noteArchive, primary: true } as unknown as typeof port] }),
      'port archive must be over HTTP, being primary',
    ],
    [
      'a further port over HTTP',
      legacyWith({ ports: [port, { ...port, name: 'archive', primary: false } as unknown as typeof noteArchive] }),
      'port archive must be transactional, not being primary',
    ],
    [
      'a further port that does not lock what it compares',
      legacyWith({
        ports: [port, { ...noteArchive, target: { ...noteArchive.target, select: 'select 1 where id = $1' } }],
      }),
      'port archive: select must take the legacy id as $1 and lock the row',
    ],
    [
      'a database that is no part of a variable',
      legacyWith({ ports: [port, { ...noteArchive, target: { ...noteArchive.target, database: 'Old One' } }] }),
      'database Old One must be kebab-case',
    ],
    ['a port name that is no part of a group', legacyWith({ ports: [{ ...port, name: 'Back end' }] }), 'port Back end'],
    [
      'a time to settle that is no time',
      legacyWith({ ports: [{ ...port, target: { ...port.target, settleAfterMs: Number.NaN } }] }),
      'settleAfterMs NaN',
    ],
    [
      'a loss without a reason',
      legacyWith({ compare: { ignores: [], losses: [{ name: 'colour', reason: ' ' }] } }),
      'colour has no reason',
    ],
    [
      'two legacy routes on one path',
      legacyWith({ routes: [legacyRoute, { ...legacyRoute, name: 'other', path: '/notes/:Number' }] }),
      'legacy route GET /notes/:id is there twice',
    ],
    [
      'two legacy routes of one name',
      legacyWith({ routes: [legacyRoute, { ...legacyRoute, path: '/notes' }] }),
      'legacy route one is there twice',
    ],
    [
      'a legacy route with a query string',
      legacyWith({ routes: [{ ...legacyRoute, path: '/notes?id=1' }] }),
      'path /notes?id=1',
    ],
    [
      'a read that is no GET',
      legacyWith({ routes: [{ ...legacyRoute, method: 'POST' as 'GET' }] }),
      'POST cannot be a read',
    ],
    ['a search without its value', legacyWith({ searches: { Words: 'select 1' } }), 'search Words'],
    ['a reference to itself', { refersTo: ['note'] }, 'refersTo names the entity itself'],
  ])('refuses %s', (_what, change, message) => {
    expect(problemsOf(change)).toContain(message);
  });

  it('says everything that is wrong at once', () => {
    const problems = problemsOf({ name: 'Note', version: 1.5, ...legacyWith({ ports: [] }) });
    expect(problems).toContain('kebab-case');
    expect(problems).toContain('version 1.5');
    expect(problems).toContain('primary');
  });
});
