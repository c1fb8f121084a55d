import { BanyanError, type Clock } from '@banyan/core';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { keepLease } from './lease.js';
import { LEASE_MS } from './lease-time.js';

const holder = { name: 'porter-0', incarnation: 1 };
let monotonic = 0;
const onError = (error: unknown) => {
  throw error;
};
const clock: Clock = { now: () => 0, monotonic: () => monotonic };

beforeEach(() => {
  monotonic = 0;
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

const pass = async (ms: number): Promise<void> => {
  monotonic += ms;
  await jest.advanceTimersByTimeAsync(ms);
};

describe('a lease', () => {
  it('holds while it is renewed', async () => {
    const lease = keepLease({ holder, since: 0, clock, beat: async () => true, onLost: () => {}, onError });
    for (let second = 0; second < 20; second += 1) await pass(1_000);
    expect(lease.holds()).toBe(true);
    lease.stop();
    expect(lease.holds()).toBe(false);
  });

  it('has lapsed at once for a process that comes back from being stopped', () => {
    const lease = keepLease({ holder, since: 0, clock, beat: async () => true, onLost: () => {}, onError });
    monotonic += LEASE_MS;
    expect(lease.holds()).toBe(false);
    lease.stop();
  });

  it('lapses while it cannot be renewed for another reason, which is told, and comes back', async () => {
    let broken = true;
    const beat = async () => {
      if (broken) throw new Error('permission denied');
      return true;
    };
    const told: unknown[] = [];
    const lease = keepLease({ holder, since: 0, clock, beat, onLost: () => {}, onError: (error) => told.push(error) });
    for (let second = 0; second < 6; second += 1) await pass(1_000);
    expect([lease.holds(), lease.lost(), told.length]).toEqual([false, false, 6]);
    broken = false;
    await pass(1_000);
    expect(lease.holds()).toBe(true);
    lease.stop();
  });

  it('lapses while the database is away and comes back with it', async () => {
    let away = true;
    const beat = async () => {
      if (away) throw new BanyanError('POSTGRES_UNAVAILABLE', 'away', { retryable: true });
      return true;
    };
    const lease = keepLease({ holder, since: 0, clock, beat, onLost: () => {}, onError });
    for (let second = 0; second < 6; second += 1) await pass(1_000);
    expect([lease.holds(), lease.lost()]).toEqual([false, false]);
    away = false;
    await pass(1_000);
    expect(lease.holds()).toBe(true);
    lease.stop();
  });

  it('counts a renewal from before it was asked for', async () => {
    const beat = async () => {
      monotonic += LEASE_MS;
      return true;
    };
    const lease = keepLease({ holder, since: 0, clock, beat, onLost: () => {}, onError });
    await pass(1_000);
    expect(lease.holds()).toBe(false);
    lease.stop();
  });

  it('is lost for good when a later incarnation has come up', async () => {
    const onLost = jest.fn();
    const lease = keepLease({ holder, since: 0, clock, beat: async () => false, onLost, onError });
    await pass(1_000);
    await pass(1_000);
    expect([lease.holds(), lease.lost()]).toEqual([false, true]);
    expect(onLost).toHaveBeenCalledTimes(1);
  });
});
