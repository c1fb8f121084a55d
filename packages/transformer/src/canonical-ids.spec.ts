import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { canonicalCode } from './canonical-code.js';
import { canonicalInteger } from './canonical-integer.js';

const invalid = expect.objectContaining({ code: 'TRANSFORMER_LEGACY_ID_INVALID' });

describe('canonicalInteger', () => {
  it('makes one id of every way to write a number', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1 }), fc.nat(5), fc.nat(3), (number, zeros, spaces) => {
        const written = `${' '.repeat(spaces)}${'0'.repeat(zeros)}${number}${' '.repeat(spaces)}`;
        expect(canonicalInteger(written)).toBe(String(number));
      }),
    );
  });

  it.each(['', 'abc', '1.5', '-7', '+7', '0', '1e3', '0x1F', '99999999999999999999', "1' or '1'='1"])(
    'refuses %j',
    (raw) => {
      expect(() => canonicalInteger(raw)).toThrow(invalid);
    },
  );
});

describe('canonicalCode', () => {
  it.each([
    ['alfki', 'ALFKI'],
    [' Alfki ', 'ALFKI'],
    ['ALFKI', 'ALFKI'],
  ])('makes of %j the id %s', (raw, id) => {
    expect(canonicalCode(raw)).toBe(id);
  });

  it.each(['', '  ', '.', ' .. '])('refuses %j', (raw) => {
    expect(() => canonicalCode(raw)).toThrow(invalid);
  });
});
