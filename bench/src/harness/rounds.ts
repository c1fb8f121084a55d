import { type Random, shuffled } from './random.js';

/** What one run of an arm measured, by name and unit: `eventsPerSecond`, `cpuSeconds`, `peakRssMb`. */
export type Measures = Readonly<Record<string, number>>;

export interface Round {
  /** From 0; round 0 is not among those that are kept. */
  readonly round: number;
  /** In which the arms ran. */
  readonly order: readonly string[];
  readonly arms: Readonly<Record<string, Measures>>;
}

export interface RoundsOptions {
  readonly arms: readonly string[];
  /** The first, which is dropped, included; at least 2. */
  readonly rounds: number;
  readonly random: Random;
  run(arm: string, round: number): Promise<Measures>;
  onRun?(arm: string, round: number, measures: Measures): void;
}

/**
 * Runs every arm once in each round, in another order each time, so that what warms up, fills up or disturbs from outside meets no arm
 * more than another. The first round is dropped: files and caches are cold in it. A run that throws ends all.
 */
export async function runRounds({ arms, rounds, random, run, onRun }: RoundsOptions): Promise<readonly Round[]> {
  if (rounds < 2) throw new RangeError('the first round is dropped, so there must be two at least');
  const kept: Round[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const order = shuffled(arms, random);
    const measured: Record<string, Measures> = {};
    for (const arm of order) {
      measured[arm] = await run(arm, round);
      onRun?.(arm, round, measured[arm]);
    }
    if (round > 0) kept.push({ round, order, arms: measured });
  }
  return kept;
}

/** A measure of one arm, round by round. Throws a RangeError where a round has none. */
export function seriesOf(rounds: readonly Round[], arm: string, measure: string): readonly number[] {
  return rounds.map(({ round, arms }) => {
    const value = arms[arm]?.[measure];
    if (value === undefined) throw new RangeError(`${arm} has no ${measure} in round ${round}`);
    return value;
  });
}
