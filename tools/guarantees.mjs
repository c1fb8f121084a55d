// The counts of fault trials in README.md and docs/reference/guarantees.md, made of the ledger. Run by itself it writes them into the
// pages; the docs check holds the pages against them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LEDGER = join(ROOT, 'e2e', 'ledger.jsonl');
const PLACE = /(<!-- counts: node tools\/guarantees\.mjs -->\n)[\s\S]*?(<!-- \/counts -->)/;
const PRODUCERS =
  /(<!-- counts of producers: node tools\/guarantees\.mjs -->\n)[\s\S]*?(<!-- \/counts of producers -->)/;
export const PAGES = ['README.md', 'docs/reference/guarantees.md'];
const COUNTS = ['orders', 'changes', 'askedAgain', 'lost', 'doubled', 'covered', 'unowned', 'other'];
/** Between the names of two faults that came together. */
const PAIR = ' + ';

/** What the page has to be. @param name one of PAGES */
export function withCounts(name) {
  const page = readFileSync(join(ROOT, name), 'utf8');
  if (!PLACE.test(page)) throw new Error(`${name} has no place for the counts`);
  const lines = readFileSync(LEDGER, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const trials = lines.filter(({ part }) => part === undefined);
  const counts = name === 'README.md' ? sentence(trials) : `${sentence(trials)}\n\n${table(trials)}`;
  const runs = producers(lines.filter(({ part }) => part === 'producer'));
  return page
    .replace(PLACE, (_, begin, end) => `${begin}\n${counts}\n\n${end}`)
    .replace(PRODUCERS, (_, begin, end) => `${begin}\n${runs}\n\n${end}`);
}

/** Of producers by themselves, each arm's runs together. */
function producers(runs) {
  const counts = ['faults', 'kills', 'rebuilds', 'acknowledged', 'lost', 'doubled', 'reordered', 'stale', 'rejected'];
  return [
    `| producer | runs | ${counts.join(' | ')} |`,
    `| --- |${' --- |'.repeat(counts.length + 1)}`,
    ...[...new Set(runs.map(({ arm }) => arm))].map((arm) => {
      const its = runs.filter((run) => run.arm === arm);
      const cells = counts.map((name) => number(its.reduce((total, run) => total + run[name], 0)));
      return `| ${[arm, its.length, ...cells].join(' | ')} |`;
    }),
  ].join('\n');
}

function sentence(trials) {
  const total = sums(trials);
  const wrong = total.lost + total.doubled + total.covered + total.unowned + total.other;
  const writes = number(total.orders + total.changes);
  return (
    `**${number(wrong)} of ${writes} acknowledged writes lost, doubled, covered by an older one, unowned or otherwise wrong, in ${trials.length} ` +
    `trials**, the last on ${trials
      .map(({ at }) => at)
      .toSorted()
      .at(-1)}; ${number(total.askedAgain)} tries got no answer, or one ` +
    'that said to come again.'
  );
}

/** A trial of two faults stands in the rows of both. */
function table(trials) {
  const faults = [...new Set(trials.flatMap(({ fault }) => fault.split(PAIR)))];
  return [
    '| fault | trials | of them with another | new orders | changes | asked again | lost | doubled | covered | unowned | other | drained within |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...faults.map((one) =>
      row(
        one,
        trials.filter(({ fault }) => fault.split(PAIR).includes(one)),
      ),
    ),
    row('all', trials),
  ].join('\n');
}

function row(fault, trials) {
  const drained = Math.max(...trials.map(({ drainedSeconds }) => drainedSeconds));
  const pairs = trials.filter((trial) => trial.fault.includes(PAIR)).length;
  const cells = Object.values(sums(trials)).map(number);
  return `| ${[fault, trials.length, pairs, ...cells, `${drained} s`].join(' | ')} |`;
}

function sums(trials) {
  const sum = (name) => trials.reduce((total, trial) => total + (trial[name] ?? 0), 0);
  return Object.fromEntries(COUNTS.map((name) => [name, sum(name)]));
}

function number(value) {
  return value.toLocaleString('en-US');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of PAGES) writeFileSync(join(ROOT, name), withCounts(name));
}
