import { LegacyRefused } from '@banyan/transformer';
import { describe, expect, it } from '@jest/globals';
import { type Column, integer, readFields, requireStorable, smallint, text } from './columns.js';

function refusal(column: Column, value: unknown): unknown {
  try {
    const values = readFields({ Field: column }, { Field: value });
    requireStorable({ Field: column }, values);
  } catch (error) {
    if (error instanceof LegacyRefused) return [error.answer.status, error.answer.body];
    throw error;
  }
  return undefined;
}

describe('a column', () => {
  it.each<[string, Column, unknown]>([
    ['any text', text(), 'x'.repeat(100_000)],
    ['text of its length, counted as the database does', text(2), '\u{1F333}\u{1F333}'],
    ['the smallest smallint', smallint(), -32768],
    ['the largest integer', integer(), 2147483647],
    ['the smallest integer', integer(), -2147483648],
    ['nothing', integer(), null],
  ])('takes %s', (_what, column, value) => {
    expect(refusal(column, value)).toBeUndefined();
  });

  it.each<[string, Column, unknown, number, string]>([
    ['longer text', text(2), 'abc', 400, 'Field must not be longer than 2 characters.'],
    ['half a number', integer(), 1.5, 400, 'Field must be a whole number.'],
    ['beyond smallint', smallint(), 32768, 500, 'Database error: value "32768" is out of range for type smallint'],
    [
      'beyond integer',
      integer(),
      2147483648,
      500,
      'Database error: value "2147483648" is out of range for type integer',
    ],
    [
      'below integer',
      integer(),
      -2147483649,
      500,
      'Database error: value "-2147483649" is out of range for type integer',
    ],
  ])('refuses %s in legacy\u2019s words', (_what, column, value, status, words) => {
    expect(refusal(column, value)).toEqual([status, words]);
  });
});
