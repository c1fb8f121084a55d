import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { contactName, contactOf } from './contact.js';

describe('a contact', () => {
  it('gives back every name that legacy can hold, whatever it looks like', () => {
    fc.assert(
      fc.property(
        fc.option(fc.oneof(fc.string({ unit: 'grapheme' }), fc.stringMatching(/^[A-Za-z ]{0,30}$/))),
        (name) => {
          expect(contactName(contactOf(name))).toBe(name);
        },
      ),
    );
  });

  it.each([
    ['Maria Anders', { givenName: 'Maria', familyName: 'Anders', displayName: null }],
    ['José Pedro Freyre', { givenName: null, familyName: null, displayName: 'José Pedro Freyre' }],
    ['Cher', { givenName: null, familyName: null, displayName: 'Cher' }],
    ['Maria  Anders', { givenName: null, familyName: null, displayName: 'Maria  Anders' }],
    [' Anders', { givenName: null, familyName: null, displayName: ' Anders' }],
    ['', { givenName: null, familyName: null, displayName: '' }],
    [null, { givenName: null, familyName: null, displayName: null }],
  ])('of %j is taken apart only where that is no guess', (name, contact) => {
    expect(contactOf(name)).toEqual(contact);
  });
});
