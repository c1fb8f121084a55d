import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asStored } from './as-stored.js';

/** What a state may be if `evolve` is careless: nearly JSON, and what JSON drops, changes or refuses. */
const anyState = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom<unknown>(null, true, '', 'fig', 0, -0, 1.5, 1e21, Number.NaN, Number.POSITIVE_INFINITY, undefined),
    fc.constantFrom<unknown>(new Date(0), new Map([[1, 2]]), Buffer.from('x'), () => 1, Symbol.iterator, 1n),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('a\u0000', '\ud800', '\\u0000', '\udc00\ud800', '😀', '\u2028'),
    fc.array(tie('value'), { maxLength: 4 }),
    fc.dictionary(
      fc.oneof(fc.string({ maxLength: 4 }), fc.constantFrom('toJSON', '__proto__', 'a\u0000')),
      tie('value'),
      {
        maxKeys: 4,
      },
    ),
    fc.dictionary(fc.string({ maxLength: 4 }), tie('value'), { maxKeys: 4, noNullPrototype: true }),
  ),
})).value;

/** The long way: through the text, which jsonb then refuses or keeps. */
function throughText(value: unknown): unknown {
  const read: unknown = JSON.parse(JSON.stringify(value));
  return textsOf(read).some((text) => text.includes('\u0000') || !text.isWellFormed()) ? undefined : { document: read };
}

function textsOf(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => [
    ...(Array.isArray(value) ? [] : [name]),
    ...textsOf(member),
  ]);
}

const orThrown = (work: () => unknown): unknown => {
  try {
    return work();
  } catch {
    return 'thrown';
  }
};

describe('a state as it is stored', () => {
  it('is what JSON makes of it, whatever evolve made, or nothing where jsonb cannot hold it', () => {
    fc.assert(
      fc.property(anyState, (state) => {
        expect(orThrown(() => asStored(state))).toStrictEqual(orThrown(() => throughText(state)));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['a member that is undefined', { a: undefined, b: 1 }, { b: 1 }],
    ['a hole', Object.assign([1], { 2: 2 }), [1, null, 2]],
    ['a date', { on: new Date(0) }, { on: '1970-01-01T00:00:00.000Z' }],
    ['minus nothing', { n: -0 }, { n: 0 }],
    ['a member by a symbol', { [Symbol.for('x')]: 1, a: 1 }, { a: 1 }],
    ['an instance', Object.assign(new (class Point {})(), { x: 1 }), { x: 1 }],
  ])('loses %s at once, and not at the next restart only', (_, state, stored) => {
    expect(asStored(state)).toStrictEqual({ document: stored });
  });

  it('is the very same where JSON would change nothing', () => {
    const state = { a: [1, 'x', null, { b: true }] };
    expect(asStored(state)?.document).toBe(state);
  });
});
