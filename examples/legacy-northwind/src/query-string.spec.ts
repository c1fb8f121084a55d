import { describe, expect, it } from '@jest/globals';
import { pageOf, textIn } from './query-string.js';

describe('the query string', () => {
  it('gives the first 50 rows of a list when nothing is asked', () => {
    expect(pageOf({}, false)).toEqual({ offset: 0, limit: 50 });
  });

  it('gives all that a search finds when nothing is asked', () => {
    expect(pageOf({}, true)).toEqual({ offset: 0, limit: null });
  });

  it('counts pages from 1', () => {
    expect(pageOf({ page: '3', size: '200' }, true)).toEqual({ offset: 400, limit: 200 });
  });

  it.each([
    [{ page: '0' }, 'page must be a whole number from 1 to 1000000.'],
    [{ page: 'x' }, 'page must be a whole number from 1 to 1000000.'],
    [{ size: '1001' }, 'size must be a whole number from 1 to 1000.'],
    [{ size: '-1' }, 'size must be a whole number from 1 to 1000.'],
    [{ size: ['1', '2'] }, 'size was given more than once.'],
  ])('refuses %j rather than guess', (query, message) => {
    expect(() => pageOf(query, false)).toThrow(message);
  });

  it('refuses a search term that is given twice', () => {
    expect(() => textIn({ PoNumber: ['a', 'b'] }, 'PoNumber')).toThrow('PoNumber was given more than once.');
  });
});
