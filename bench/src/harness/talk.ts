import { short } from './goals.js';
import type { BenchResult } from './result.js';
import type { Measures } from './rounds.js';

/** `round 3/7  ours  encodesPerSecond 412000, cpuSeconds 2.1` */
export function runLine(arm: string, round: number, rounds: number, measures: Measures): string {
  const figures = Object.entries(measures).map(([name, value]) => `${name} ${short(value)}`);
  const which = round < 0 ? 'once' : round === 0 ? 'dropped' : `${round}/${rounds - 1}`;
  return `round ${which}  ${arm}: ${figures.join(', ')}`;
}

/** The medians of all arms, one line per arm and measure, and the noise. */
export function tableOf({ arms, noise }: BenchResult): string {
  const rows = Object.entries(arms).flatMap(([arm, measures]) =>
    Object.entries(measures).map(([name, { median, min, max }]) => [
      arm,
      name,
      short(median),
      `${short(min)}-${short(max)}`,
    ]),
  );
  for (const { arm, measure, ratio } of noise)
    rows.push([`${arm}, again`, `${measure}, ratio`, short(ratio.median), `${short(ratio.min)}-${short(ratio.max)}`]);
  const head = ['arm', 'measure', 'median', 'min-max'];
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
