import type { BackfillRun } from '../../operator.js';
import type { CliResult } from '../../world.js';
import type { Finding } from '../fault.js';
import type { Check } from './check.js';

/** P7: what is left for a backfill is brought by one run; another one finds nothing, and its books are exact. */
export const nothingToBring: Check = async ({ world, plan }) => {
  let last: BackfillRun | undefined;
  for (let run = 1; run <= 2; run += 1) {
    const result = await world.banyan('backfill', 'run', '--plan', plan, '--json');
    if (result.code !== 0) return [other('P7', `the backfill ended with ${wordsOf(result)}`)];
    last = JSON.parse(result.stdout) as BackfillRun;
    if (last.books.every(({ buckets }) => buckets.imported === 0)) break;
  }
  return (last?.books ?? []).flatMap(({ entity, sourceRows, buckets }) => {
    const counted = Object.values(buckets).reduce((sum, count) => sum + count, 0);
    const exact =
      counted === sourceRows ? [] : [other('P7', `${entity}: ${sourceRows} rows, ${counted} accounted for`)];
    if (buckets.imported === 0) return exact;
    return [...exact, other('P7', `${entity}: a second backfill imported ${buckets.imported}`)];
  });
};

/** P3: both sides are equal, row by row. */
export const bothEqual: Check = async ({ world }) => {
  const result = await world.banyan('verify', '--json');
  if (result.code === 0) return [];
  return [other('P3', `verify ended with ${wordsOf(result)}`)];
};

/** P5: nothing is left that waits for a person, but what never took effect. */
export const nothingStands: Check = async ({ world }) => {
  const result = await world.banyan('parked', 'list', '--json');
  if (result.code !== 0) return [other('P5', `parked list ended with ${wordsOf(result)}`)];
  const standing = (JSON.parse(result.stdout) as { kind: string; key: string; errorMessage: string }[]).filter(
    ({ kind }) => kind !== 'invalid',
  );
  return standing.map(({ key, errorMessage }) => other('P5', `${key} stands still: ${errorMessage}`));
};

function other(promise: Finding['promise'], what: string): Finding {
  return { promise, kind: 'other', what };
}

function wordsOf({ code, stdout, stderr }: CliResult): string {
  return `${code}: ${(stderr.trim() || stdout.trim()).slice(0, 2_000)}`;
}
