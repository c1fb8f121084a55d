import { BanyanError } from '@banyan/core';

/**
 * The one form of an id that people gave as letters: `alfki ` and `ALFKI` are one row, so they must be one id.
 * Throws `TRANSFORMER_LEGACY_ID_INVALID` when nothing is left, or a dot or two, which would name another path at legacy.
 */
export function canonicalCode(raw: string): string {
  const code = raw.trim().toUpperCase();
  if (/^\.{0,2}$/.test(code)) {
    throw new BanyanError(
      'TRANSFORMER_LEGACY_ID_INVALID',
      `Legacy id ${JSON.stringify(raw)} is no code; give the code of the row, such as ALFKI.`,
      { data: { legacyId: raw } },
    );
  }
  return code;
}
