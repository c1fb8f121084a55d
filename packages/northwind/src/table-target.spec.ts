import { describe, expect, it } from '@jest/globals';
import { createUnderGivenId, createUnderNextId, tableTarget } from './table-target.js';

type NoteRow = { NoteID: number | null; Words: string; Author: string | null };

const path = '/api/notes';
const create = createUnderNextId<NoteRow>({ path, id: 'NoteID', search: 'Words', canonical: (raw) => raw as NoteRow });
if (create.deliveryClass !== 'probe') throw new Error('a row that legacy numbers is created with a probe');
const sent: NoteRow = { NoteID: null, Words: 'a & b', Author: null };

describe('a row that legacy numbers', () => {
  it('is sent without an id, which comes with the answer', () => {
    expect(create.request(sent)).toEqual({ method: 'POST', path, body: { Words: 'a & b', Author: null } });
    expect(create.idFromAnswer({ ...sent, NoteID: 7 })).toBe('7');
  });

  it('is searched for by what is never null', () => {
    expect(create.probePath(sent, '6')).toBe('/api/notes?Words=a%20%26%20b');
  });

  it.each<[string, Partial<NoteRow>, boolean, boolean]>([
    ['equal and above the mark', {}, true, true],
    ['equal and there before', {}, false, false],
    ['above the mark and other', { Author: 'ann' }, true, false],
  ])('%s: found = %s', (_what, change, isAbove, found) => {
    expect(create.isOurs({ ...sent, NoteID: 7, ...change }, sent, { id: 'any', isAbove })).toBe(found);
  });
});

it('a row with an id of its own is sent whole', () => {
  const row = { ...sent, NoteID: 7 };
  const given = createUnderGivenId<NoteRow>(path);
  expect([given.deliveryClass, given.request(row)]).toEqual(['idempotent', { method: 'POST', path, body: row }]);
});

it('a row is changed and deleted under its id, whatever letters that has', () => {
  const target = tableTarget(path, create);
  expect(target.update('A/B', sent)).toEqual({ method: 'PUT', path: '/api/notes/A%2FB', body: sent });
  expect(target.delete('A/B')).toEqual({ method: 'DELETE', path: '/api/notes/A%2FB' });
});
