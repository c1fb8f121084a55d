import { describe, expect, it } from '@jest/globals';
import { boundText, type Goal, goalLine, judge, short } from './goals.js';
import type { Round } from './rounds.js';

const round = (number: number, ours: number, theirs: number): Round => ({
  round: number,
  order: ['ours', 'theirs'],
  arms: { ours: { rate: ours, p99Ms: ours }, theirs: { rate: theirs, lateMs: theirs } },
});
const ROUNDS = [round(1, 30, 10), round(2, 20, 10), round(3, 5, 10)];
const goal = (more: Partial<Goal>): Goal => ({ what: 'rate', measure: 'rate', arm: 'ours', ...more });

describe('goals', () => {
  it('judges by the median of the ratios of the rounds', () => {
    expect(judge([goal({ to: 'theirs', atLeast: 2 })], ROUNDS)).toMatchObject([
      { met: true, value: { median: 2, min: 0.5, max: 3 } },
    ]);
    expect(judge([goal({ to: 'theirs', atLeast: 2.1 })], ROUNDS)).toMatchObject([{ met: false }]);
  });

  it('judges a figure by itself, and from above', () => {
    expect(judge([goal({ measure: 'p99Ms', atMost: 20 })], ROUNDS)).toMatchObject([
      { met: true, value: { median: 20 } },
    ]);
    expect(judge([goal({ measure: 'p99Ms', atMost: 19 })], ROUNDS)).toMatchObject([{ met: false }]);
  });

  it('sets one measure against another one', () => {
    const judged = judge([goal({ measure: 'p99Ms', to: 'theirs', toMeasure: 'lateMs', atMost: 2 })], ROUNDS);
    expect(judged).toMatchObject([{ met: true, value: { median: 2 } }]);
  });

  it('judges what ran once by its one figure', () => {
    const judged = judge([goal({ arm: 'long', measure: 'growth', atMost: 1.2 })], ROUNDS, { long: { growth: 1.3 } });
    expect(judged).toMatchObject([{ met: false, value: { median: 1.3, min: 1.3, max: 1.3 } }]);
  });

  it.each<[string, Partial<Goal>]>([
    ['no bound', {}],
    ['two bounds', { atLeast: 1, atMost: 2 }],
    ['an arm that did not run', { arm: 'nobody', atLeast: 1 }],
    ['an arm to compare with that did not run', { to: 'nobody', atLeast: 1 }],
    ['what was not measured', { measure: 'nothing', atLeast: 1 }],
  ])('refuses a goal with %s', (_, more) => {
    expect(() => judge([goal(more)], ROUNDS)).toThrow(RangeError);
  });

  it('says every figure beside its goal, and which are missed', () => {
    const judged = judge(
      [goal({ to: 'theirs', atLeast: 3 }), goal({ what: 'late', measure: 'p99Ms', unit: ' ms', atMost: 20 })],
      ROUNDS,
    );
    expect(goalLine('bench', judged)).toBe(
      'bench: MISSED rate 2 (0.5-3), to reach >= 3 · late 20 ms (5-30), to reach <= 20 ms',
    );
  });

  it('shows three digits that count', () => {
    expect([0, 0.001234, 0.5, 1.2345, 12.345, 123.4, 98765.4].map(short)).toEqual([
      '0',
      '0.00123',
      '0.5',
      '1.23',
      '12.3',
      '123',
      '98765',
    ]);
    expect(boundText({ atLeast: 1 })).toBe('>= 1');
  });
});
