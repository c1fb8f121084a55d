import { describe, expect, it } from '@jest/globals';
import { EndsTracker } from './ends-tracker.js';

/** A log whose answers the test gives. */
function makeTracker() {
  const answers: ((high: bigint) => void)[] = [];
  const tracker = new EndsTracker(
    () => new Promise((resolve) => answers.push((high) => resolve([{ partition: 0, low: 0n, high }]))),
  );
  return { tracker, answers };
}

describe('EndsTracker', () => {
  it('never answers with what was asked before the call', async () => {
    const { tracker, answers } = makeTracker();
    const first = tracker.refresh();
    await Promise.resolve();
    const second = tracker.refresh();
    const third = tracker.refresh();
    answers[0]?.(1n);
    await first;
    expect(tracker.of(0)?.high).toBe(1n);
    await new Promise((resolve) => setImmediate(resolve));
    expect(answers).toHaveLength(2);
    answers[1]?.(5n);
    await Promise.all([second, third]);
    expect(tracker.of(0)?.high).toBe(5n);
  });

  it('is raised by what a fetch has seen, never lowered', async () => {
    const { tracker, answers } = makeTracker();
    tracker.raise(0, 9n);
    expect(tracker.of(0)).toBeUndefined();
    const refreshed = tracker.refresh();
    await new Promise((resolve) => setImmediate(resolve));
    answers[0]?.(5n);
    await refreshed;
    tracker.raise(0, 7n);
    tracker.raise(0, 6n);
    expect(tracker.of(0)?.high).toBe(7n);
  });

  it('asks again after a question that failed', async () => {
    let asked = 0;
    const tracker = new EndsTracker(async () => {
      asked += 1;
      if (asked === 1) throw new Error('away');
      return [{ partition: 0, low: 0n, high: 2n }];
    });
    await expect(tracker.refresh()).rejects.toThrow('away');
    await tracker.refresh();
    expect(tracker.of(0)?.high).toBe(2n);
  });
});
