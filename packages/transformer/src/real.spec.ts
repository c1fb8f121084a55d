import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asReal, moneyFromReal, moneyToReal, requireMoneyFitsReal } from './real.js';

const usd = (cents: number) => ({ cents, currency: 'USD' });

describe('asReal', () => {
  it.each([
    [0.05000000074505806, 0.05],
    [32.380001068115234, 32.38],
    [131072.01, 131072.02],
    [16777217, 16777216],
    [0.1, 0.1],
    [1e6, 1e6],
    [-0, 0],
    [1e39, Number.POSITIVE_INFINITY],
  ])('makes of %d what PostgreSQL gives back for it: %d', (value, stored) => {
    expect(asReal(value)).toBe(stored);
  });

  it('gives one number for all that a float4 cannot tell apart', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (float4) => {
        const shortest = asReal(float4);
        expect(Math.fround(shortest)).toBe(float4 + 0);
        expect(asReal(shortest)).toBe(shortest);
      }),
    );
  });

  it('keeps every number of six digits', () => {
    fc.assert(
      fc.property(fc.integer({ min: -999_999, max: 999_999 }), fc.integer({ min: 0, max: 6 }), (digits, scale) => {
        const value = Number(`${digits}e-${scale}`) + 0;
        expect(asReal(value)).toBe(value);
      }),
    );
  });
});

describe('money in a real column', () => {
  it('is read and written without losing a cent', () => {
    fc.assert(
      fc.property(fc.integer({ min: -10_000_000_00, max: 10_000_000_00 }), (cents) => {
        expect(moneyFromReal('UnitPrice', moneyToReal(usd(cents)), 'USD')).toEqual(usd(cents + 0));
      }),
    );
  });

  it('is exact below 131072.00, so that no ordinary amount is refused', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 13_107_200 }), (cents) => {
        expect(requireMoneyFitsReal(usd(cents), 'freight', 'USD')).toEqual(usd(cents));
      }),
    );
  });

  it('is refused exactly where legacy would give back another amount', () => {
    fc.assert(
      fc.property(fc.integer({ min: 13_107_200, max: 2_000_000_000 }), (cents) => {
        const kept = asReal(cents / 100) === cents / 100;
        const decide = () => requireMoneyFitsReal(usd(cents), 'freight', 'USD');
        if (kept) expect(decide).not.toThrow();
        else expect(decide).toThrow(expect.objectContaining({ code: 'MONEY_NOT_EXACT' }));
      }),
    );
    expect(() => requireMoneyFitsReal(usd(13_107_201), 'lines[0].unitPrice', 'USD')).toThrow(
      'lines[0].unitPrice 131072.01 would become 131072.02',
    );
  });

  it('is refused in a currency that legacy does not know', () => {
    expect(() => requireMoneyFitsReal({ cents: 1, currency: 'EUR' }, 'freight', 'USD')).toThrow(
      expect.objectContaining({ code: 'MONEY_CURRENCY_NOT_ACCEPTED' }),
    );
  });

  it.each([0.001, 18.995, 1 / 3, 1e15, Number.POSITIVE_INFINITY])(
    'is not read from %d, and the row is named',
    (value) => {
      expect(() => moneyFromReal('Freight', value, 'USD')).toThrow(
        expect.objectContaining({
          name: 'UnmappableRow',
          column: 'Freight',
          value,
          reason: expect.stringContaining('cents'),
        }),
      );
    },
  );
});
