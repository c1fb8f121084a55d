import { describe, expect, it } from '@jest/globals';
import { until } from '../testing/records.js';
import { PartitionQueue, type QueuedRecord } from './partition-queue.js';

/** A queue whose deliveries end when the test says so, and take their batch at once, or when the test calls `takes`. */
function makeQueue(limits = { maxBatchRecords: 3, maxBatchBytes: 100 }, when: 'at once' | 'later' = 'at once') {
  const batches: string[][] = [];
  const ends: (() => void)[] = [];
  const takes: (() => void)[] = [];
  const queue = new PartitionQueue(limits, (take) => {
    takes.push(() => batches.push(take().map(({ key }) => key ?? '')));
    if (when === 'at once') takes.at(-1)?.();
    return new Promise((resolve) => ends.push(resolve));
  });
  const push = (key: string, bytes = 10, queuedAtMs = 0) => queue.push(queued(key, bytes, queuedAtMs));
  return { queue, push, batches, ends, takes };
}

function queued(key: string, bytes: number, queuedAtMs: number): QueuedRecord {
  return { key, value: null, headers: {}, bytes, queuedAtMs, written: () => undefined, refused: () => undefined };
}

describe('PartitionQueue', () => {
  it('has one batch out at a time, and keeps new records behind it', async () => {
    const { push, batches, ends } = makeQueue();
    push('a');
    push('b');
    await until(() => batches.length === 1);
    push('c');
    await new Promise((resolve) => setImmediate(resolve));
    expect(batches).toEqual([['a', 'b']]);
    ends[0]?.();
    await until(() => batches.length === 2);
    expect(batches[1]).toEqual(['c']);
  });

  it('lets what comes until the batch is taken go along, and nothing behind that', async () => {
    const { push, batches, takes, ends } = makeQueue(undefined, 'later');
    push('a');
    await until(() => takes.length === 1);
    push('b');
    takes[0]?.();
    push('c');
    // Another attempt.
    takes[0]?.();
    expect(batches).toEqual([
      ['a', 'b'],
      ['a', 'b'],
    ]);
    ends[0]?.();
    await until(() => takes.length === 2);
    takes[1]?.();
    expect(batches[2]).toEqual(['c']);
  });

  it('has nothing for who takes a batch that is delivered already, or that was given up without being taken', async () => {
    const { queue, push, batches, takes, ends } = makeQueue(undefined, 'later');
    push('a');
    await until(() => takes.length === 1);
    takes[0]?.();
    push('b');
    ends[0]?.();
    await until(() => takes.length === 2);
    // One that was given up on the way, and goes on only now.
    takes[0]?.();
    expect(batches).toEqual([['a'], ['a']]);
    takes[1]?.();
    expect(batches[2]).toEqual(['b']);
    ends[1]?.();
    await new Promise((resolve) => setImmediate(resolve));
    push('c', 10, 7);
    takes[1]?.();
    expect(batches[3]).toEqual(['b']);
    await until(() => takes.length === 3);
    expect(queue.oldestQueuedAtMs()).toBe(7);
    ends[2]?.();
    await until(() => takes.length === 4);
    takes[2]?.();
    takes[3]?.();
    expect(batches.slice(4)).toEqual([[], ['c']]);
  });

  it('bounds a batch by records and by bytes, and lets one large record go alone', async () => {
    const { push, batches, ends } = makeQueue();
    for (const key of ['a', 'b', 'c', 'd']) push(key);
    push('large', 1_000);
    push('e', 60);
    push('f', 60);
    for (let i = 0; i < 5; i++) {
      await until(() => batches.length === i + 1);
      ends[i]?.();
    }
    expect(batches).toEqual([['a', 'b', 'c'], ['d'], ['large'], ['e'], ['f']]);
  });

  it('knows its oldest record, on its way or waiting', async () => {
    const { queue, push, batches, ends } = makeQueue();
    expect(queue.oldestQueuedAtMs()).toBeUndefined();
    push('a', 10, 5);
    await until(() => batches.length === 1);
    push('b', 10, 9);
    expect(queue.oldestQueuedAtMs()).toBe(5);
    ends[0]?.();
    await until(() => batches.length === 2);
    expect(queue.oldestQueuedAtMs()).toBe(9);
  });

  it('gives back what was never sent, and only that', async () => {
    const { queue, push, batches } = makeQueue();
    push('a');
    await until(() => batches.length === 1);
    push('b');
    expect(queue.withdraw().map(({ key }) => key)).toEqual(['b']);
    expect(queue.oldestQueuedAtMs()).toBe(0);
  });
});
