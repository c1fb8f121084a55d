import { describe, expect, it } from '@jest/globals';
import { viewQueryOf } from './view-query.js';

describe('the query of the legacy view', () => {
  it.each<[object, object]>([
    [{}, { filter: {} }],
    [{ ids: '1,2' }, { ids: ['1', '2'], filter: {} }],
    [
      { page: '2', size: '50' },
      { page: 2, size: 50, filter: {} },
    ],
    [
      { size: '50', 'filter.PoNumber': '' },
      { size: 50, filter: { PoNumber: '' } },
    ],
  ])('reads %j', (query, expected) => {
    expect(viewQueryOf(query as never)).toEqual(expected);
  });

  it.each<[object, string]>([
    [{ ids: '' }, 'ids'],
    [{ ids: Array.from({ length: 1001 }, (_, index) => index).join(',') }, 'ids'],
    [{ ids: '1', size: '2' }, 'ids'],
    [{ ids: '1', 'filter.PoNumber': 'x' }, 'ids'],
    [{ page: '2' }, 'page'],
    [{ page: '0', size: '2' }, 'page'],
    [{ size: '1001' }, 'size'],
    [{ size: 'x' }, 'size'],
    [{ 'filter.PoNumber': ['a', 'b'] }, 'filter'],
    [{ sort: 'x' }, 'sort'],
  ])('refuses %j', (query, path) => {
    expect(() => viewQueryOf(query as never)).toThrow(
      expect.objectContaining({
        status: 400,
        code: 'API_QUERY_INVALID',
        message: expect.stringContaining(path),
      }),
    );
  });
});
