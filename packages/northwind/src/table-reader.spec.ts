import { describe, expect, it } from '@jest/globals';
import { tableReader } from './table-reader.js';

type NoteRow = { NoteID: number; Words: string };

const note = {
  table: 'notes',
  id: 'NoteID',
  columns: { NoteID: 'note_id', Words: 'Words in all' },
  canonical: (raw: unknown) => raw as NoteRow,
} as const;

describe('the reader of a table', () => {
  it('names every column, so that a new one is seen by the API alone and is said', () => {
    const { sql } = tableReader<NoteRow>({ ...note, idIs: 'number' });
    expect(sql.rows).toContain('"note_id" as "NoteID", "Words in all" as "Words" from "notes"');
  });

  it('compares numbers as numbers, and knows the largest', () => {
    const { sql } = tableReader<NoteRow>({ ...note, idIs: 'number' });
    expect(sql.idsAfter).toContain('$1::bigint');
    expect(sql.highWaterMark).toBe('select max("note_id")::text as id from "notes"');
  });

  it('compares codes as text, and knows no largest', () => {
    const { sql } = tableReader<NoteRow>({ ...note, idIs: 'code' });
    expect(sql.idsAfter).toContain('$1::text');
    expect(sql.rows).toContain('any($1::text[])');
    expect(sql.highWaterMark).toBeUndefined();
  });

  it('asks the API for pages and rows, ids escaped', () => {
    const { http } = tableReader<NoteRow>({ ...note, idIs: 'code' });
    expect([http.page(2, 50), http.one('A/B')]).toEqual(['/api/notes?page=2&size=50', '/api/notes/A%2FB']);
  });
});
