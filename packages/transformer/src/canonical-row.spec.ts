import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { canonicalRow, column } from './canonical-row.js';

const schema = z.strictObject({
  Name: column.text,
  Day: column.date.nullable(),
  Details: z.array(z.strictObject({ Price: column.real, Count: column.smallint })),
});
const row = { Name: 'Chai', Day: null, Details: [{ Price: 18, Count: 1 }] };

describe('canonicalRow', () => {
  it('makes one number of the two forms a real column is read in', () => {
    const widened = { ...row, Details: [{ Price: Math.fround(0.15), Count: 1 }] };
    expect(canonicalRow(schema, widened)).toEqual({ ...row, Details: [{ Price: 0.15, Count: 1 }] });
  });

  it.each<[string, unknown, string, unknown]>([
    ['a value of another type', { ...row, Name: 7 }, 'Name', 7],
    ['a day that is none', { ...row, Day: 'infinity' }, 'Day', 'infinity'],
    [
      'a value in a child',
      { ...row, Details: [row.Details[0], { Price: 'NaN', Count: 1 }] },
      'Details[1].Price',
      'NaN',
    ],
    ['a number beyond its column', { ...row, Details: [{ Price: 1, Count: 40_000 }] }, 'Details[0].Count', 40_000],
    ['a missing column', { Day: null, Details: [] }, 'Name', undefined],
    ['a column that nobody maps', { ...row, Colour: 'red' }, 'Colour', 'red'],
    ['what is no row', 'html', '(row)', 'html'],
    ['nothing', undefined, '(row)', undefined],
  ])('names column, value and reason of %s', (_what, raw, path, value) => {
    expect(() => canonicalRow(schema, raw)).toThrow(
      expect.objectContaining({ name: 'UnmappableRow', column: path, value, reason: expect.stringMatching(/.+/) }),
    );
  });
});
