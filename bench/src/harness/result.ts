import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from './bench.js';
import { type Goal, type JudgedGoal, judge } from './goals.js';
import type { Machine } from './machine.js';
import { type Round, seriesOf } from './rounds.js';
import { ratios, type Spread, spreadOf } from './statistics.js';

export interface BenchResult {
  readonly bench: string;
  /** ISO 8601, UTC. */
  readonly date: string;
  readonly machine: Machine;
  readonly sizes: Readonly<Record<string, number>>;
  readonly gate: string;
  /** Those that count; one more was run before them. */
  readonly rounds: number;
  readonly arms: Readonly<Record<string, Readonly<Record<string, Spread>>>>;
  /** The same code twice. */
  readonly noise: readonly { readonly arm: string; readonly measure: string; readonly ratio: Spread }[];
  readonly goals: readonly JudgedGoal[];
  readonly raw: readonly Round[];
}

export function resultOf(
  bench: Pick<Bench, 'name' | 'arms' | 'noise' | 'gate' | 'sizes'>,
  { goals, rounds, date, machine }: { goals: readonly Goal[]; rounds: readonly Round[]; date: Date; machine: Machine },
): BenchResult {
  return {
    bench: bench.name,
    date: date.toISOString(),
    machine,
    sizes: bench.sizes,
    gate: bench.gate,
    rounds: rounds.length,
    arms: Object.fromEntries(bench.arms.map((arm) => [arm, measuresOf(rounds, arm)])),
    noise: bench.noise.map(([first, again, measure]) => ({
      arm: first,
      measure,
      ratio: spreadOf(ratios(seriesOf(rounds, again, measure), seriesOf(rounds, first, measure))),
    })),
    goals: judge(goals, rounds),
    raw: rounds,
  };
}

function measuresOf(rounds: readonly Round[], arm: string): Record<string, Spread> {
  const names = Object.keys(rounds[0]?.arms[arm] ?? {});
  return Object.fromEntries(names.map((name) => [name, spreadOf(seriesOf(rounds, arm, name))]));
}

const RESULTS = fileURLToPath(new URL('../../results/', import.meta.url));

/** The file that `docs/reference/benchmarks.md` is made of. */
export function writeResult(result: BenchResult): string {
  const file = join(RESULTS, `${result.bench}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  return file;
}
