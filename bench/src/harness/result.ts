import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Bench } from './bench.js';
import { type Goal, type JudgedGoal, judge } from './goals.js';
import type { Machine } from './machine.js';
import { type Measures, type Round, seriesOf } from './rounds.js';
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

export interface Measured {
  readonly goals: readonly Goal[];
  /** Without the dropped one. */
  readonly rounds: readonly Round[];
  readonly once?: Readonly<Record<string, Measures>>;
  readonly date: Date;
  readonly machine: Machine;
}

export function resultOf(
  bench: Pick<Bench, 'name' | 'arms' | 'noise' | 'gate' | 'sizes'>,
  { goals, rounds, once = {}, date, machine }: Measured,
): BenchResult {
  return {
    bench: bench.name,
    date: date.toISOString(),
    machine,
    sizes: bench.sizes,
    gate: bench.gate,
    rounds: rounds.length,
    arms: Object.fromEntries([
      ...bench.arms.map((arm) => [arm, measuresOf(rounds, arm)] as const),
      ...Object.entries(once).map(([arm, measures]) => [arm, single(measures)] as const),
    ]),
    noise: bench.noise.map(([first, again, measure]) => ({
      arm: first,
      measure,
      ratio: spreadOf(ratios(seriesOf(rounds, again, measure), seriesOf(rounds, first, measure))),
    })),
    goals: judge(goals, rounds, once),
    raw: rounds,
  };
}

function measuresOf(rounds: readonly Round[], arm: string): Record<string, Spread> {
  const names = Object.keys(rounds[0]?.arms[arm] ?? {});
  return Object.fromEntries(names.map((name) => [name, spreadOf(seriesOf(rounds, arm, name))]));
}

function single(measures: Measures): Record<string, Spread> {
  return Object.fromEntries(Object.entries(measures).map(([name, value]) => [name, spreadOf([value])]));
}

const RESULTS = fileURLToPath(new URL('../../results/', import.meta.url));

/** The file that `docs/reference/benchmarks.md` is made of. */
export function writeResult(result: BenchResult): string {
  const file = join(RESULTS, `${result.bench}.json`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
  return file;
}
