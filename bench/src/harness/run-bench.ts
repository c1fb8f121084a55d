import { seeded } from '@banyan/core/testing';
import { killArms } from './arm-process.js';
import type { Bench } from './bench.js';
import type { Goal } from './goals.js';
import { thisMachine } from './machine.js';
import { type BenchResult, resultOf } from './result.js';
import { type Measures, runRounds } from './rounds.js';
import { runLine } from './talk.js';

export interface RunOptions {
  readonly goals: readonly Goal[];
  /** The dropped one included. */
  readonly rounds: number;
  /** Of the orders in which arms run. */
  readonly seed: number;
  readonly say: (line: string) => void;
}

/** Runs all rounds of a bench and judges them. Throws what an arm or its gate throws; everything is closed by then. */
export async function runBench(bench: Bench, { goals, rounds, seed, say }: RunOptions): Promise<BenchResult> {
  const open = await bench.open({ say });
  try {
    const kept = await runRounds({
      arms: bench.arms,
      rounds,
      random: seeded(seed),
      run: (arm, round) => open.run(arm, round),
      onRun: (arm, round, measures) => say(`${bench.name}: ${runLine(arm, round, rounds, measures)}`),
    });
    const once: Record<string, Measures> = {};
    for (const arm of bench.once ?? []) {
      const measures = await open.run(arm, -1);
      once[arm] = measures;
      say(`${bench.name}: ${runLine(arm, -1, rounds, measures)}`);
    }
    return resultOf(bench, { goals, rounds: kept, once, date: new Date(), machine: thisMachine() });
  } finally {
    // Of a run that failed: they would only tell at length what goes away under them.
    await killArms();
    await open.close();
  }
}
