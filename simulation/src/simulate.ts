import { runSeed, type Verdict } from './run.js';
import { Happenings } from './world/happenings.js';
import type { WorldOptions } from './world/world.js';

export interface Seeds {
  readonly from: number;
  readonly count: number;
  /** From one seed to the next. */
  readonly step: number;
}

/** What many worlds came to. */
export interface Summary {
  /** Worlds that broke a promise. */
  readonly bad: number;
  readonly steps: number;
  readonly acknowledged: number;
  readonly happened: ReadonlyMap<string, number>;
}

/** Lives worlds through, one after another, and says at once which is bad. */
export async function simulate({ from, count, step }: Seeds, options: WorldOptions = {}): Promise<Summary> {
  let [bad, steps, acknowledged] = [0, 0, 0];
  const happenings = new Happenings();
  for (let each = 0; each < count; each += 1) {
    const verdict = await runSeed(from + each * step, options);
    steps += verdict.steps;
    acknowledged += verdict.acknowledged;
    happenings.addAll(verdict.happenings.times);
    if (verdict.problems.length === 0) continue;
    bad += 1;
    tell(verdict);
  }
  return { bad, steps, acknowledged, happened: happenings.times };
}

function tell({ seed, problems }: Verdict): void {
  console.log(`seed ${seed} breaks a promise; see it again: npm run simulate -- --seed ${seed} --trace`);
  for (const problem of problems.slice(0, 8)) console.log(`  ${problem}`);
}
