import { describe, expect, it } from '@jest/globals';
import { accountedFor, addChunk, BUCKETS, emptyBooks, isDone } from './books.js';

describe('the books of a backfill', () => {
  it('balance when every source row landed in a bucket', () => {
    const books = addChunk(emptyBooks('order'), 3, ['imported', 'unchanged', 'invalid']);
    expect(accountedFor(books)).toBe(3);
    expect(isDone(books)).toBe(true);
  });

  it('do not balance when a row got lost on the way', () => {
    expect(isDone(addChunk(emptyBooks('order'), 3, ['imported', 'unchanged']))).toBe(false);
  });

  it('do not balance when a row was counted twice', () => {
    expect(isDone(addChunk(emptyBooks('order'), 1, ['imported', 'imported']))).toBe(false);
  });

  it('are not closed while a row is held', () => {
    expect(isDone(addChunk(emptyBooks('order'), 1, ['held']))).toBe(false);
  });

  it('add up over chunks', () => {
    const books = addChunk(addChunk(emptyBooks('order'), 2, ['imported', 'held']), 1, ['imported']);
    expect(books).toEqual({
      entity: 'order',
      sourceRows: 3,
      buckets: { ...Object.fromEntries(BUCKETS.map((name) => [name, 0])), imported: 2, held: 1 },
    });
  });
});
