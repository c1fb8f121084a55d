import { UnmappableRow } from '@banyan/transformer';

/** Hundredths of a percent out of legacy's fraction: 0.15 -> 1500. Throws `UnmappableRow` for what is between two of them. */
export function basisPointsFromReal(column: string, fraction: number): number {
  const basisPoints = Math.round(fraction * 10_000);
  if (basisPoints / 10_000 !== fraction) {
    throw new UnmappableRow(column, fraction, 'is no whole number of basis points (0.0001); correct it in legacy');
  }
  return basisPoints + 0;
}

/** Legacy's fraction: 1500 -> 0.15. Exact in a `real` column: a discount has five digits at most. */
export function basisPointsToReal(basisPoints: number): number {
  return basisPoints / 10_000;
}
