import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { arrayText } from './array-text.js';

const { prepareValue } = createRequire(import.meta.url)('pg/lib/utils.js') as {
  prepareValue(value: unknown): string;
};

const element = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', 'NULL', 'null', '{}', 'a,b', ' a ', '"', '\\', '\\"', '\n', 'é😀'),
  fc.constantFrom<unknown>(
    null,
    undefined,
    true,
    false,
    0,
    -0,
    1.5,
    1e21,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2n ** 62n,
  ),
);

/** `pg` quotes numbers, too; PostgreSQL reads both alike. */
const unquoted = (text: string) => text.replace(/(?<=^\{|,)"(-?[\d.e+]+|true|false|NaN|-?Infinity)"(?=,|\}$)/g, '$1');

describe('the text of an array', () => {
  it('is that of pg, but for quotes around numbers', () => {
    fc.assert(
      fc.property(fc.array(element), (values) => {
        expect(unquoted(arrayText(values) as string)).toBe(unquoted(prepareValue(values)));
      }),
      { numRuns: 1_000 },
    );
  });

  it('is that of pg for JSON as well, and of lists and numbers what pg makes of their text', () => {
    const json = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
      fc.array(fc.jsonValue()),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
    );
    fc.assert(
      fc.property(fc.array(json), (values) => {
        const asText = values.map((value) =>
          typeof value === 'string' || value === null ? value : JSON.stringify(value),
        );
        expect(unquoted(arrayText(values, true) as string)).toBe(unquoted(prepareValue(asText)));
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([[Buffer.from('x')], [new Date(0)], [[1, 2]], [{ a: 1 }], [{ toPostgres: () => 'x' }]])(
    'is left to pg for %p',
    (value) => {
      const values = ['a', value];
      expect(arrayText(values)).toBe(values);
    },
  );
});
