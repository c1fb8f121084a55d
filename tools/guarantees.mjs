// The counts of docs/reference/guarantees.md, made of the ledger of fault trials. Run by itself it writes them into the page;
// the docs check holds the page against them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const LEDGER = join(ROOT, 'e2e', 'ledger.jsonl');
const PAGE = join(ROOT, 'docs', 'reference', 'guarantees.md');
const PLACE = /(<!-- counts: node tools\/guarantees\.mjs -->\n)[\s\S]*?(<!-- \/counts -->)/;
const COUNTS = ['orders', 'changes', 'askedAgain', 'lost', 'doubled', 'covered', 'unowned'];

/** The page as it has to be. */
export function withCounts(page) {
  if (!PLACE.test(page)) throw new Error(`${PAGE} has no place for the counts`);
  return page.replace(PLACE, (_, begin, end) => `${begin}\n${counts()}\n${end}`);
}

function counts() {
  const lines = readFileSync(LEDGER, 'utf8').trim().split('\n');
  const trials = lines.map((line) => JSON.parse(line));
  const faults = [...Map.groupBy(trials, ({ fault }) => fault)];
  const total = sums(trials);
  const wrong = total.lost + total.doubled + total.covered + total.unowned;
  return [
    `**${number(wrong)} of ${number(total.orders + total.changes)} acknowledged writes lost, doubled, covered by an older one or unowned, in ` +
      `${trials.length} trials**, the last on ${trials
        .map(({ at }) => at)
        .sort()
        .at(-1)}.`,
    '',
    '| fault | trials | new orders | changes | asked again | lost | doubled | covered | unowned | drained within |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...faults.map(([fault, of]) => row(fault, of)),
    row('all', trials),
    '',
  ].join('\n');
}

function row(fault, trials) {
  const drained = Math.max(...trials.map(({ drainedSeconds }) => drainedSeconds));
  const cells = Object.values(sums(trials)).map(number);
  return `| ${[fault, trials.length, ...cells, `${drained} s`].join(' | ')} |`;
}

function sums(trials) {
  const sum = (name) => trials.reduce((total, trial) => total + trial[name], 0);
  return Object.fromEntries(COUNTS.map((name) => [name, sum(name)]));
}

function number(value) {
  return value.toLocaleString('en-US');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(PAGE, withCounts(readFileSync(PAGE, 'utf8')));
