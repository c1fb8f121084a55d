import { BanyanError } from '@banyan/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fetched, until } from '../testing/records.js';
import { range, WorkerBench } from '../testing/worker-bench.js';
import { inMemory } from './fetched-record.js';

describe('PartitionWorker', () => {
  it('opens its feed at the position of the store, and takes nothing before', async () => {
    const bench = new WorkerBench();
    bench.store.positions.set(0, 4n);
    expect(bench.offer(4, 1)).toBe(false);
    await until(() => bench.open);
    expect(bench.seeks).toEqual([4n]);
    expect(bench.offer(4, 2)).toBe(true);
    await until(() => bench.worker.position === 6n);
    expect(bench.offsets()).toEqual([4, 5]);
  });

  it('leaves out what a fetch brings again', async () => {
    const bench = new WorkerBench();
    await until(() => bench.open);
    bench.offer(0, 5);
    expect(bench.offer(3, 5)).toBe(true);
    await until(() => bench.worker.position === 8n);
    expect(bench.offsets()).toEqual(range(0, 8));
  });

  it('asks again for a fetch that begins elsewhere, and gives up when the records stay away', async () => {
    const bench = new WorkerBench();
    await until(() => bench.open);
    expect(bench.offer(2, 5)).toBe(false);
    expect(bench.offer(2, 5)).toBe(false);
    expect(bench.seeks).toEqual([0n, 0n, 0n]);
    expect(bench.gaps).toEqual([]);
    expect(bench.offer(2, 5)).toBe(false);
    expect(bench.gaps).toMatchObject([{ code: 'LOG_OFFSET_GAP', data: { expected: '0', found: '2' } }]);
    expect(bench.offsets()).toEqual([]);
  });

  it('gives up on a hole inside a fetch', async () => {
    const bench = new WorkerBench();
    await until(() => bench.open);
    expect(
      bench.worker.offer(
        fetched('t', 0, 0, 3)
          .filter(({ offset }) => offset !== 1n)
          .map(inMemory),
      ),
    ).toBe(false);
    expect(bench.gaps).toMatchObject([{ code: 'LOG_OFFSET_GAP' }]);
  });

  it('closes its feed when the buffer is full, and opens it below half', async () => {
    const bench = new WorkerBench({ limits: { maxRecords: 40, maxBytes: 1_000_000 } });
    const openAt: boolean[] = [];
    bench.store.before = () => void openAt.push(bench.open);
    await until(() => bench.open);
    bench.offer(0, 39);
    expect(bench.open).toBe(true);
    bench.offer(39, 1);
    expect(bench.open).toBe(false);
    await until(() => bench.worker.position === 40n);
    expect(openAt).toEqual([false, false, false, true]);
  });

  it('counts bytes as well as records', async () => {
    const bench = new WorkerBench({ limits: { maxRecords: 1_000, maxBytes: 1_000 } });
    bench.store.before = () => new Promise(() => undefined);
    await until(() => bench.open);
    bench.offer(0, 5);
    expect(bench.open).toBe(false);
  });

  it('hands over less of the same records again after each failure, although more was fetched since', async () => {
    const bench = new WorkerBench();
    let failures = 3;
    bench.store.before = () => {
      if (failures-- > 0) {
        bench.offer(8, 3);
        throw new Error('away');
      }
    };
    await until(() => bench.open);
    bench.offer(0, 8);
    await until(() => bench.offsets().length === 11);
    expect(bench.sizes()).toEqual([8, 4, 2, 1, 2, 4, 4]);
    expect(bench.offsets()).toEqual(range(0, 11));
  });

  it('hands over less when handling takes long for its size, and more again when it is quick', async () => {
    const bench = new WorkerBench({
      slices: { maxRecords: 800, slowMs: 500 },
      limits: { maxRecords: 10_000, maxBytes: 10_000_000 },
    });
    const tooks = [600, 300, 10];
    bench.store.before = () => {
      bench.nowMs += tooks.shift() ?? 0;
    };
    await until(() => bench.open);
    bench.offer(0, 1_500);
    await until(() => bench.offsets().length === 1_500);
    // 300 of 500 ms are neither slow nor quick.
    expect(bench.sizes()).toEqual([250, 125, 125, 500, 500]);
  });

  it('takes a position that another has moved for no sign of a slow store', async () => {
    const bench = new WorkerBench();
    bench.store.before = () => {
      bench.store.before = () => undefined;
      bench.store.positions.set(0, 10n);
    };
    await until(() => bench.open);
    bench.offer(0, 20);
    await until(() => bench.seeks.length === 2);
    await until(() => bench.open);
    bench.offer(10, 10);
    await until(() => bench.offsets().length === 10);
    expect(bench.sizes()).toEqual([10, 10]);
  });

  it('waits for a position that cannot be read, and tells why for as long', async () => {
    let away = true;
    const bench = new WorkerBench({
      checkPosition: async () => {
        if (away) throw new Error('Kafka is away');
      },
    });
    await until(() => bench.worker.error?.message === 'Kafka is away');
    away = false;
    await until(() => bench.open);
    expect(bench.worker.error).toBeUndefined();
  });

  it('takes a fetch that brought nothing for no sign of a gap', async () => {
    const bench = new WorkerBench();
    await until(() => bench.open);
    for (let times = 0; times < 10; times += 1) expect(bench.offer(0, 0)).toBe(true);
    bench.offer(0, 3);
    await until(() => bench.offsets().length === 3);
    expect(bench.gaps).toEqual([]);
  });

  it('lets the slice under way end before its successor begins', async () => {
    const bench = new WorkerBench();
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    bench.store.before = () => mayEnd;
    await until(() => bench.open);
    bench.offer(0, 20);
    await until(() => bench.store.slices.length === 1);
    const first = bench.worker;
    const next = bench.successor(first.stop());
    expect(first.offer([])).toBe(false);
    await new Promise((resolve) => setImmediate(resolve));
    expect(next.position).toBeUndefined();
    end();
    await until(() => next.position === 10n);
    expect(bench.seeks).toEqual([0n, 10n]);
    expect(bench.offsets()).toEqual(range(0, 10));
  });

  it('gives every record its effect once, in order, whatever fails and whoever else moves the position', async () => {
    const fault = fc.constantFrom('none', 'none', 'before', 'after', 'moved');
    await fc.assert(
      fc.asyncProperty(fc.array(fault, { maxLength: 30 }), fc.array(fc.nat(12), { maxLength: 60 }), playFaults),
      { numRuns: 200 },
    );
  });
});

/** Fetches begin where they like, handling fails as it likes; in the end all 40 records took effect once. */
async function playFaults(faults: readonly string[], jumps: readonly number[]): Promise<void> {
  const size = 40;
  const bench = new WorkerBench({
    slices: { maxRecords: 7, slowMs: 500 },
    limits: { maxRecords: 15, maxBytes: 1_000_000 },
  });
  const { store } = bench;
  const left = [...faults];
  const applied: number[] = [];
  store.handle = async ({ records }) => {
    const fault = left.pop() ?? 'none';
    if (fault === 'before') throw new Error('away');
    const expected = store.positions.get(0) ?? 0n;
    // Another member does the work of this slice, or the commit arrives and its answer does not.
    const theirs = fault === 'moved' ? range(Number(expected), Math.min(Number(expected) + 3, size)) : [];
    applied.push(...theirs);
    store.positions.set(0, expected + BigInt(theirs.length));
    const at = store.positions.get(0) ?? 0n;
    if (records[0]?.offset !== at) throw new BanyanError('POSITION_TAKEN', 'moved');
    applied.push(...records.map(({ offset }) => Number(offset)));
    store.positions.set(0, at + BigInt(records.length));
    if (fault === 'after') throw new Error('the answer was lost');
  };
  const turns = [...jumps];
  let asked = 0;
  while (store.positions.get(0) !== BigInt(size) && bench.gaps.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (!bench.open) continue;
    const seek = bench.seeks.at(-1) ?? 0n;
    // At the end of the log there is nothing to fetch until the worker seeks back.
    if (bench.seeks.length !== asked && seek >= BigInt(size)) continue;
    if (bench.seeks.length !== asked) {
      asked = bench.seeks.length;
      bench.offer(Number(seek), Math.min(8, size - Number(seek)));
    } else {
      const jump = turns.pop();
      const from = Math.max(0, Number(store.positions.get(0) ?? 0n) - (jump ?? 0));
      bench.offer(from, Math.min(8, size - from));
    }
  }
  await bench.worker.stop();
  expect(bench.gaps).toEqual([]);
  expect(applied).toEqual(range(0, size));
}
