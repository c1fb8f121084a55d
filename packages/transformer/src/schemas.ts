import { z } from 'zod';
import { isPlainDate } from './plain-date.js';
import { asReal } from './real.js';

/** Another entity, by V2 id or by legacy id. */
export const refSchema = z
  .union([z.strictObject({ id: z.uuid() }), z.strictObject({ legacyId: z.string().min(1).max(64) })])
  .meta({ description: 'Another entity: {"id": its V2 id} or {"legacyId": its id in the legacy system}.' });

/** An amount that is not negative. */
export const moneySchema = z
  .strictObject({
    cents: z.int().min(0).meta({ description: 'Amount in cents; 1899 = 18.99.' }),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .meta({ description: 'ISO 4217.' }),
  })
  .meta({ description: 'An amount of money.' });

export const plainDateSchema = z
  .string()
  .refine(isPlainDate, 'must be a day of the calendar, yyyy-mm-dd')
  .meta({ format: 'date', description: 'A day, yyyy-mm-dd, without time or zone.' });

/** Range of PostgreSQL's `smallint`. */
export const smallintSchema = z.int().min(-32768).max(32767);

/** Range of PostgreSQL's `integer`. */
export const integerSchema = z.int().min(-2147483648).max(2147483647);

/** A number that a PostgreSQL `real` gives back as it was. Not for money: see `moneySchema`. */
export const realSchema = z
  .number()
  .refine((value) => asReal(value) === value, 'must be a number of about seven digits: legacy would round it')
  .meta({ description: 'A number; legacy keeps about seven digits.' });

/**
 * Text that every store on the way holds unchanged: at most `maxCharacters` code points, as `varchar(n)` counts them (an
 * emoji is one there and two in JavaScript), no NUL (PostgreSQL refuses it), no half surrogate (UTF-8 has none).
 * @param maxCharacters default: no limit, for a column of type `text`
 */
export function textSchema(maxCharacters?: number) {
  const text = z
    .string()
    .refine(
      (value) => value.isWellFormed() && !value.includes('\u0000'),
      'must be text without NUL or half surrogates',
    );
  if (maxCharacters === undefined) return text;
  return text
    .refine((value) => [...value].length <= maxCharacters, `must have at most ${maxCharacters} characters`)
    .meta({ maxLength: maxCharacters });
}

/** An id that people give, in the one form that `canonicalCode` makes of it: in capitals, without space around it. */
export function codeSchema(maxCharacters: number) {
  return z
    .string()
    .trim()
    .toUpperCase()
    .pipe(textSchema(maxCharacters))
    .refine((code) => !/^\.{0,2}$/.test(code), 'must be a code: not empty, and more than dots')
    .meta({ maxLength: maxCharacters, description: 'The id in the legacy system, in capitals. It never changes.' });
}

/** Keyset paging of a list query: `limit` rows whose id is beyond `after`. */
export const pageSchema = {
  limit: z.coerce.number().int().min(1).max(500).default(50).meta({ description: 'Rows to answer, 1 to 500.' }),
  after: z.uuid().optional().meta({ description: 'The last id of the page before; none = from the first.' }),
} as const;
