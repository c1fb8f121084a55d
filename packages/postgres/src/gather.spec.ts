import { describe, expect, it } from '@jest/globals';
import { type GatherOptions, gather } from './gather.js';

/** Statements that end when the test says so. */
function aStore(options: Partial<GatherOptions<string, string>> = {}) {
  const statements: string[][] = [];
  const ends: { resolve(): void; reject(error: unknown): void }[] = [];
  const ask = gather<string, string>({
    run: async (items) => {
      statements.push([...items]);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      ends.push({ resolve, reject });
      await promise;
      return items.map((item) => `of ${item}`);
    },
    atOnce: 1,
    ...options,
  });
  return { ask, statements, ends };
}

/** Until what was begun has come as far as it can. */
const settled = async (): Promise<void> => {
  for (let turns = 0; turns < 5; turns += 1) await new Promise((resolve) => setImmediate(resolve));
};
const refusedRow = () => Object.assign(new Error('unsupported Unicode escape sequence'), { code: '22P05' });

describe('gather', () => {
  it('asks for all of one turn with one statement, and gives each its own answer', async () => {
    const { ask, statements, ends } = aStore();
    const answers = Promise.all(['a', 'b', 'c'].map(ask));
    await settled();
    expect(statements).toEqual([['a', 'b', 'c']]);
    ends[0]?.resolve();
    expect(await answers).toEqual(['of a', 'of b', 'of c']);
  });

  it('begins no statement before the calls that it answers', async () => {
    const { ask, statements, ends } = aStore();
    const first = ask('a');
    await settled();
    const behind = ask('b');
    await settled();
    // Its answer may be older than the question of b.
    expect(statements).toEqual([['a']]);
    ends[0]?.resolve();
    await first;
    await settled();
    expect(statements).toEqual([['a'], ['b']]);
    ends[1]?.resolve();
    expect(await behind).toBe('of b');
  });

  it('has so many statements under way, and so many items in each, and no more', async () => {
    const { ask, statements, ends } = aStore({ atOnce: 2, max: 2 });
    const answers = Promise.all(['a', 'b', 'c', 'd', 'e'].map(ask));
    await settled();
    expect(statements).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
    ends[1]?.resolve();
    await settled();
    expect(statements[2]).toEqual(['e']);
    for (const { resolve } of ends) resolve();
    expect(await answers).toHaveLength(5);
  });

  it('never has one key twice in a statement, or in two at once', async () => {
    const { ask, statements, ends } = aStore({ atOnce: 2, keyOf: (item) => item[0] ?? '' });
    const answers = Promise.all(['a1', 'b1', 'a2', 'a3'].map(ask));
    await settled();
    expect(statements).toEqual([['a1', 'b1']]);
    for (let index = 0; index < 3; index += 1) {
      ends[index]?.resolve();
      await settled();
    }
    expect(statements).toEqual([['a1', 'b1'], ['a2'], ['a3']]);
    expect(await answers).toEqual(['of a1', 'of b1', 'of a2', 'of a3']);
  });

  it('tries each alone where the values of one are refused', async () => {
    const { ask, statements, ends } = aStore();
    const told = Promise.allSettled(['a', 'bad', 'c'].map(ask));
    await settled();
    ends[0]?.reject(refusedRow());
    for (let index = 1; index <= 3; index += 1) {
      await settled();
      if (index === 2) ends[index]?.reject(refusedRow());
      else ends[index]?.resolve();
    }
    expect(await told).toMatchObject([{ value: 'of a' }, { reason: { code: '22P05' } }, { value: 'of c' }]);
    expect(statements).toEqual([['a', 'bad', 'c'], ['a'], ['bad'], ['c']]);
  });

  it('tells all of them when the store is away, without asking for each, and goes on', async () => {
    const { ask, statements, ends } = aStore();
    const told = Promise.allSettled(['a', 'b'].map(ask));
    await settled();
    ends[0]?.reject(Object.assign(new Error('gone'), { code: 'ECONNRESET' }));
    expect(await told).toMatchObject([{ reason: { code: 'ECONNRESET' } }, { reason: { code: 'ECONNRESET' } }]);
    const next = ask('c');
    await settled();
    ends[1]?.resolve();
    expect(await next).toBe('of c');
    expect(statements).toEqual([['a', 'b'], ['c']]);
  });

  it('refuses more than may wait, at once', async () => {
    const { ask, ends } = aStore({ maxWaiting: 2, max: 1 });
    const first = ask('a');
    await settled();
    const held = ['b', 'c'].map(ask);
    await expect(ask('d')).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE', retryable: true });
    for (let index = 0; index < 3; index += 1) {
      ends[index]?.resolve();
      await settled();
    }
    expect(await Promise.all([first, ...held])).toEqual(['of a', 'of b', 'of c']);
  });
});
