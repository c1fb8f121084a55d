import { describe, expect, it } from '@jest/globals';
import { explore, type Move } from './explore.js';
import { type Answer, type Ask, Replayed } from './replayed.js';

interface Counters {
  readonly a: number;
  readonly b: number;
}

/** Two counters that go up to three each. */
const counting = ({ a, b }: Counters): Move<Counters>[] => [
  ...(a < 3 ? [{ name: 'a', world: { a: a + 1, b } }] : []),
  ...(b < 3 ? [{ name: 'b', world: { a, b: b + 1 } }] : []),
];
const START: Counters = { a: 0, b: 0 };

describe('exploring', () => {
  it('looks at every world once, whichever way leads there', async () => {
    expect(await explore({ start: START, moves: counting })).toEqual({ worlds: 16, moves: 24, atRest: 1 });
  });

  it('tells a shortest way to what is wrong', async () => {
    const wrong = ({ a, b }: Counters) => (a === 2 && b === 1 ? 'two and one' : undefined);
    const { violation } = await explore({ start: START, moves: counting, wrong });
    expect(violation?.what).toBe('two and one');
    expect(violation?.path.toSorted()).toEqual(['a', 'a', 'b']);
  });

  it('asks worlds at rest, also those that only go on to themselves', async () => {
    const moves = (world: Counters) => [...counting(world), { name: 'looks', world }];
    const wrongAtRest = ({ a }: Counters) => (a === 3 ? 'at rest' : undefined);
    expect((await explore({ start: START, moves, wrongAtRest })).violation).toMatchObject({ what: 'at rest' });
    expect(await explore({ start: START, moves, depth: 3 })).toMatchObject({ worlds: 10, atRest: 0 });
  });

  it('refuses a world that its JSON does not tell apart from others', async () => {
    const nested = ({ n }: { n: number }) => [{ name: 'more', world: { n: n + 1, map: new Map() } }];
    await expect(explore({ start: { n: 0 }, moves: nested })).rejects.toMatchObject({ code: 'COMPARE_NOT_JSON' });
  });

  it('refuses a world that is not small', async () => {
    const moves = (n: number) => [{ name: 'on', world: n + 1 }];
    await expect(explore({ start: 0, moves, limit: 100 })).rejects.toThrow('more than 100 worlds');
  });
});

describe('a real function as an actor', () => {
  const double = new Replayed<string>(async (ask: Ask, name) => {
    const read = await ask<number>('read', name);
    try {
      await ask('write', name, read * 2);
    } catch (error) {
      return (error as { code: string }).code;
    }
    return read;
  });

  it('stands at its next question, and goes on with each answer', async () => {
    const answers: Answer[] = [];
    expect(await double.turn('x', answers)).toEqual({ type: 'asks', question: { name: 'read', args: ['x'] } });
    expect(await double.turn('x', [{ value: 3 }])).toEqual({
      type: 'asks',
      question: { name: 'write', args: ['x', 6] },
    });
    expect(await double.turn('x', [{ value: 3 }, { value: undefined }])).toEqual({ type: 'returned', value: 3 });
    expect(await double.turn('x', [{ value: 3 }, { code: 'AWAY', retryable: true }])).toEqual({
      type: 'returned',
      value: 'AWAY',
    });
  });
});
