import { createSqlReader } from '@banyan/legacy';
import { entities } from '@banyan/migration';
import { verify } from '@banyan/operations';
import { query } from '@banyan/postgres';
import type { BackfillRun } from '../../operator.js';
import type { CliResult } from '../../world.js';
import type { Finding } from '../finding.js';
import type { Check } from './check.js';

const SETTLE_MS = 60_000;

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
export const bothEqual: Check = async ({ world, books }) => {
  const { admin, legacy, eventLog } = books;
  const verification = await verify(
    {
      entities,
      v2: admin,
      readerOf: (entity) => createSqlReader(entity.legacy, legacy),
      apps: (['v2-projector', 'legacy-porter'] as const).map((app) => ({ app, url: world.urls[app] })),
      log: eventLog,
      topicPrefix: world.topicPrefix,
    },
    { settleTimeoutMs: SETTLE_MS },
  );
  if (verification.verdict === 'identical') return [];
  const differences = verification.entities.flatMap((one) => one.differences).slice(0, 20);
  return [other('P3', `${verification.verdict}: ${verification.reason ?? ''} ${JSON.stringify(differences)}`)];
};

/** P5: nothing is left that waits for a person, but what never took effect. */
export const nothingStands: Check = async ({ books: { admin } }) => {
  const parked = (schema: string) =>
    `select '${schema} ' || consumer as where, key, error_message as why from ${schema}.parked where kind <> 'invalid'`;
  const standing = await query<{ where: string; key: string; why: string | null }>(
    admin,
    `${parked('v2')} union all ${parked('porter')} union all
     select consumer, key::text, state || ' ' || coalesce(error_message, '') from porter.work where state in ('parked', 'in-doubt')`,
  );
  return standing.map(({ where, key, why }) => other('P5', `${key} stands still in ${where}: ${why}`));
};

function other(promise: Finding['promise'], what: string): Finding {
  return { promise, kind: 'other', what };
}

function wordsOf({ code, stdout, stderr }: CliResult): string {
  return `${code}: ${(stderr.trim() || stdout.trim()).slice(0, 2_000)}`;
}
