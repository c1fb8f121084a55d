import type { LogRecord } from '@banyan/contracts';
import { inMemory } from '../consumer/fetched-record.js';
import { PartitionWorker, type WorkerOptions } from '../consumer/partition-worker.js';
import { SliceBudget } from '../consumer/slice-budget.js';
import { GuardedStore } from './guarded-store.js';
import { fetched } from './records.js';

/** A partition worker whose feed is the test. */
export class WorkerBench {
  readonly store = new GuardedStore();
  readonly seeks: bigint[] = [];
  readonly gaps: Error[] = [];
  open = false;
  /** What the worker takes for the time. */
  nowMs = 0;
  worker: PartitionWorker;
  readonly #overrides: Partial<WorkerOptions>;

  constructor(overrides: Partial<WorkerOptions> = {}) {
    this.#overrides = overrides;
    this.worker = this.successor(Promise.resolve());
  }

  successor(after: Promise<void>): PartitionWorker {
    this.worker = new PartitionWorker({
      topic: 't',
      partition: 0,
      handler: this.store,
      feed: {
        pause: () => {
          this.open = false;
        },
        resume: () => {
          this.open = true;
        },
        seek: (_partition, offset) => this.seeks.push(offset),
      },
      limits: { maxRecords: 100, maxBytes: 1_000_000 },
      slices: { maxRecords: 10, slowMs: 500 },
      clock: { monotonic: () => this.nowMs },
      backOff: { firstMs: 1, maxMs: 5 },
      budget: new SliceBudget(100),
      mayBegin: () => true,
      after,
      checkPosition: async () => undefined,
      onProgress: () => undefined,
      onGap: (error) => this.gaps.push(error),
      ...this.#overrides,
    });
    return this.worker;
  }

  offer(from: number, count: number): boolean {
    return this.worker.offer(fetched('t', 0, from, count).map(inMemory));
  }

  /** How many records each call of the handler got. */
  sizes(): number[] {
    return this.store.slices.map(({ records }) => records.length);
  }

  offsets(): number[] {
    return this.store.effects.map(({ offset }: LogRecord) => Number(offset));
  }
}

export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, i) => from + i);
}
