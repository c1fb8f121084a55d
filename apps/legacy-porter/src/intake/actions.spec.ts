import { describe, expect, it } from '@jest/globals';
import { Actions } from './actions.js';

describe('the actions of users', () => {
  it('begin with the first event of a correlation id', () => {
    const actions = new Actions();
    expect(actions.firstOf(['a', 'a', 'b'])).toBe(2);
    expect(actions.firstOf(['b', 'c'])).toBe(1);
    expect(actions.firstOf([])).toBe(0);
  });

  it('are remembered as long as they go on, and not for ever', () => {
    const actions = new Actions();
    actions.firstOf(['kept', 'forgotten']);
    const others = (from: number) => Array.from({ length: 9_000 }, (_, i) => `${from + i}`);
    actions.firstOf(others(0));
    expect(actions.firstOf(['kept'])).toBe(0);
    actions.firstOf(others(9_000));
    expect(actions.firstOf(['kept'])).toBe(0);
    expect(actions.firstOf(['forgotten'])).toBe(1);
  });
});
