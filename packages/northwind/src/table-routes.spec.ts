import { LegacyRefused, type LegacyRequest } from '@banyan/transformer';
import { describe, expect, it } from '@jest/globals';
import { code, text } from './columns.js';
import { changeRoute, listRoute, numberOfPath, oneRoute, type TableRoutes } from './table-routes.js';

const table: TableRoutes = {
  path: '/api/notes',
  id: 'NoteID',
  idOfPath: numberOfPath,
  searches: { Author: code(5), Words: text(10) },
};
const request = (change: Partial<LegacyRequest>): LegacyRequest => ({ params: {}, query: {}, body: '', ...change });

function refusedBy(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    if (error instanceof LegacyRefused) return [error.answer.status, error.answer.body];
    throw error;
  }
  return undefined;
}

describe('a list', () => {
  const route = listRoute(table);
  const view = (query: LegacyRequest['query']) => route.toView(request({ query }));

  it.each<[LegacyRequest['query'], object]>([
    [{}, { page: 1, size: 50 }],
    [{ page: '3' }, { page: 3, size: 50 }],
    [{ size: '1000' }, { page: 1, size: 1000 }],
    [
      { page: '02', size: '7' },
      { page: 2, size: 7 },
    ],
    [
      { unknown: 'x', words: 'x' },
      { page: 1, size: 50 },
    ],
    [{ Words: 'x' }, { filter: { Words: 'x' } }],
    [{ Words: '', Author: ' ann ' }, { filter: { Words: '', Author: 'ANN' } }],
    [
      { Words: 'x', size: '2' },
      { filter: { Words: 'x' }, page: 1, size: 2 },
    ],
  ])('is for %j the view %j', (query, expected) => {
    expect(view(query)).toEqual(expected);
  });

  it.each<[LegacyRequest['query'], string]>([
    [{ page: '0' }, 'page must be a whole number from 1 to 1000000.'],
    [{ page: '' }, 'page must be a whole number from 1 to 1000000.'],
    [{ size: '1001' }, 'size must be a whole number from 1 to 1000.'],
    [{ size: ['1', '2'] }, 'size was given more than once.'],
    [{ Words: ['a', 'b'] }, 'Words was given more than once.'],
    [{ Words: 'x'.repeat(11) }, 'Words must not be longer than 10 characters.'],
    [{ Author: ' ' }, 'Author must not be empty.'],
  ])('refuses %j in plain text', (query, words) => {
    expect(refusedBy(() => view(query))).toEqual([400, words]);
  });

  it('says how many there are on all pages', () => {
    expect(route.toAnswer([{ NoteID: 1 }], 7, request({}))).toEqual({
      status: 200,
      headers: { 'content-type': 'application/json; charset=utf-8', 'x-total-count': '7' },
      body: '[{"NoteID":1}]',
    });
  });
});

describe('one row', () => {
  const route = oneRoute(table);

  it('is asked for by its canonical id', () => {
    expect(route.toView(request({ params: { NoteID: '007' } }))).toEqual({ ids: ['7'] });
  });

  it.each(['', 'abc', '1.0', '-1', ' 1', '1234567890'])('that can have the id %j is on no table', (NoteID) => {
    expect(refusedBy(() => route.toView(request({ params: { NoteID } })))).toEqual([
      404,
      expect.stringContaining('<h2>404 - File or directory not found.</h2>'),
    ]);
  });

  it('that is not there is the same page', () => {
    expect(route.toAnswer([], 0, request({})).status).toBe(404);
  });
});

it('looks at the id before the body', () => {
  const route = changeRoute(table, {
    name: 'replace',
    method: 'PUT',
    command: () => {
      throw new Error('the body was looked at');
    },
  });
  expect(refusedBy(() => route.toCommand(request({ params: { NoteID: 'x' } })))).toEqual([404, expect.any(String)]);
});
