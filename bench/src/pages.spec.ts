import { describe, expect, it } from '@jest/globals';
import { judge } from './harness/goals.js';
import { resultOf } from './harness/result.js';

interface Pages {
  pageWith(page: string, goals: object, results: readonly object[]): string;
  chartOf(results: readonly object[]): string;
  staleGoals(goals: object, results: readonly object[]): readonly string[];
}

// Plain JavaScript: it runs before anything is built.
const GENERATOR: string = new URL('../../tools/benchmarks.mjs', import.meta.url).href;
const { pageWith, chartOf, staleGoals } = (await import(GENERATOR)) as Pages;

const GOALS = {
  codec: [
    { what: 'rate, of theirs', measure: 'rate', arm: 'ours', to: 'theirs', atLeast: 2 },
    { what: 'late', measure: 'lateMs', arm: 'ours', unit: ' ms', atMost: 3 },
  ],
  porter: [],
};
const round = (number: number, ours: number) => ({
  round: number,
  order: ['ours', 'theirs'],
  arms: { ours: { rate: ours, lateMs: 4 }, theirs: { rate: 10 } },
});
const bench = {
  name: 'codec',
  arms: ['ours', 'theirs'],
  noise: [['ours', 'ours', 'rate']],
  gate: 'all of it',
  sizes: { events: 12_000 },
} as const;
const machine = { node: '24.0.0', platform: 'linux-x64', cores: 2, cpu: 'A <fast> one', memoryGb: 8, diskSyncMs: 0.1 };
const rounds = [round(1, 20), round(2, 30), round(3, 25)];
const result = resultOf(bench, { goals: GOALS.codec, rounds, date: new Date(0), machine });
const PAGE = 'before\n<!-- figures: node tools/benchmarks.mjs -->\nold\n<!-- /figures -->\nbehind\n';

describe('the page of benchmarks', () => {
  it('says each goal, what is reached and where it was measured', () => {
    const page = pageWith(PAGE, GOALS, [result]);
    expect(page).toContain('| codec | rate, of theirs | 2.5 (2-3) | >= 2 | yes |');
    expect(page).toContain('| codec | late | 4 ms (4-4) | <= 3 ms | **no** |');
    expect(page).toContain('| ours | 25 (20-30) | 4 (4-4) |');
    expect(page).toContain(
      '1970-01-01, 3 rounds; Node 24.0.0, linux-x64, 2 cores (A <fast> one), 8 GB, disk 0.1 ms a write. With events 12,000.',
    );
    expect(page).toContain('Not run yet: `porter`.');
    expect(page).toMatch(/^before\n/);
    expect(page).toMatch(/\nbehind\n$/);
    expect(page).not.toContain('old');
  });

  it('is the same when it is made again', () => {
    const page = pageWith(PAGE, GOALS, [result]);
    expect(pageWith(page, GOALS, [result])).toBe(page);
  });

  it('is another one when a figure is', () => {
    const goals = judge(GOALS.codec, [round(1, 21), ...rounds.slice(1)]);
    expect(pageWith(PAGE, GOALS, [{ ...result, goals }])).not.toBe(pageWith(PAGE, GOALS, [result]));
  });

  it('needs its place', () => {
    expect(() => pageWith('nothing', GOALS, [])).toThrow('has no place');
  });
});

describe('the chart', () => {
  it('has a bar for each goal, to the right where it is reached', () => {
    const chart = chartOf([result]);
    const bars = [...chart.matchAll(/<rect x="([\d.]+)" y="\d+" width="([\d.]+)" height="12" fill="(#\w+)"/g)];
    expect(bars).toHaveLength(2);
    const goalAt = /<line x1="([\d.]+)"[^>]*stroke="#333"/.exec(chart)?.[1];
    expect(bars[0]?.[1]).toBe(goalAt);
    expect(Number(bars[1]?.[1]) + Number(bars[1]?.[2])).toBeCloseTo(Number(goalAt), 0);
    expect(bars[0]?.[3]).not.toBe(bars[1]?.[3]);
  });
});

it('a result that was judged by other goals than those of today is told', () => {
  expect(staleGoals(GOALS, [result])).toEqual([]);
  const [first, second] = GOALS.codec;
  expect(staleGoals({ ...GOALS, codec: [{ ...first, atLeast: 1 }, second] }, [result])).toEqual([
    expect.stringContaining('bench/results/codec.json'),
  ]);
  expect(staleGoals({ ...GOALS, codec: [first] }, [result])).toHaveLength(1);
});
