import { describe, expect, it } from '@jest/globals';
import type { Write } from '../books/write-journal.js';
import { outOfOrder } from './stores.js';

const writes = (...names: (string | null)[]): Write[] => names.map((name) => ({ id: '1', operation: 'UPDATE', name }));

describe('the changes of an order in a journal', () => {
  it('are in order where each has a higher number than the last, whatever else is written between', () => {
    expect(outOfOrder('V2', '1', writes(null, 'grid 1', 'Alfreds Futterkiste', 'grid 2', 'grid 10'))).toEqual([]);
  });

  it.each([
    ['an older one behind a newer', ['grid 2', 'grid 1']],
    ['the same one twice', ['grid 2', 'grid 2']],
  ])('are not with %s', (_, names) => {
    expect(outOfOrder('V2', '1', writes(...names))).toMatchObject([{ promise: 'P4', kind: 'covered' }]);
  });
});
