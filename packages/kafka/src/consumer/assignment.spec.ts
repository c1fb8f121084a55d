import { describe, expect, it } from '@jest/globals';
import { GuardedStore } from '../testing/guarded-store.js';
import { fetched, until } from '../testing/records.js';
import { Assignment } from './assignment.js';
import { EndsTracker } from './ends-tracker.js';
import { inMemory } from './fetched-record.js';

/** An assignment over a log whose ends the test sets. */
function makeBench(high = 10n) {
  const store = new GuardedStore();
  const bench = {
    high,
    low: 0n,
    nowMs: 0,
    gaps: [] as Error[],
    handled: [] as bigint[],
    open: new Set<number>(),
    store,
  };
  const assignment = new Assignment({
    topic: 't',
    group: 'g',
    handler: store,
    maxSliceRecords: 5,
    feed: {
      pause: (partition) => bench.open.delete(partition),
      resume: (partition) => bench.open.add(partition),
      seek: () => undefined,
    },
    ends: new EndsTracker(async () => [0, 1].map((partition) => ({ partition, low: bench.low, high: bench.high }))),
    limits: { maxRecords: 100, maxBytes: 1_000_000 },
    backOff: { firstMs: 1, maxMs: 5 },
    clock: { now: () => bench.nowMs, monotonic: () => bench.nowMs },
    onHandled: (_partition, position) => bench.handled.push(position),
    onGap: (error) => bench.gaps.push(error),
  });
  return { bench, assignment };
}

describe('Assignment', () => {
  it('never handles a partition twice at once, also when it is given back in the middle of a slice', async () => {
    const { bench, assignment } = makeBench();
    let atOnce = 0;
    let most = 0;
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    bench.store.before = async () => {
      most = Math.max(most, ++atOnce);
      await mayEnd;
      atOnce -= 1;
    };
    assignment.assign([0]);
    await until(() => bench.open.has(0));
    assignment.worker(0)?.offer(fetched('t', 0, 0, 5).map(inMemory));
    await until(() => bench.store.slices.length === 1);
    bench.open.clear();
    assignment.assign([0]);
    await Promise.race([until(() => bench.open.has(0)), new Promise((resolve) => setTimeout(resolve, 50))]);
    expect(bench.open.has(0)).toBe(false);
    end();
    await until(() => bench.open.has(0));
    assignment.worker(0)?.offer(fetched('t', 0, 5, 5).map(inMemory));
    await until(() => assignment.positions().get(0) === 10n);
    expect(most).toBe(1);
    expect(bench.store.slices).toHaveLength(2);
  });

  it('has nothing more to say about the offsets of a partition it has let go', async () => {
    const { bench, assignment } = makeBench();
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    bench.store.before = () => mayEnd;
    assignment.assign([0]);
    await until(() => bench.open.has(0));
    assignment.worker(0)?.offer(fetched('t', 0, 0, 5).map(inMemory));
    await until(() => bench.store.slices.length === 1);
    bench.handled = [];
    assignment.assign([]);
    end();
    await assignment.drain();
    expect(bench.store.effects).toHaveLength(5);
    expect(bench.handled).toEqual([]);
  });

  it('drains with the position that the slice under way has brought', async () => {
    const { bench, assignment } = makeBench();
    assignment.assign([0, 1]);
    await until(() => bench.open.size === 2);
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    bench.store.before = () => mayEnd;
    assignment.worker(0)?.offer(fetched('t', 0, 0, 10).map(inMemory));
    await until(() => bench.store.slices.length === 1);
    const drained = assignment.drain();
    end();
    expect(await drained).toEqual(
      new Map([
        [0, 5n],
        [1, 0n],
      ]),
    );
    expect(bench.store.slices).toHaveLength(1);
  });

  it('gives up on a log that stays shorter than the store says, not on one glimpse of it', async () => {
    const { bench, assignment } = makeBench();
    bench.store.positions.set(0, 10n);
    assignment.assign([0]);
    await until(() => bench.open.has(0));
    bench.high = 4n;
    await assignment.refreshEnds();
    await assignment.refreshEnds();
    bench.high = 10n;
    await assignment.refreshEnds();
    bench.high = 4n;
    await assignment.refreshEnds();
    await assignment.refreshEnds();
    expect(bench.gaps).toEqual([]);
    await assignment.refreshEnds();
    expect(bench.gaps).toMatchObject([{ code: 'LOG_OFFSET_GAP', data: { position: '10', high: '4' } }]);
  });

  it('refuses a position below the first record that is left', async () => {
    const { bench, assignment } = makeBench();
    bench.low = 3n;
    assignment.assign([0]);
    await until(() => bench.gaps.length === 1);
    expect(bench.gaps).toMatchObject([{ code: 'LOG_OFFSET_GAP', data: { position: '0', low: '3' } }]);
    expect(bench.open.has(0)).toBe(false);
  });

  it('counts from when it noticed for records that it has not fetched', async () => {
    const { bench, assignment } = makeBench();
    assignment.assign([0]);
    await until(() => bench.open.has(0));
    bench.nowMs = 4_000;
    expect(assignment.lag()).toEqual([{ partition: 0, position: 0n, end: 10n, behindMs: 4_000 }]);
    assignment.worker(0)?.offer(fetched('t', 0, 0, 10).map(inMemory));
    await until(() => assignment.positions().get(0) === 10n);
    expect(assignment.lag()).toEqual([{ partition: 0, position: 10n, end: 10n, behindMs: 0 }]);
  });

  it('waits for partitions that others own by what the store says', async () => {
    const { bench, assignment } = makeBench();
    assignment.assign([0]);
    bench.store.positions.set(0, 10n);
    bench.store.positions.set(1, 10n);
    await assignment.caughtUp(1_000);
    bench.store.positions.set(1, 9n);
    const caughtUp = assignment.caughtUp(0);
    await expect(caughtUp).rejects.toMatchObject({ code: 'LOG_NOT_CAUGHT_UP', data: { missing: ['t[1] at 9 of 10'] } });
  });
});
