import type { BackfillRun } from '../../operator.js';
import { MOVED, SOURCE_ROWS, type Storyteller } from '../teller.js';

/** Orders that were born so far: one at the new API, one by the legacy client. */
const BORN = 2;
/** The two that were born in V2, and the old one that was changed there. */
const NEW_ALREADY = 3;

interface Plan {
  readonly hash: string;
  readonly entities: readonly { readonly entity: string; readonly sourceRows: number; readonly invalid: unknown[] }[];
}

interface Verdict {
  readonly verdict: string;
  readonly entities: readonly { readonly entity: string; readonly compared: number; readonly differences: unknown[] }[];
}

/** Step 5: what was there before is moved once, and proved. */
export async function oldDataMoves(teller: Storyteller): Promise<void> {
  const { checks } = teller;
  teller.chapter('The old data is planned …');
  const plan = await teller.banyan<Plan>(`backfill plan ${MOVED}`);
  teller.say(`  plan ${plan.hash}`);
  for (const { entity, sourceRows, invalid } of plan.entities) {
    teller.say(`  ${entity}: ${sourceRows} rows, ${invalid.length} cannot be mapped`);
  }
  checks.equal(
    'the plan sees every source row, and those just born',
    sum(plan.entities, ({ sourceRows }) => sourceRows),
    SOURCE_ROWS + BORN,
  );

  teller.chapter('… moved …');
  const first = await run(teller, plan);
  checks.equal('the books balance', first.done, true);
  checks.equal(
    'every row is accounted for',
    sum(first.books, ({ buckets }) => sum(Object.values(buckets), (count) => count)),
    SOURCE_ROWS + BORN,
  );
  checks.equal('what V2 wrote was left alone', bucket(first, 'already-new'), NEW_ALREADY);

  teller.chapter('… and a second run changes nothing');
  const second = await run(teller, plan);
  checks.equal('the second run imports nothing', bucket(second, 'imported'), 0);
  checks.equal('and its books balance', second.done, true);

  teller.chapter('Legacy and V2 are compared, row by row');
  await verifiedIdentical(teller, MOVED, SOURCE_ROWS + BORN);
}

/** A backfill, whole: planned, run, its books balanced. @param entities words for the CLI; '' = all */
export async function backfill(teller: Storyteller, entities: string): Promise<BackfillRun> {
  const plan = await teller.banyan<Plan>(words('backfill plan', entities));
  const done = await run(teller, plan);
  teller.checks.equal(`${words('backfill', entities)}: the books balance`, done.done, true);
  return done;
}

export async function verifiedIdentical(teller: Storyteller, entities: string, rows: number): Promise<void> {
  const verdict = await teller.banyan<Verdict>(words('verify', entities));
  const compared = sum(verdict.entities, (one) => one.compared);
  teller.checks.equal(`${words('verify', entities)}`, [verdict.verdict, compared], ['identical', rows]);
}

export function bucket({ books }: BackfillRun, name: string): number {
  return sum(books, ({ buckets }) => buckets[name]);
}

async function run(teller: Storyteller, { hash }: Plan): Promise<BackfillRun> {
  const done = await teller.banyan<BackfillRun>(`backfill run --plan ${hash}`);
  for (const { entity, sourceRows, buckets } of done.books) {
    const parts = Object.entries(buckets).map(([name, count]) => `${count} ${name}`);
    teller.say(`  ${entity}: ${sourceRows} source rows = ${parts.join(' + ')}`);
  }
  return done;
}

function words(command: string, entities: string): string {
  return entities === '' ? command : `${command} ${entities}`;
}

function sum<T>(all: readonly T[], value: (one: T) => number | undefined): number {
  return all.reduce((total, one) => total + (value(one) ?? 0), 0);
}
