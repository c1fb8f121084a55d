import { Random } from '@banyan/core/testing';
import { describe, expect, it } from '@jest/globals';
import { type Owner, Scheduler } from './scheduler.js';

const owner = (is: Partial<Owner> = {}): Owner => ({ dead: false, frozenUntil: 0, ...is });

describe('a scheduler', () => {
  it('runs tasks in the order of their time, one at a time, with everything done in between that can be', async () => {
    const scheduler = new Scheduler(new Random(1));
    const order: string[] = [];
    scheduler.add(20, () => void order.push('second'));
    scheduler.add(10, () => {
      order.push('first');
      void Promise.resolve()
        .then(() => Promise.resolve())
        .then(() => order.push('what follows from it'));
    });
    expect(await scheduler.run(() => order.length === 3, 100)).toBe(true);
    expect([order, scheduler.nowMs, scheduler.steps]).toEqual([['first', 'what follows from it', 'second'], 20, 2]);
  });

  it('ends when nothing is left to happen, or not in time', async () => {
    const scheduler = new Scheduler(new Random(1));
    expect(await scheduler.run(() => false, 100)).toBe(false);
    scheduler.add(101, () => undefined);
    expect(await scheduler.run(() => false, 100)).toBe(false);
    expect(scheduler.steps).toBe(0);
    expect(await scheduler.run(() => scheduler.steps === 1, 200)).toBe(true);
  });

  it('decides between tasks of one time by the seed', async () => {
    const orderOf = async (seed: number) => {
      const scheduler = new Scheduler(new Random(seed));
      const order: number[] = [];
      for (const each of [1, 2, 3, 4]) scheduler.add(0, () => void order.push(each));
      await scheduler.run(() => false, 1);
      return order.join('');
    };
    const orders = await Promise.all([1, 2, 3, 4, 5, 6].map(orderOf));
    expect(new Set(orders).size).toBeGreaterThan(1);
    expect(await orderOf(3)).toBe(orders[2]);
  });

  it('lets nothing happen to the dead, and to the frozen when they thaw', async () => {
    const scheduler = new Scheduler(new Random(1));
    const happened: string[] = [];
    const frozen = owner({ frozenUntil: 50 });
    scheduler.addFor(owner({ dead: true }), 1, () => void happened.push('dead'));
    scheduler.addFor(frozen, 1, () => void happened.push(`frozen at ${scheduler.nowMs}`));
    scheduler.addFor(undefined, 2, () => void happened.push('nobody’s'));
    const cancelled = scheduler.add(3, () => void happened.push('cancelled'));
    cancelled.cancelled = true;
    await scheduler.run(() => false, 100);
    expect(happened).toEqual(['nobody’s', 'frozen at 50']);
  });

  it('knows whose code runs, and gives that process what it begins', async () => {
    const scheduler = new Scheduler(new Random(1));
    const its = { dead: false, frozenUntil: 0 };
    const seen: unknown[] = [];
    Scheduler.as(its, () => scheduler.add(1, () => seen.push(Scheduler.owner() === its)));
    Scheduler.as(its, () => scheduler.add(2, () => void seen.push('too late')));
    scheduler.add(1.5, () => {
      its.dead = true;
    });
    await scheduler.run(() => false, 10);
    expect(seen).toEqual([true]);
  });
});
