import { BanyanError, sleep, systemClock } from '@banyan/core';
import { VirtualTime } from '@banyan/core/testing';
import { describe, expect, it } from '@jest/globals';
import type { Work } from '../store/work.js';
import type { Answer } from './latency-limit.js';
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

  /** It is to be sent again. */
  free({ key }: Work): void {
    this.held.delete(key);
  }

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
const base = { target: 'legacy', clock: systemClock, mayBegin: () => true, onError: () => {}, pollMs: 5 };

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
      process: async (one, { enter }) => {
        await enter();
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
      process: async (one, { enter }) => {
        await enter();
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
    // No round but one that an answer asks for comes in time.
    const time = new VirtualTime();
    const scheduler = startScheduler({
      ...base,
      clock: time,
      timers: time,
      pollMs: 60_000,
      concurrency: () => 2,
      claim: lines.claim,
      process: async (one, { enter, answered }) => {
        await enter();
        begun.push(one.key);
        await new Promise((resolve) => setImmediate(resolve));
        answered(OK);
        await written;
        lines.finish(one);
      },
    });
    await time.until(() => begun.length === 4, 1_000);
    await time.pass(1_000);
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
      process: async (one, { enter }) => {
        await enter();
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

/** A target and its sender in virtual time: what it does with a call, and how long it takes for it with so many under way. */
function driving(
  time: VirtualTime,
  work: { key: string; version: number }[],
  {
    target = 'legacy',
    concurrency = 20,
    objectiveMs,
    claimMs = 0,
    readyMs = 0,
    settleMs = 0,
    call,
  }: {
    target?: string;
    concurrency?: number;
    objectiveMs?: number;
    /** What the store needs for a claim, for what is read and journalled before a call, and for a result. */
    claimMs?: number;
    readyMs?: number;
    settleMs?: number;
    call: (underWay: number) => { tookMs: number; result: TargetResult };
  },
) {
  const lines = new Lines(work);
  const answers: Answer[] = [];
  const slowed: string[] = [];
  const begunAtMs: number[] = [];
  let underWay = 0;
  let dismissed = 0;
  const scheduler = startScheduler({
    ...base,
    clock: time,
    timers: time,
    target,
    concurrency: () => concurrency,
    objectiveMs,
    answers: () => answers.splice(0),
    onSlow: (slow) => slowed.push(slow?.reason ?? 'full'),
    claim: async (limit) => {
      const claimed = await lines.claim(limit);
      await sleep(claimMs, time);
      return claimed;
    },
    process: async (one, { enter, answered }) => {
      await sleep(readyMs, time);
      if ((await enter()) === 'dismissed') {
        dismissed += 1;
        answered({ type: 'none' });
        lines.free(one);
        return;
      }
      underWay += 1;
      const begunMs = time.monotonic();
      begunAtMs.push(begunMs);
      const { tookMs, result } = call(underWay);
      await sleep(tookMs, time);
      underWay -= 1;
      if (result.type === 'ok') answers.push({ begunMs, tookMs });
      answered(result);
      await sleep(settleMs, time);
      if (result.type === 'ok') lines.finish(one);
      else lines.free(one);
    },
  });
  return { scheduler, lines, slowed, begunAtMs, underWay: () => underWay, dismissed: () => dismissed };
}

const inOrder = (done: readonly string[]) => {
  for (const key of new Set(done.map(([key]) => key))) {
    const versions = done.filter((one) => one.startsWith(key ?? '')).map((one) => Number(one.slice(1)));
    expect(versions).toEqual(versions.map((_, index) => index + 1));
  }
};
const KEYS = 'abcdefghijklmnopqrstuvwxyz';
const MANY_KEYS = String.fromCodePoint(...Array.from({ length: 100 }, (_, index) => 0x4e00 + index));

describe('the scheduler of a target that answers', () => {
  it('has the next ones ready when a place becomes free: what is read and journalled before takes no place', async () => {
    const time = new VirtualTime();
    const { scheduler, lines, underWay } = driving(time, work(MANY_KEYS, 10), {
      readyMs: 20,
      call: () => ({ tookMs: 50, result: OK }),
    });
    let most = 0;
    await time.until(() => {
      most = Math.max(most, underWay());
      return lines.done.length === 1_000;
    });
    expect(most).toBe(20);
    // 1,000 calls of 50 ms, 20 at a time, take 2.5 s; were they made ready in their places, 3.5 s.
    expect(time.monotonic()).toBeLessThan(3_000);
    inOrder(lines.done);
    void scheduler.stop(0);
  });
});

describe('the scheduler of a target in trouble', () => {
  it.each([
    [0, KEYS],
    [200, MANY_KEYS],
  ])(
    'drives one that answers too late as hard as it answers in time, in order per key, and says so; the store takes %d ms',
    async (settleMs, keys) => {
      const time = new VirtualTime();
      // 10 ms of work for each call, one at a time: with 20 under way the last of them takes 200 ms.
      const { scheduler, lines, slowed } = driving(time, work(keys, 200), {
        objectiveMs: 100,
        settleMs,
        call: (underWay) => ({ tookMs: underWay * 10, result: OK }),
      });
      await time.until(() => lines.done.length > 1_500);
      expect(scheduler.drive()).toMatchObject({ max: 20, objectiveMs: 100, slow: { reason: 'latency' } });
      expect(scheduler.drive().limit).toBeGreaterThanOrEqual(6);
      expect(scheduler.drive().limit).toBeLessThanOrEqual(12);
      expect(slowed[0]).toBe('latency');
      inOrder(lines.done);
      void scheduler.stop(0);
    },
  );

  it('leaves one that fails alone, tries it with one call at a time, and goes on when it answers', async () => {
    const time = new VirtualTime();
    let works = false;
    const { scheduler, lines, slowed, begunAtMs, underWay } = driving(time, work(KEYS, 4), {
      call: () => ({ tookMs: 1, result: works ? OK : { type: 'failed', reason: 'HTTP 503' } }),
    });
    // What had begun before it opened comes back.
    await time.until(() => scheduler.drive().slow?.reason === 'breaker-open' && underWay() === 0);
    const before = begunAtMs.length;
    let most = 0;
    const until = time.monotonic() + 20_000;
    await time.until(() => {
      most = Math.max(most, underWay());
      return time.monotonic() >= until;
    });
    expect(most).toBe(1);
    // 200 ms, 400, 800, 1.6 s, 3.2 s, and every 5 s from then on; 20 s hold eight tries, and not thousands.
    expect(begunAtMs.length - before).toBeLessThanOrEqual(9);
    expect(begunAtMs.length - before).toBeGreaterThanOrEqual(6);
    works = true;
    await time.until(() => lines.done.length === 104);
    inOrder(lines.done);
    expect(scheduler.drive().slow).toBeUndefined();
    expect(slowed).toEqual(['failures', 'breaker-open', 'failures', 'full']);
    void scheduler.stop(0);
  });

  it('hears of an answer when it comes, not when the store has it: tried, and used again, while results are written', async () => {
    const time = new VirtualTime();
    let works = false;
    const { scheduler, lines, begunAtMs } = driving(time, work(KEYS, 2), {
      claimMs: 1,
      settleMs: 10_000,
      call: () => ({ tookMs: 1, result: works ? OK : { type: 'failed', reason: 'HTTP 503' } }),
    });
    await time.until(() => scheduler.drive().slow?.reason === 'breaker-open' && scheduler.inFlight() === 0);
    const before = begunAtMs.length;
    works = true;
    await time.until(() => scheduler.drive().slow?.reason !== 'breaker-open');
    expect([begunAtMs.length - before, lines.done]).toEqual([1, []]);
    expect(time.monotonic()).toBeLessThan(300);
    // Two more at once, of the keys that nothing was sent of yet.
    await time.pass(5);
    expect(begunAtMs.length - before).toBeGreaterThan(2);
    await time.until(() => lines.done.length === 52);
    inOrder(lines.done);
    void scheduler.stop(0);
  });

  it('sends nothing of what was being claimed when the breaker opened, and takes none of it for a trial', async () => {
    const time = new VirtualTime();
    const waiting = work('abcde', 1);
    const { scheduler, begunAtMs, dismissed } = driving(time, waiting, {
      claimMs: 50,
      call: () => ({ tookMs: 30, result: { type: 'failed', reason: 'HTTP 503' } }),
    });
    await time.until(() => begunAtMs.length === 5);
    waiting.push(...work('fghijklmnopqrst', 1));
    await time.until(() => dismissed() === 15);
    expect(scheduler.drive()).toMatchObject({ limit: 0, inFlight: 0, slow: { reason: 'breaker-open' } });
    // 200 ms after the five; were one of those fifteen a trial that failed, it would be left alone for longer.
    await time.until(() => begunAtMs.length === 6, 500);
    expect(scheduler.inFlight()).toBe(1);
    void scheduler.stop(0);
  });

  it('leaves one alone for as long as it asks', async () => {
    const time = new VirtualTime();
    let asks = true;
    const { scheduler, lines, begunAtMs } = driving(time, work(KEYS, 1), {
      call: () => {
        const result: TargetResult = asks ? { type: 'failed', reason: 'HTTP 429', retryAfterMs: 20_000 } : OK;
        asks = false;
        return { tookMs: 1, result };
      },
    });
    await time.until(() => lines.done.length === 26);
    // What had begun beside it was under way already.
    expect(begunAtMs.filter((at) => at > 0 && at < 20_001)).toEqual([]);
    inOrder(lines.done);
    void scheduler.stop(0);
  });

  it('holds up no other target', async () => {
    const time = new VirtualTime();
    const away = driving(time, work(KEYS, 3), {
      target: 'billing',
      call: () => ({ tookMs: 50, result: { type: 'failed', reason: 'HTTP 503', retryAfterMs: 3_600_000 } }),
    });
    const well = driving(time, work(KEYS, 3), { call: () => ({ tookMs: 50, result: OK }) });
    await time.until(() => well.lines.done.length === 78, 1_000);
    expect([away.lines.done.length, away.scheduler.drive().limit]).toEqual([0, 0]);
    expect(well.scheduler.drive()).toMatchObject({ limit: 20, slow: undefined });
    void away.scheduler.stop(0);
    void well.scheduler.stop(0);
  });
});
