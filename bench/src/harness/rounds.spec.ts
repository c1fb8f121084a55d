import { seeded } from '@banyan/core/testing';
import { describe, expect, it } from '@jest/globals';
import { shuffled } from './random.js';
import { runRounds, seriesOf } from './rounds.js';

const ARMS = ['a', 'b', 'c', 'd'];

describe('rounds', () => {
  it('runs every arm once in each round, one after the other, and drops the first round', async () => {
    const ran: string[] = [];
    let open = 0;
    const rounds = await runRounds({
      arms: ARMS,
      rounds: 4,
      random: seeded(1),
      run: async (arm, round) => {
        open += 1;
        expect(open).toBe(1);
        ran.push(`${round}${arm}`);
        await Promise.resolve();
        open -= 1;
        return { figure: round };
      },
    });
    expect([...ran].sort()).toEqual([0, 1, 2, 3].flatMap((round) => ARMS.map((arm) => `${round}${arm}`)));
    expect(rounds.map(({ round }) => round)).toEqual([1, 2, 3]);
    expect(seriesOf(rounds, 'c', 'figure')).toEqual([1, 2, 3]);
  });

  it('runs them in another order in each round, the same one for the same seed', async () => {
    const orders = async (seed: number) => {
      const rounds = await runRounds({ arms: ARMS, rounds: 9, random: seeded(seed), run: async () => ({}) });
      return rounds.map(({ order }) => order.join(''));
    };
    const first = await orders(1);
    expect(new Set(first).size).toBeGreaterThan(3);
    expect(await orders(1)).toEqual(first);
    expect(await orders(2)).not.toEqual(first);
  });

  it('every order is about as likely as any other', () => {
    const random = seeded(5);
    const counts = new Map<string, number>();
    for (let turn = 0; turn < 6_000; turn += 1) {
      const order = shuffled(['a', 'b', 'c'], random).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  it('ends with the run that throws', async () => {
    let runs = 0;
    const run = async () => {
      runs += 1;
      if (runs === 2) throw new Error('no');
      return {};
    };
    await expect(runRounds({ arms: ARMS, rounds: 2, random: seeded(1), run })).rejects.toThrow('no');
    expect(runs).toBe(2);
  });

  it('has no figure where none was measured', async () => {
    const rounds = await runRounds({ arms: ['a'], rounds: 2, random: seeded(1), run: async () => ({ figure: 1 }) });
    expect(() => seriesOf(rounds, 'a', 'other')).toThrow(RangeError);
    expect(() => seriesOf(rounds, 'b', 'figure')).toThrow(RangeError);
    await expect(runRounds({ arms: ['a'], rounds: 1, random: seeded(1), run: async () => ({}) })).rejects.toThrow(
      RangeError,
    );
  });
});
