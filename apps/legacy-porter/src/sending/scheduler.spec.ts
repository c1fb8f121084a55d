import { BanyanError, systemClock } from '@banyan/core';
import { describe, expect, it } from '@jest/globals';
import type { Work } from '../store/work.js';
import type { TargetResult } from './pace.js';
import { startScheduler } from './scheduler.js';

const OK: TargetResult = { type: 'ok' };

/** A store of work in memory: one line per key, its first piece is free behind the one before it. */
class Lines {
  readonly done: string[] = [];
  private readonly held = new Set<string>();
  constructor(private readonly waiting: { key: string; version: number }[]) {}

  readonly claim = async (limit: number): Promise<readonly Work[]> => {
    const claimed: Work[] = [];
    for (const one of this.waiting) {
      if (claimed.length === limit) break;
      if (this.held.has(one.key)) continue;
      this.held.add(one.key);
      claimed.push({ ...one, consumer: 'c' } as Work);
    }
    return claimed;
  };

  finish({ key, version }: Work): void {
    this.waiting.splice(
      this.waiting.findIndex((one) => one.key === key && one.version === version),
      1,
    );
    this.held.delete(key);
    this.done.push(`${key}${version}`);
  }
}

const work = (keys: string, versions: number) =>
  [...keys].flatMap((key) => Array.from({ length: versions }, (_, index) => ({ key, version: index + 1 })));
const base = { clock: systemClock, mayBegin: () => true, onError: () => {}, pollMs: 5 };

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('the scheduler', () => {
  it('keeps the order of each key and never has more in flight than it may', async () => {
    const lines = new Lines(work('abcdef', 4));
    let inFlight = 0;
    let most = 0;
    const scheduler = startScheduler({
      ...base,
      concurrency: () => 3,
      claim: lines.claim,
      process: async (one) => {
        inFlight += 1;
        most = Math.max(most, inFlight);
        await new Promise((resolve) => setImmediate(resolve));
        inFlight -= 1;
        lines.finish(one);
      },
    });
    await until(() => lines.done.length === 24);
    await scheduler.stop(1_000);
    expect(most).toBe(3);
    for (const key of 'abcdef') {
      expect(lines.done.filter((one) => one.startsWith(key))).toEqual(
        [1, 2, 3, 4].map((version) => `${key}${version}`),
      );
    }
  });

  it('has as many in flight as it may now, more or fewer, without a new start', async () => {
    const lines = new Lines(work('abcdefgh', 1));
    const gates: (() => void)[] = [];
    let may = 2;
    const scheduler = startScheduler({
      ...base,
      concurrency: () => may,
      claim: lines.claim,
      process: async (one) => {
        await new Promise<void>((resolve) => gates.push(resolve));
        lines.finish(one);
      },
    });
    const inFlight = async (count: number) => {
      await until(() => scheduler.inFlight() === count);
      // Some rounds more: it stays so.
      for (let round = 0; round < 20; round += 1) await new Promise((resolve) => setImmediate(resolve));
      expect(scheduler.inFlight()).toBe(count);
    };
    await inFlight(2);
    may = 5;
    scheduler.wake();
    await inFlight(5);
    may = 1;
    for (const open of gates.splice(0)) open();
    await until(() => lines.done.length === 5);
    await inFlight(1);
    may = 8;
    scheduler.wake();
    await inFlight(3);
    for (const open of gates.splice(0)) open();
    await until(() => lines.done.length === 8);
    await scheduler.stop(1_000);
  });

  it('gives a place away when the target has answered, and not more than as many again while results are not written', async () => {
    const lines = new Lines(work('abcdefgh', 1));
    const begun: string[] = [];
    let write: () => void = () => {};
    const written = new Promise<void>((resolve) => {
      write = resolve;
    });
    const scheduler = startScheduler({
      ...base,
      pollMs: 60_000,
      concurrency: () => 2,
      claim: lines.claim,
      process: async (one, answered) => {
        begun.push(one.key);
        await new Promise((resolve) => setImmediate(resolve));
        answered(OK);
        await written;
        lines.finish(one);
      },
    });
    await until(() => begun.length === 4);
    for (let round = 0; round < 20; round += 1) await new Promise((resolve) => setImmediate(resolve));
    expect([begun, scheduler.inFlight(), lines.done]).toEqual([['a', 'b', 'c', 'd'], 0, []]);
    write();
    await until(() => lines.done.length === 8);
    await scheduler.stop(1_000);
  });

  it('begins nothing while the lease is not held', async () => {
    const lines = new Lines(work('a', 1));
    let held = false;
    let asked = 0;
    const scheduler = startScheduler({
      ...base,
      concurrency: () => 3,
      mayBegin: () => {
        asked += 1;
        return held;
      },
      claim: lines.claim,
      process: async (one) => {
        lines.finish(one);
      },
    });
    await until(() => asked > 2);
    expect(lines.done).toEqual([]);
    held = true;
    await until(() => lines.done.length === 1);
    await scheduler.stop(1_000);
  });

  it('goes on after an error in claiming and after one in a send', async () => {
    const lines = new Lines(work('ab', 1));
    const errors: string[] = [];
    let broken = true;
    const scheduler = startScheduler({
      ...base,
      concurrency: () => 1,
      onError: (_, what) => errors.push(what),
      claim: async (limit) => {
        if (broken) {
          broken = false;
          throw new BanyanError('POSTGRES_UNAVAILABLE', 'away', { retryable: true });
        }
        return lines.claim(limit);
      },
      process: async (one) => {
        lines.finish(one);
        if (one.key === 'a') throw new Error('lost');
      },
    });
    await until(() => lines.done.length === 2);
    await scheduler.stop(1_000);
    expect(errors).toEqual(['claiming', 'c a']);
  });

  it('finishes what is in flight before it stops', async () => {
    const lines = new Lines(work('ab', 1));
    let release: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const scheduler = startScheduler({
      ...base,
      concurrency: () => 1,
      claim: lines.claim,
      process: async (one) => {
        await gate;
        lines.finish(one);
      },
    });
    await until(() => scheduler.inFlight() === 1);
    const stopped = scheduler.stop(5_000);
    release();
    await stopped;
    expect(lines.done).toEqual(['a1']);
  });
});
