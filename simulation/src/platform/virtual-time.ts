import { createRequire, syncBuiltinESMExports } from 'node:module';
import type { Random } from '@banyan/core/testing';
import { Scheduler, type Task } from './scheduler.js';

/** Where virtual time 0 lies on the wall clock: 2026-01-01T00:00:00Z. */
const BEGINNING_MS = Date.UTC(2026, 0, 1);

/** A turn of the event loop takes some time, and not always the same: of two processes either may be first. Mean, milliseconds. */
const TURN_MS = 0.2;

const require = createRequire(import.meta.url);
const timers = require('node:timers/promises') as { setTimeout: unknown; setImmediate: unknown };
const real = {
  setTimeout,
  clearTimeout,
  setInterval,
  clearInterval,
  setImmediate,
  clearImmediate,
  Date,
  random: Math.random,
  performanceNow: performance.now,
  abortAfter: AbortSignal.timeout,
  sleep: timers.setTimeout,
  yield: timers.setImmediate,
};

let scheduler: Scheduler | undefined;

/**
 * Puts the clock of a simulated world in the place of the machine's: timers, dates and random numbers of everything that runs in this
 * process, so that the code under test is the one that runs in production, to the line. Ended by `realTime`.
 */
export function virtualTime(world: Scheduler, random: Random): void {
  scheduler = world;
  const nowMs = () => BEGINNING_MS + Math.floor(world.nowMs);
  Object.assign(globalThis, {
    setTimeout: (run: (...args: unknown[]) => void, ms = 0, ...args: unknown[]) => after(ms, () => run(...args)),
    clearTimeout: cancel,
    setImmediate: (run: (...args: unknown[]) => void, ...args: unknown[]) =>
      world.add(random.around(TURN_MS), () => run(...args)),
    clearImmediate: cancel,
    setInterval: (run: (...args: unknown[]) => void, ms = 1, ...args: unknown[]) => every(ms, () => run(...args)),
    clearInterval: cancel,
    Date: class extends real.Date {
      constructor(...args: unknown[]) {
        super(...((args.length === 0 ? [nowMs()] : args) as [number]));
      }
      static override now = nowMs;
    },
  });
  Math.random = () => random.next();
  performance.now = () => world.nowMs;
  AbortSignal.timeout = (ms) => {
    const abort = new AbortController();
    after(ms, () => abort.abort(new DOMException('the time is over', 'TimeoutError')));
    return abort.signal;
  };
  timers.setTimeout = sleep;
  timers.setImmediate = (value: unknown, options?: { signal?: AbortSignal }) => sleep(0, value, options);
  syncBuiltinESMExports();
}

export function realTime(): void {
  scheduler = undefined;
  const { random, performanceNow, abortAfter, sleep: realSleep, yield: realYield, ...globals } = real;
  Object.assign(globalThis, globals);
  Math.random = random;
  performance.now = performanceNow;
  AbortSignal.timeout = abortAfter;
  timers.setTimeout = realSleep;
  timers.setImmediate = realYield;
  syncBuiltinESMExports();
}

/** What `setTimeout` answers, as far as anybody uses it. */
class Timer {
  task: Task | undefined;
  cancelled = false;

  ref(): this {
    return this;
  }

  unref(): this {
    return this;
  }

  [Symbol.dispose](): void {
    cancel(this);
  }
}

function after(ms: number, run: () => void): Timer {
  const timer = new Timer();
  // As Node: no timer is shorter than a millisecond.
  timer.task = world().add(Math.max(1, ms), run);
  return timer;
}

function every(ms: number, run: () => void): Timer {
  const timer = new Timer();
  const again = (): void => {
    timer.task = world().add(Math.max(1, ms), () => {
      run();
      if (!timer.cancelled) again();
    });
  };
  again();
  return timer;
}

function cancel(timer: Timer | undefined): void {
  if (!(timer instanceof Timer)) return;
  timer.cancelled = true;
  if (timer.task !== undefined) timer.task.cancelled = true;
}

function sleep<T>(ms = 0, value?: T, { signal }: { signal?: AbortSignal } = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const aborted = (): void => {
      cancel(timer);
      reject(Object.assign(new Error('The operation was aborted'), { name: 'AbortError', code: 'ABORT_ERR' }));
    };
    const timer = after(ms, () => {
      signal?.removeEventListener('abort', aborted);
      resolve(value as T);
    });
    if (signal?.aborted === true) aborted();
    else signal?.addEventListener('abort', aborted, { once: true });
  });
}

function world(): Scheduler {
  if (scheduler === undefined) throw new Error('there is no simulated world: its time is over');
  return scheduler;
}
