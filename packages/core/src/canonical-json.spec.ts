import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalJson } from './canonical-json.js';

describe('canonicalJson', () => {
  it('sorts keys at every depth, and keeps the order of arrays', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }, 3], a: null })).toBe('{"a":null,"b":[{"c":2,"d":1},3]}');
    expect(canonicalJson({ 10: 'x', 9: 'y', B: 1, a: 2 })).toBe('{"10":"x","9":"y","B":1,"a":2}');
  });

  it('writes -0 as 0 and leaves every other number as it is', () => {
    expect(canonicalJson([-0, 0, 9.8, 1e21, 5e-324])).toBe('[0,0,9.8,1e+21,5e-324]');
  });

  it('does not normalise text', () => {
    expect(canonicalJson('\u00e9')).not.toBe(canonicalJson('e\u0301'));
    expect(canonicalJson('Straße 😀\n')).toBe('"Straße 😀\\n"');
    expect(canonicalJson('a ')).not.toBe(canonicalJson('a'));
  });

  it('takes a property that is undefined for absent, and one that is null for there', () => {
    expect(canonicalJson({ a: undefined, b: null })).toBe('{"b":null}');
  });

  it('depends on what a value holds, not on how it was made', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value);
        expect(canonicalJson(JSON.parse(JSON.stringify(value)))).toBe(text);
        expect(canonicalJson(reversed(value))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it.each([
    ['NaN', { row: { price: Number.NaN } }, 'row.price is NaN'],
    ['an infinity', [1, Number.POSITIVE_INFINITY], '[1] is Infinity'],
    ['a bigint', { id: 1n }, 'id is 1'],
    ['a date', { on: new Date(0) }, 'on is Date'],
    ['a map', new Map(), 'The value is Map'],
    ['a buffer', { bytes: Buffer.from('x') }, 'bytes is Buffer'],
    ['undefined in an array', [undefined], '[0] is undefined'],
    ['a hole in an array', new Array(1), '[0] is undefined'],
    ['nothing', undefined, 'The value is undefined'],
    ['a function', { f: () => 1 }, 'f is '],
  ])('refuses %s and says where', (_, value, message) => {
    expect(() => canonicalJson(value)).toThrow(expect.objectContaining({ code: 'COMPARE_NOT_JSON' }));
    expect(() => canonicalJson(value)).toThrow(message);
  });
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([name, member]) => [name, reversed(member)]));
}
