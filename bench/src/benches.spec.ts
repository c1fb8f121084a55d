import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { benchNamed } from './benches.js';
import { codecBench } from './codec/bench.js';
import { BENCHES } from './harness/bench.js';
import { type Goal, judge } from './harness/goals.js';
import type { Measures } from './harness/rounds.js';

const goals = JSON.parse(readFileSync(new URL('../goals.json', import.meta.url), 'utf8')) as Record<string, Goal[]>;

describe.each(BENCHES)('%s', (name) => {
  const bench = benchNamed(name, { quick: true });

  it('has goals for arms that it runs', () => {
    const arms = new Set([...bench.arms, ...(bench.once ?? [])]);
    const named = goals[name]?.flatMap(({ arm, to }) => [arm, ...(to === undefined ? [] : [to])]) ?? [];
    expect(named).not.toEqual([]);
    expect(named.filter((arm) => !arms.has(arm))).toEqual([]);
  });

  it('runs some arm twice, for the noise', () => {
    expect(bench.noise.length).toBeGreaterThan(0);
    for (const [first, again] of bench.noise) expect(bench.arms).toEqual(expect.arrayContaining([first, again]));
  });
});

it('the codec’s arms read what they wrote, and measure what its goals ask for', async () => {
  const bench = codecBench({ quick: true, measureMs: 5 });
  const open = await bench.open({ say: () => undefined });
  const arms: Record<string, Measures> = {};
  // The second run of ours is the same program.
  for (const arm of bench.arms.filter((one) => one !== 'ours again')) arms[arm] = await open.run(arm, 0);
  const judged = judge(goals.codec ?? [], [{ round: 1, order: bench.arms, arms }]);
  expect(judged.every(({ value }) => value.median > 0)).toBe(true);
  expect(arms.ours?.bytes).toBe(arms['registry client']?.bytes);
});
