import { BanyanError } from '@banyan/core';
import { describe, expect, it } from '@jest/globals';
import { Group } from './group.js';

/** A group whose runs end when the test says so. */
function gated() {
  const runs: { readonly items: readonly string[]; end(): void; fail(error: Error): void }[] = [];
  const group = new Group((items: readonly string[]) => {
    const { promise, resolve, reject } = Promise.withResolvers<readonly string[]>();
    runs.push({ items, end: () => resolve(items.map((item) => item.toUpperCase())), fail: reject });
    return promise;
  });
  return { group, runs };
}

async function turns(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

describe('a group', () => {
  it('takes who comes alone at once, and who comes meanwhile together', async () => {
    const { group, runs } = gated();
    const a = group.add('a');
    await turns();
    const [b, c] = [group.add('b'), group.add('c')];
    await turns();
    expect(runs.map(({ items }) => items)).toEqual([['a']]);
    runs[0]?.end();
    expect(await a).toBe('A');
    await turns();
    runs[1]?.end();
    expect(await Promise.all([c, b])).toEqual(['C', 'B']);
    expect(runs.map(({ items }) => items)).toEqual([['a'], ['b', 'c']]);
  });

  it('takes those along that ask in the same turn', async () => {
    const { group, runs } = gated();
    const all = ['a', 'b', 'c'].map((item) => group.add(item));
    await turns();
    runs[0]?.end();
    expect([await Promise.all(all), runs.length]).toEqual([['A', 'B', 'C'], 1]);
  });

  it('fails only the one for whose sake it fails', async () => {
    const runs: (readonly string[])[] = [];
    const group = new Group(async (items: readonly string[]) => {
      runs.push(items);
      if (items.includes('b')) throw new Error('b is refused');
      return items;
    });
    const results = await Promise.allSettled(['a', 'b', 'c'].map((item) => group.add(item)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(runs).toEqual([['a', 'b', 'c'], ['a'], ['b'], ['c']]);
  });

  it('fails all of them, once, when the store is away, and goes on with the next', async () => {
    const { group, runs } = gated();
    const away = new BanyanError('POSTGRES_UNAVAILABLE', 'away', { retryable: true });
    const both = Promise.allSettled([group.add('a'), group.add('b')]);
    await turns();
    const later = group.add('c');
    runs[0]?.fail(away);
    expect(await both).toEqual([
      { status: 'rejected', reason: away },
      { status: 'rejected', reason: away },
    ]);
    await turns();
    runs[1]?.end();
    expect([await later, runs.map(({ items }) => items)]).toEqual(['C', [['a', 'b'], ['c']]]);
  });
});
