import { describe, expect, it } from '@jest/globals';
import { percentile, ratios, spreadOf } from './statistics.js';

describe('statistics', () => {
  it('tells the middle value and the ends', () => {
    expect(spreadOf([3, 1, 10])).toEqual({ median: 3, min: 1, max: 10 });
    expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
    expect(spreadOf([7])).toEqual({ median: 7, min: 7, max: 7 });
  });

  it('sorts by size, not by text', () => {
    expect(spreadOf([100, 9, 20]).median).toBe(20);
  });

  it('divides round by round, so that what slowed down both arms of a round does not count', () => {
    expect(ratios([10, 2], [5, 1])).toEqual([2, 2]);
  });

  it('takes the value that the share of all does not exceed', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
    expect(percentile(hundred, 0.5)).toBe(50);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile([30, 10, 20], 0.5)).toBe(20);
    expect(percentile([5, 1], 1)).toBe(5);
    expect(percentile([5], 0)).toBe(5);
  });

  it('refuses what is no figure', () => {
    expect(() => spreadOf([])).toThrow(RangeError);
    expect(() => spreadOf([1, Number.NaN])).toThrow(RangeError);
    expect(() => percentile([], 0.5)).toThrow(RangeError);
    expect(() => ratios([1, 2], [1])).toThrow(RangeError);
    expect(() => ratios([1], [0])).toThrow(RangeError);
    expect(() => ratios([1], [Number.NaN])).toThrow(RangeError);
  });
});
