import { CommandRefused } from './command.js';
import { UnmappableRow } from './legacy-definition.js';

/** An amount in the smallest unit of its currency. Never a float: adding floats loses cents. */
export interface Money {
  /** Integer; 1899 = 18.99. */
  readonly cents: number;
  /** ISO 4217, three capitals. */
  readonly currency: string;
}

/**
 * The number that comes back for one that was stored in a PostgreSQL `real`: the shortest decimal that names the same
 * float4. It makes one number of the two forms a float4 is read in: 0.05 by SQL, 0.05000000074505806 by a program that
 * widened it. Throws nothing; what a float4 cannot hold comes back as Infinity.
 */
export function asReal(value: number): number {
  const stored = Math.fround(value);
  if (!Number.isFinite(stored) || stored === 0) return stored + 0; // + 0 makes 0 of -0
  for (let digits = 1; digits < 9; digits += 1) {
    const shorter = Number(stored.toPrecision(digits));
    if (Math.fround(shorter) === stored) return shorter;
  }
  return Number(stored.toPrecision(9));
}

/** Money out of a legacy `real` column. Throws `UnmappableRow` for an amount with parts of a cent, or beyond 2^53 cents. */
export function moneyFromReal(column: string, value: number, currency: string): Money {
  const cents = Math.round(value * 100);
  if (!Number.isSafeInteger(cents) || cents / 100 !== value) {
    throw new UnmappableRow(column, value, 'is no whole number of cents; correct it in legacy');
  }
  return { cents: cents + 0, currency };
}

/** The number for a legacy `real` column. Exact for money that `requireMoneyFitsReal` let pass or `moneyFromReal` made. */
export function moneyToReal(money: Money): number {
  return money.cents / 100;
}

/**
 * Refuses money that legacy cannot hold: another currency than its only one, or cents that a `real` column rounds away
 * (float4 keeps about seven digits: 131072.01 comes back as 131072.02).
 * Throws `CommandRefused` MONEY_CURRENCY_NOT_ACCEPTED or MONEY_NOT_EXACT.
 * @param path where in the command it stands: `lines[0].unitPrice`
 */
export function requireMoneyFitsReal(money: Money, path: string, currency: string): Money {
  if (money.currency !== currency) {
    throw new CommandRefused(
      'MONEY_CURRENCY_NOT_ACCEPTED',
      `${path} is in ${money.currency}, but the legacy system knows ${currency} only; give the amount in ${currency}.`,
      { path, currency: money.currency, accepted: currency },
    );
  }
  const amount = money.cents / 100;
  const stored = asReal(amount);
  if (stored !== amount) {
    throw new CommandRefused(
      'MONEY_NOT_EXACT',
      `${path} ${amount} would become ${stored} in the legacy system, which keeps about seven digits; amounts below 131072.00 are always kept.`,
      { path, cents: money.cents, stored },
    );
  }
  return money;
}
