import type { PortedRow } from '../store/ported.js';

/** A row that an import read, of a key that V2 owns. */
export interface SeenRow {
  /** The key's version that the import was decided on, observed before the row was read. */
  readonly version: number;
  /** null = no row. */
  readonly hash: string | null;
}

/**
 * Whether an import that V2 superseded read a row that somebody else wrote. Pure. Only what legacy was given by us is known here, not
 * when the row was read, and no clock orders that; so it is said only where nothing else explains the row:
 *
 * - All that V2 decided up to then is in legacy: the row of that very version is ported. Else a send is on its way, and will find by
 *   itself what it does not expect.
 * - The row is not one that legacy had by us before. The import may have read it, and the port closed, before the import came here:
 *   an old row read late is no bypass. Somebody who puts a row back to what it was is not told from that; the next send or
 *   `banyan verify` tells.
 */
export function isBypass({ version, hash }: SeenRow, ported: PortedRow | undefined): boolean {
  if (ported === undefined || ported.version !== version) return false;
  return hash !== ported.hash && !ported.earlier.includes(hash);
}
