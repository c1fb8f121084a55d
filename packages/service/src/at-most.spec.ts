import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { atMost } from './at-most.js';

describe('atMost', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('ends with the work, as the work does', async () => {
    await atMost(1_000, Promise.resolve(1));
    await atMost(1_000, undefined);
    await expect(atMost(1_000, Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(jest.getTimerCount()).toBe(0);
  });

  it('does not wait longer, whatever becomes of the work', async () => {
    const { promise, reject } = Promise.withResolvers<void>();
    const waited = atMost(1_000, promise);
    await jest.advanceTimersByTimeAsync(1_000);
    await waited;
    reject(new Error('late'));
    await jest.advanceTimersByTimeAsync(1);
  });
});
