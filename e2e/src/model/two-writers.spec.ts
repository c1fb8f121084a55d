import { tell } from '@banyan/core/testing';
import { describe, expect, it } from '@jest/globals';
import { exploreTwoWriters, type Size, type Without } from './two-writers.js';

const SIZES: readonly Size[] = [
  { writers: 2, importers: 1, faults: 0, ring: 16 },
  { writers: 2, importers: 0, faults: 1, ring: 1 },
];

describe('one key, two native writers and an importer', () => {
  it.each(SIZES)('count every acknowledged write once, whatever happens between two steps: %o', async (size) => {
    const explored = await exploreTwoWriters(size);
    tell(`two writers ${JSON.stringify(size)}`, explored);
    expect(explored.violation).toBeUndefined();
    expect(explored.atRest).toBeGreaterThan(0);
  });

  it.each<[history: string, without: Without, size: Size, what: string]>([
    [
      'others push the id of an event out of the ring, it is taken for dead and decided again',
      'scan',
      { writers: 2, importers: 0, faults: 0, ring: 1 },
      'a write counts twice',
    ],
    [
      'the version got bigger, so another writer’s event is taken for the own one',
      'own id',
      { writers: 2, importers: 0, faults: 0, ring: 16 },
      'an acknowledged write is lost',
    ],
    [
      'the answer to an append is lost, and the repeat is decided anew',
      'same bytes',
      { writers: 1, importers: 0, faults: 1, ring: 16 },
      'a write counts twice',
    ],
  ])('lose or double one where %s', async (_history, without, size, what) => {
    expect((await exploreTwoWriters(size, without)).violation?.what).toBe(what);
    expect((await exploreTwoWriters(size)).violation).toBeUndefined();
  });
});
