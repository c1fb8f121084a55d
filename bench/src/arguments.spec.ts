import { describe, expect, it } from '@jest/globals';
import { parseArguments } from './arguments.js';

describe('the words behind npm run bench', () => {
  it('name a bench, or all', () => {
    expect(parseArguments(['codec'])).toEqual({ benches: ['codec'], quick: false, json: false, rounds: 7, seed: 1 });
    expect(parseArguments(['all', '--quick', '--json', '--seed', '5'])).toMatchObject({
      benches: ['codec', 'projector', 'porter', 'write-path', 'freshness'],
      quick: true,
      json: true,
      rounds: 2,
      seed: 5,
    });
    expect(parseArguments(['porter', '--rounds', '9']).rounds).toBe(9);
  });

  it.each([
    [[]],
    [['codec', 'porter']],
    [['nothing']],
    [['codec', '--rounds', '6']],
    [['codec', '--quick', '--rounds', '1']],
    [['codec', '--rounds', 'many']],
    [['codec', '--fast']],
  ])('are refused: %j', (words) => {
    expect(() => parseArguments(words)).toThrow();
  });
});
