import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import {
  codeSchema,
  integerSchema,
  moneySchema,
  pageSchema,
  plainDateSchema,
  realSchema,
  refSchema,
  textSchema,
} from './schemas.js';

describe('textSchema', () => {
  it('counts characters as varchar(n) does: an emoji is one', () => {
    expect(textSchema(2).safeParse('🌳🌳').success).toBe(true);
    expect(textSchema(2).safeParse('🌳🌳🌳').success).toBe(false);
  });

  it.each(['a\u0000b', '\ud83c'])('refuses %j, which no store holds unchanged', (text) => {
    expect(textSchema(10).safeParse(text).success).toBe(false);
  });
});

it('takes text of any length where legacy has no limit, and still none that no store holds', () => {
  expect(textSchema().safeParse('x'.repeat(100_000)).success).toBe(true);
  expect(textSchema().safeParse('a\u0000b').success).toBe(false);
});

describe('numbers', () => {
  it.each([
    ['integer', 2147483647, true, integerSchema],
    ['integer', 2147483648, false, integerSchema],
    ['integer', 1.5, false, integerSchema],
    ['real', 14.4, true, realSchema],
    ['real', 123456.789, false, realSchema],
    ['real', 1e39, false, realSchema],
  ])('%s %d: %s', (_type, value, taken, schema) => {
    expect(schema.safeParse(value).success).toBe(taken);
  });
});

it('makes one code of all ways to type it, and takes none that would name another path', () => {
  expect(codeSchema(5).parse(' alfki ')).toBe('ALFKI');
  for (const wrong of ['', ' ', '.', '..', 'LONGER', 'a\u0000']) {
    expect(codeSchema(5).safeParse(wrong).success).toBe(false);
  }
});

describe('refSchema', () => {
  it('takes an id or a legacy id, never both or neither', () => {
    const id = '0196a5c2-7d3e-7a11-9c55-0a1b2c3d4e5f';
    expect(refSchema.parse({ id })).toEqual({ id });
    expect(refSchema.parse({ legacyId: 'ALFKI' })).toEqual({ legacyId: 'ALFKI' });
    for (const wrong of [{}, { id, legacyId: 'ALFKI' }, { id: 'ALFKI' }, { legacyId: '' }, 'ALFKI']) {
      expect(refSchema.safeParse(wrong).success).toBe(false);
    }
  });
});

describe('moneySchema', () => {
  it.each([
    { cents: 1.5, currency: 'USD' },
    { cents: -1, currency: 'USD' },
    { cents: 1, currency: 'usd' },
    { cents: 1 },
    18.99,
  ])('refuses %j', (money) => {
    expect(moneySchema.safeParse(money).success).toBe(false);
  });
});

describe('pageSchema', () => {
  it('reads a query string, with 50 rows from the first as default', () => {
    const page = z.strictObject(pageSchema);
    expect(page.parse({})).toEqual({ limit: 50 });
    expect(page.parse({ limit: '7' })).toEqual({ limit: 7 });
    for (const wrong of [{ limit: '0' }, { limit: '501' }, { limit: 'x' }, { after: '10248' }, { page: '2' }]) {
      expect(page.safeParse(wrong).success).toBe(false);
    }
  });
});

it('describes every schema in OpenAPI', () => {
  const all = z.strictObject({
    ref: refSchema,
    money: moneySchema,
    day: plainDateSchema,
    words: textSchema(40),
    code: codeSchema(5),
    ...pageSchema,
  });
  expect(z.toJSONSchema(all, { io: 'input' })).toMatchObject({
    properties: {
      words: { type: 'string', maxLength: 40 },
      day: { type: 'string', format: 'date' },
      limit: { maximum: 500 },
    },
  });
});
