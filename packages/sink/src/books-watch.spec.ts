import { VirtualTime } from '@banyan/core/testing';
import { describe, expect, it } from '@jest/globals';
import { type PartitionBooks, tallyOf } from './books.js';
import { type Booked, BooksWatch } from './books-watch.js';

const BOOKS: PartitionBooks = { ...tallyOf({ effective: 3, applied: 1 }), partition: 0, from: 0, next: 3, parked: 2 };

/** A store whose parked records take so long to be counted. */
function aStore(time: VirtualTime, countMs: number) {
  const asked = { tallies: 0, books: 0 };
  const store: Booked = {
    name: 'order',
    tallies: async () => {
      asked.tallies += 1;
      return [BOOKS];
    },
    books: async () => {
      asked.books += 1;
      await time.pass(countMs);
      return [BOOKS];
    },
  };
  return { store, asked };
}

describe('the watch over books', () => {
  it('counts what is parked as often as that is cheap, and the rest each time', async () => {
    const time = new VirtualTime();
    const { store, asked } = aStore(time, 200);
    const watch = new BooksWatch(time);
    for (let times = 0; times < 10; times += 1) {
      await watch.look([store]);
      await time.pass(5_000);
    }
    expect(asked).toEqual({ tallies: 10, books: 3 });
    expect([watch.tallies('order'), watch.books('order')]).toEqual([[BOOKS], [BOOKS]]);
  });

  it('knows nothing when it was told to forget, and counts anew at once', async () => {
    const time = new VirtualTime();
    const { store, asked } = aStore(time, 200);
    const watch = new BooksWatch(time);
    await watch.look([store]);
    watch.forget();
    expect([watch.tallies('order'), watch.books('order')]).toEqual([[], []]);
    await watch.look([store]);
    expect([watch.books('order'), asked.books]).toEqual([[BOOKS], 2]);
  });
});
