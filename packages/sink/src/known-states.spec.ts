import { NO_STATE, type StoredState } from '@banyan/postgres';
import { describe, expect, it } from '@jest/globals';
import { KnownStates } from './known-states.js';

const state = (version: number): StoredState => ({ ...NO_STATE, appliedVersion: version });
const left = (...keys: readonly string[]) => new Map(keys.map((key) => [key, state(1)]));
const ALL = [...'abcdefghi'];
/** As believed in a turn: sorted keys and the versions that are known of them. */
const believed = (known: KnownStates, partition: number, turn: number) => {
  const { states, holdsIn } = known.about(partition, ALL);
  return holdsIn(turn) ? [...states].map(([key, { appliedVersion }]) => `${key}${appliedVersion}`) : [];
};

describe('known states', () => {
  it('are those of the turn before, of the same partition', () => {
    const known = new KnownStates();
    known.keep(0, 7, left('a'));
    expect(believed(known, 0, 8)).toEqual(['a1']);
    for (const [partition, turn] of [
      [0, 7],
      [0, 9],
      [0, 1],
      [1, 8],
    ] as const)
      expect(believed(known, partition, turn)).toEqual([]);
  });

  it('gather over turns without a gap, the last state of a key counts, and begin anew behind one', () => {
    const known = new KnownStates();
    known.keep(0, 7, left('a', 'b'));
    known.keep(0, 8, new Map([['a', state(2)]]));
    expect(believed(known, 0, 9)).toEqual(['a2', 'b1']);
    known.keep(0, 10, left('c'));
    expect(believed(known, 0, 11)).toEqual(['c1']);
  });

  it('are forgotten when somebody doubts', () => {
    const known = new KnownStates();
    known.keep(0, 1, left('a'));
    known.keep(1, 1, left('b'));
    known.forget(0);
    expect([believed(known, 0, 2), believed(known, 1, 2)]).toEqual([[], ['b1']]);
  });

  it('are bounded: the keys that had no event for longest go first', () => {
    const known = new KnownStates(3);
    known.keep(0, 1, left('a', 'b', 'c'));
    known.keep(0, 2, left('a', 'd'));
    expect(believed(known, 0, 3)).toEqual(['a1', 'c1', 'd1']);
    known.keep(0, 3, left('e', 'f', 'g', 'h'));
    expect(believed(known, 0, 4)).toEqual(['f1', 'g1', 'h1']);
  });

  it('share their room among the partitions, however many those of before have', () => {
    const known = new KnownStates(4);
    known.keep(0, 1, left('a', 'b', 'c', 'd'));
    known.keep(1, 1, left('e', 'f', 'g'));
    expect([0, 1].map((partition) => believed(known, partition, 2))).toEqual([
      ['c1', 'd1'],
      ['f1', 'g1'],
    ]);
    known.forget(0);
    known.keep(1, 2, left('h', 'i'));
    expect(believed(known, 1, 3)).toEqual(['f1', 'g1', 'h1', 'i1']);
  });
  it('stay what they were for whoever has asked, though other partitions need the room, and hold no more when somebody doubts', () => {
    const known = new KnownStates(2);
    known.keep(0, 1, left('a', 'b'));
    const { states, holdsIn } = known.about(0, ['a', 'b', 'c']);
    known.keep(1, 1, left('c', 'd'));
    expect([[...states.keys()], holdsIn(2), holdsIn(3)]).toEqual([['a', 'b'], true, false]);
    known.forget(0);
    expect(holdsIn(2)).toBe(false);
  });
});
