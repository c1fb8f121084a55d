import { describe, expect, it } from '@jest/globals';
import type { Bench } from './bench.js';
import { requireEqual } from './gate.js';
import { runBench } from './run-bench.js';
import { tableOf } from './talk.js';

/** A bench whose arms only count. */
function counting(run: (arm: string, round: number) => number): Bench & { closed: number } {
  const bench = {
    name: 'codec' as const,
    arms: ['ours', 'again', 'theirs'],
    once: ['long'],
    noise: [['ours', 'again', 'rate'] as const],
    gate: 'nothing',
    sizes: { events: 3 },
    closed: 0,
    open: async () => ({
      run: async (arm: string, round: number) => ({ rate: run(arm, round) }),
      close: async () => {
        bench.closed += 1;
      },
    }),
  };
  return bench;
}

const GOALS = [{ what: 'rate', measure: 'rate', arm: 'ours', to: 'theirs', atLeast: 2 }];
const options = { goals: GOALS, rounds: 3, seed: 1, say: () => undefined };

describe('a bench', () => {
  it('tells the figures of all rounds but the first, the noise, and what is reached', async () => {
    const bench = counting((arm, round) => (round === 0 ? 1_000 : { ours: 20, again: 22, theirs: 10 }[arm]) ?? 7);
    const result = await runBench(bench, options);
    expect(result).toMatchObject({
      bench: 'codec',
      rounds: 2,
      arms: { ours: { rate: { median: 20, max: 20 } }, long: { rate: { median: 7 } } },
      noise: [{ arm: 'ours', measure: 'rate', ratio: { median: 1.1 } }],
      goals: [{ met: true, value: { median: 2 } }],
    });
    expect(result.machine.cores).toBeGreaterThan(0);
    expect(result.raw.map(({ order }) => [...order].sort())).toEqual([
      ['again', 'ours', 'theirs'],
      ['again', 'ours', 'theirs'],
    ]);
    expect(tableOf(result)).toContain('ours, again  rate, ratio  1.1     1.1-1.1');
    expect(bench.closed).toBe(1);
  });

  it('tells no figure of a run with a wrong checksum, and closes', async () => {
    const right = { count: 2, checksum: 'a' };
    const bench = counting((arm, round) => {
      if (arm === 'theirs' && round === 1) requireEqual(arm, { count: 2, checksum: 'b' }, right);
      return 1;
    });
    await expect(runBench(bench, options)).rejects.toMatchObject({ code: 'BENCH_WRONG_RESULT' });
    expect(bench.closed).toBe(1);
  });
});

describe('the gate', () => {
  it.each([[{ count: 3, checksum: 'a' }], [{ count: 2, checksum: 'b' }]])('lets %j not pass for another', (found) => {
    expect(() => requireEqual('ours', found, { count: 2, checksum: 'a' })).toThrow(/ours made/);
  });

  it('lets equal ones pass', () => {
    expect(() => requireEqual('ours', { count: 2, checksum: 'a' }, { count: 2, checksum: 'a' })).not.toThrow();
  });
});
