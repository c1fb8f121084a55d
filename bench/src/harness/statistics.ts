/** What rounds said: the middle one, and how far they lie apart. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Throws a RangeError for no values, or one that is no number: a figure that was not measured must not look like one. */
export function spreadOf(values: readonly number[]): Spread {
  requireNumbers(values);
  const sorted = [...values].sort((a, b) => a - b);
  return { median: medianOfSorted(sorted), min: sorted[0] as number, max: sorted.at(-1) as number };
}

/** Of each round by itself, before anything is averaged: what disturbed a round disturbed both arms of it. */
export function ratios(of: readonly number[], to: readonly number[]): readonly number[] {
  if (of.length !== to.length) throw new RangeError(`${of.length} rounds of one arm and ${to.length} of the other`);
  requireNumbers(to);
  if (to.includes(0)) throw new RangeError('a ratio to nothing');
  return of.map((value, round) => value / (to[round] as number));
}

/** The smallest value that is not exceeded by `share` (0 to 1) of all (nearest rank). */
export function percentile(values: readonly number[], share: number): number {
  requireNumbers(values);
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] as number;
}

function medianOfSorted(sorted: readonly number[]): number {
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

function requireNumbers(values: readonly number[]): void {
  if (values.length === 0) throw new RangeError('no value was measured');
  if (!values.every(Number.isFinite)) throw new RangeError(`not all values are numbers: ${values.join(', ')}`);
}
