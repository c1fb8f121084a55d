import { NO_STATE, type StoredState } from '@banyan/postgres';
import { describe, expect, it } from '@jest/globals';
import { KnownStates } from './known-states.js';

const state = (version: number): StoredState => ({ ...NO_STATE, appliedVersion: version });
const left = (...keys: readonly string[]) => new Map(keys.map((key) => [key, state(1)]));

describe('known states', () => {
  it('are those of the turn before, of the same partition', () => {
    const known = new KnownStates();
    known.keep(0, 7, left('a'));
    expect([...known.in(0, 8).keys()]).toEqual(['a']);
    for (const [partition, turn] of [
      [0, 7],
      [0, 9],
      [0, 1],
      [1, 8],
    ] as const)
      expect(known.in(partition, turn).size).toBe(0);
  });

  it('gather over turns without a gap, the last state of a key counts, and begin anew behind one', () => {
    const known = new KnownStates();
    known.keep(0, 7, left('a', 'b'));
    known.keep(0, 8, new Map([['a', state(2)]]));
    expect([...known.in(0, 9)].map(([key, { appliedVersion }]) => `${key}${appliedVersion}`)).toEqual(['b1', 'a2']);
    known.keep(0, 10, left('c'));
    expect([...known.in(0, 11).keys()]).toEqual(['c']);
  });

  it('are forgotten when somebody doubts', () => {
    const known = new KnownStates();
    known.keep(0, 1, left('a'));
    known.keep(1, 1, left('b'));
    known.forget(0);
    expect([known.in(0, 2).size, known.in(1, 2).size]).toEqual([0, 1]);
  });

  it('are bounded: the keys that had no event for longest go first', () => {
    const known = new KnownStates(3);
    known.keep(0, 1, left('a', 'b', 'c'));
    known.keep(0, 2, left('a', 'd'));
    expect([...known.in(0, 3).keys()]).toEqual(['c', 'a', 'd']);
    known.keep(0, 3, left('e', 'f', 'g', 'h'));
    expect([...known.in(0, 4).keys()]).toEqual(['f', 'g', 'h']);
  });

  it('share their room among the partitions, however many those of before have', () => {
    const known = new KnownStates(4);
    known.keep(0, 1, left('a', 'b', 'c', 'd'));
    known.keep(1, 1, left('e', 'f', 'g'));
    expect([0, 1].map((partition) => [...known.in(partition, 2).keys()])).toEqual([
      ['c', 'd'],
      ['f', 'g'],
    ]);
    known.forget(0);
    known.keep(1, 2, left('h', 'i'));
    expect([...known.in(1, 3).keys()]).toEqual(['f', 'g', 'h', 'i']);
  });
});
