import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dayOf, isPlainDate } from './plain-date.js';

describe('a plain date', () => {
  it.each(['1996-07-04', '2024-02-29', '0001-01-01', '0099-12-31', '9999-12-31'])('is %s', (text) => {
    expect(isPlainDate(text)).toBe(true);
  });

  it.each([
    '2023-02-29',
    '2023-02-30',
    '1996-13-01',
    '1996-00-10',
    '0000-01-01',
    '96-07-04',
    '1996-7-4',
    '1996-07-04T00:00:00Z',
    'infinity',
    '',
  ])('is not %s', (text) => {
    expect(isPlainDate(text)).toBe(false);
  });

  it('is the UTC day of an instant', () => {
    const instants = fc.date({
      min: new Date('0001-01-01T00:00:00Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(instants, (instant) => {
        const day = dayOf(instant.toISOString());
        expect(isPlainDate(day)).toBe(true);
        expect(instant.getTime() - Date.parse(`${day}T00:00:00Z`)).toBeLessThan(86_400_000);
      }),
    );
    expect(dayOf('2026-03-04T23:30:00-05:00')).toBe('2026-03-05');
  });
});
