import { describe, expect, it } from '@jest/globals';
import { backOffMs, pause } from './back-off.js';

describe('backOffMs', () => {
  const backOff = { firstMs: 100, maxMs: 1_000 };

  it('doubles each time, up to its bound, however often it is asked', () => {
    expect([0, 1, 2, 3, 4, 5_000].map((attempt) => backOffMs(attempt, backOff, () => 0.5))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
  });

  it('spreads those who failed together by a quarter to either side', () => {
    expect(backOffMs(0, backOff, () => 0)).toBe(75);
    expect(backOffMs(0, backOff, () => 1)).toBe(125);
  });
});

describe('pause', () => {
  it('ends early, without an error, when it is aborted', async () => {
    const ended = new AbortController();
    const paused = pause(60_000, ended.signal);
    ended.abort();
    await expect(paused).resolves.toBeUndefined();
    await expect(pause(60_000, ended.signal)).resolves.toBeUndefined();
  });
});
