import { canonicalJson } from '@banyan/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { differences } from './differences.js';

describe('differences', () => {
  it('names every leaf that differs, with both values', () => {
    const left = { a: 1, b: { c: [1, 2], d: 'x' }, e: null };
    const right = { a: 2, b: { c: [1, 3, 4], d: 'x' } };
    expect(differences(left, right)).toEqual([
      { path: 'a', left: 1, right: 2 },
      { path: 'b.c[1]', left: 2, right: 3 },
      { path: 'b.c[2]', left: undefined, right: 4 },
      { path: 'e', left: null, right: undefined },
    ]);
  });

  it('finds two values of different kinds at their place', () => {
    expect(differences({ a: [] }, { a: {} })).toEqual([{ path: 'a', left: [], right: {} }]);
    expect(differences(1, '1')).toEqual([{ path: '', left: 1, right: '1' }]);
    expect(differences(null, {})).toEqual([{ path: '', left: null, right: {} }]);
  });

  it('finds none between -0 and 0', () => {
    expect(differences({ a: -0 }, { a: 0 })).toEqual([]);
  });

  it('leaves out what is ignored, with all below it, and nothing else', () => {
    const left = { a: { b: 1, c: 1 }, d: [{ e: 1, f: 1 }], ab: 1 };
    const right = { a: { b: 2, c: 2 }, d: [{ e: 2, f: 2 }], ab: 2 };
    const paths = (ignored: string[]): string[] =>
      differences(left, right, { ignores: ignored.map((path) => ({ name: path, path })) }).map(({ path }) => path);
    expect(paths(['a'])).toEqual(['ab', 'd[0].e', 'd[0].f']);
    expect(paths(['a.b', 'd[].e'])).toEqual(['a.c', 'ab', 'd[0].f']);
    expect(paths(['d[0].f', 'd[1].e'])).toEqual(['a.b', 'a.c', 'ab', 'd[0].e']);
    expect(paths([''])).toEqual([]);
  });

  it('finds none exactly where the canonical JSON is equal', () => {
    const value = fc.jsonValue({ maxDepth: 2 });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.tuple(value, value),
          value.map((same) => [same, structuredClone(same)] as const),
        ),
        ([left, right]) => {
          expect(differences(left, right).length === 0).toBe(canonicalJson(left) === canonicalJson(right));
        },
      ),
    );
  });
});
