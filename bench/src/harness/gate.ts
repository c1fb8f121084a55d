import { BanyanError } from '@banyan/core';

/** What is there behind a run, or what has to be: how many, and a checksum over all of their columns. */
export interface Tally {
  readonly count: number;
  readonly checksum: string;
}

/**
 * No number is told of an arm that did something else than its work: it must have made all of the rows, and these rows.
 * @throws `BENCH_WRONG_RESULT`
 */
export function requireEqual(arm: string, found: Tally, expected: Tally): void {
  if (found.count === expected.count && found.checksum === expected.checksum) return;
  throw new BanyanError(
    'BENCH_WRONG_RESULT',
    `${arm} made ${found.count} (checksum ${found.checksum}) where ${expected.count} (checksum ${expected.checksum}) are right; no figure of this run counts. Mend the arm.`,
    { data: { arm, found, expected } },
  );
}
