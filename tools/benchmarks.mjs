// The figures in docs/reference/benchmarks.md and the chart beside it, made of bench/results/*.json. Run by itself it writes them; the
// docs check holds them against the files.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
export const PAGE = 'docs/reference/benchmarks.md';
export const CHART = 'docs/reference/benchmarks.svg';
const PLACE = /(<!-- figures: node tools\/benchmarks\.mjs -->\n)[\s\S]*?(<!-- \/figures -->)/;

/** What is wrong with page and chart, in words; empty when they say what the results say. */
export function benchmarkProblems() {
  const { goals, results } = read();
  const problems = staleGoals(goals, results);
  const again = 'run node tools/benchmarks.mjs';
  const page = readFileSync(join(ROOT, PAGE), 'utf8');
  if (pageWith(page, goals, results) !== page) problems.push(`${PAGE} has other figures than bench/results: ${again}`);
  const chart = existsSync(join(ROOT, CHART)) ? readFileSync(join(ROOT, CHART), 'utf8') : '';
  if (chartOf(results) !== chart) problems.push(`${CHART} shows other figures than bench/results: ${again}`);
  return problems;
}

/** Results that were judged by other goals than those of today. */
export function staleGoals(goals, results) {
  return results
    .filter(({ bench, goals: judged }) => {
      const asToday = judged.map(({ value: _, met: __, ...goal }) => goal);
      return JSON.stringify(asToday) !== JSON.stringify(goals[bench] ?? []);
    })
    .map(
      ({ bench }) => `bench/results/${bench}.json was judged by other goals than bench/goals.json: run the bench again`,
    );
}

/** The page with today's figures. @param results of those benches that have been run, in the order of goals.json */
export function pageWith(page, goals, results) {
  if (!PLACE.test(page)) throw new Error(`${PAGE} has no place for the figures`);
  const missing = Object.keys(goals).filter((name) => !results.some(({ bench }) => bench === name));
  const parts = [
    goalTable(results),
    ...results.map(section),
    ...(missing.length === 0 ? [] : [`Not run yet: ${missing.map((name) => `\`${name}\``).join(', ')}.`]),
  ];
  return page.replace(PLACE, (_, begin, end) => `${begin}\n${parts.join('\n\n')}\n\n${end}`);
}

function goalTable(results) {
  const rows = results.flatMap(({ bench, goals }) =>
    goals.map(({ what, value, unit = '', met, ...bound }) => [
      bench,
      what,
      `${short(value.median)}${unit} (${range(value)})`,
      `${boundText(bound)}${unit}`,
      met ? 'yes' : '**no**',
    ]),
  );
  return table(['bench', 'what', 'median of the rounds (min-max)', 'to reach', 'reached'], rows);
}

function section({ bench, date, machine, sizes, gate, rounds, arms, noise }) {
  const { node, platform, cores, cpu, memoryGb, diskSyncMs } = machine;
  const measures = [...new Set(Object.values(arms).flatMap((arm) => Object.keys(arm)))];
  const rows = Object.entries(arms).map(([arm, own]) => [
    arm,
    ...measures.map((measure) =>
      own[measure] === undefined ? '' : `${short(own[measure].median)} (${range(own[measure])})`,
    ),
  ]);
  const same = noise.map(
    ({ arm, measure, ratio }) => `${measure} of \`${arm}\` ${short(ratio.median)} (${range(ratio)})`,
  );
  return [
    `### ${bench}`,
    `${date.slice(0, 10)}, ${rounds} rounds; Node ${node}, ${platform}, ${cores} cores (${cpu}), ${memoryGb} GB, disk ${diskSyncMs} ms a write. ` +
      `With ${Object.entries(sizes)
        .map(([name, value]) => `${name} ${value.toLocaleString('en-US')}`)
        .join(', ')}. Checked before any figure: ${gate}.`,
    table(['arm', ...measures], rows),
    `The same code twice, as a ratio: ${same.join('; ')}.`,
  ].join('\n\n');
}

const WIDTH = 860;
const LABEL = 400;
const ROW = 22;
/** The axis: a tenth of a goal to ten times as much. */
const DECADES = 1;

/** How far each goal is reached, on one axis: 1 is the goal, to the right of it is better. */
export function chartOf(results) {
  const rows = results.flatMap(({ bench, goals }) => goals.map((goal) => ({ bench, ...goal })));
  const height = 50 + rows.length * ROW;
  const x = (share) => {
    const place = (Math.log10(Math.min(10 ** DECADES, Math.max(10 ** -DECADES, share))) + DECADES) / (2 * DECADES);
    return (LABEL + place * (WIDTH - LABEL - 20)).toFixed(1);
  };
  const axis = [0.1, 0.25, 0.5, 1, 2, 4, 10].map(
    (tick) =>
      `<line x1="${x(tick)}" y1="30" x2="${x(tick)}" y2="${height - 14}" stroke="${tick === 1 ? '#333' : '#ddd'}"/>` +
      `<text x="${x(tick)}" y="22" text-anchor="middle">${tick}x</text>`,
  );
  const bars = rows.map(({ bench, what, value, met, ...bound }, index) => {
    const y = 36 + index * ROW;
    const [low, middle, high] = [value.min, value.median, value.max].map((one) => shareOf(one, bound));
    const [left, right] = [Math.min(1, middle), Math.max(1, middle)].map(x);
    return (
      `<text x="${LABEL - 10}" y="${y + 12}" text-anchor="end">${escaped(`${bench}: ${what}`)}</text>` +
      `<rect x="${left}" y="${y + 2}" width="${(right - left).toFixed(1)}" height="12" fill="${met ? '#4c8f5b' : '#b5523f'}"/>` +
      `<line x1="${x(low)}" y1="${y + 8}" x2="${x(high)}" y2="${y + 8}" stroke="#111" stroke-width="2"/>`
    );
  });
  return `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="sans-serif" font-size="11">`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    '<title>How far each goal is reached: 1x is the goal, to the right is better; the line is from the worst round to the best</title>',
    ...axis,
    ...bars,
    '</svg>',
  ].join('\n')}\n`;
}

/** Above 1 = better than the goal, whichever way it goes. */
function shareOf(value, { atLeast, atMost }) {
  return atLeast === undefined ? atMost / Math.max(value, 1e-9) : value / atLeast;
}

function boundText({ atLeast, atMost }) {
  return atLeast === undefined ? `<= ${atMost}` : `>= ${atLeast}`;
}

/** Three digits that count. */
function short(value) {
  if (value === 0) return '0';
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return Number(value.toFixed(Math.min(digits, 6))).toLocaleString('en-US', { maximumFractionDigits: 6 });
}

function range({ min, max }) {
  return `${short(min)}-${short(max)}`;
}

function table(head, rows) {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

function read() {
  const goals = JSON.parse(readFileSync(join(ROOT, 'bench/goals.json'), 'utf8'));
  const results = Object.keys(goals)
    .map((name) => join(ROOT, 'bench/results', `${name}.json`))
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')));
  return { goals, results };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { goals, results } = read();
  writeFileSync(join(ROOT, PAGE), pageWith(readFileSync(join(ROOT, PAGE), 'utf8'), goals, results));
  writeFileSync(join(ROOT, CHART), chartOf(results));
}
