import { describe, expect, it } from '@jest/globals';
import { sleep, type Timers } from './timers.js';

/** Timers that run by hand. */
function byHand(): Timers & { readonly due: Set<() => void> } {
  const due = new Set<() => void>();
  return {
    due,
    after: (_, work) => {
      due.add(work);
      return () => void due.delete(work);
    },
  };
}

describe('sleep', () => {
  it('ends when its time has come', async () => {
    const timers = byHand();
    const slept = sleep(1_000, timers);
    for (const work of timers.due) work();
    await slept;
  });

  it('ends at once when it is called off, and leaves no timer', async () => {
    const timers = byHand();
    const stopping = new AbortController();
    const slept = sleep(1_000, timers, stopping.signal);
    expect(timers.due.size).toBe(1);
    stopping.abort();
    await slept;
    await sleep(1_000, timers, stopping.signal);
    expect(timers.due.size).toBe(0);
  });
});
