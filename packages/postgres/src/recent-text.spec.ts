import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { recentOf, recentText } from './recent-text.js';

/** As `@banyan/contracts` takes an id: printable ASCII without spaces, colons among it. */
const eventId = fc
  .array(fc.integer({ min: 0x21, max: 0x7e }), { minLength: 1, maxLength: 40 })
  .map((codes) => String.fromCharCode(...codes));
const recent = fc.array(fc.record({ eventId, version: fc.maxSafeNat() }), { maxLength: 16 });

describe('the last events of a key', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(recent, (entries) => {
        expect(recentOf(recentText(entries))).toEqual(entries);
      }),
    );
  });

  it('are text that a person can read', () => {
    expect(
      recentText([
        { eventId: 'a:b', version: 7 },
        { eventId: 'c', version: 8 },
      ]),
    ).toBe('7:a:b 8:c');
    expect(recentText([])).toBe('');
  });
});
