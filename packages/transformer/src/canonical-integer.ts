import { BanyanError } from '@banyan/core';

/**
 * The one form of an integer id: `007`, ` 7` and `7` are one row, so they must be one id.
 * Throws `TRANSFORMER_LEGACY_ID_INVALID` when the text is no positive integer below 2^53.
 */
export function canonicalInteger(raw: string): string {
  const digits = /^\s*0*([1-9][0-9]*)\s*$/.exec(raw)?.[1];
  if (digits === undefined || !Number.isSafeInteger(Number(digits))) {
    throw new BanyanError(
      'TRANSFORMER_LEGACY_ID_INVALID',
      `Legacy id ${JSON.stringify(raw)} is no positive integer; give the number that legacy assigned, such as 10248.`,
      { data: { legacyId: raw } },
    );
  }
  return digits;
}
