import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '@banyan/core';
import { Assignment } from '../consumer/assignment.js';
import { type ConsumerState, moveTo } from '../consumer/consumer-state.js';
import { EndsTracker } from '../consumer/ends-tracker.js';
import { inMemory } from '../consumer/fetched-record.js';
import type { ConsumerOptions, PartitionLag, RunningConsumer } from '../event-log.js';
import { topicMissing } from '../log-errors.js';
import { withTimeout } from '../with-timeout.js';
import type { InMemoryTopic } from './in-memory-topic.js';

const FETCH_RECORDS = 500;

export interface InMemoryConsumerOptions extends ConsumerOptions {
  readonly clock: Clock;
  find(): InMemoryTopic | undefined;
  left(consumer: InMemoryConsumer): void;
}

/** A member of a group in memory: the workers, buffers and retries are the real ones, only the fetching is not. */
export class InMemoryConsumer implements RunningConsumer {
  readonly topic: string;
  readonly group: string;
  readonly #options: InMemoryConsumerOptions;
  readonly #assignment: Assignment;
  readonly #ends: EndsTracker;
  /** Next offset to fetch per partition that is not paused. */
  readonly #cursors = new Map<number, bigint>();
  readonly #open = new Set<number>();
  /** What a member does is its own doing, whoever appended the record or left the group. */
  readonly #asItself: (work: () => void) => void = AsyncLocalStorage.snapshot();
  #state: ConsumerState = 'starting';
  #crash: Error | undefined;

  constructor(options: InMemoryConsumerOptions) {
    this.topic = options.topic;
    this.group = options.group;
    this.#options = options;
    this.#ends = new EndsTracker(async () => {
      const topic = options.find();
      if (topic === undefined) throw topicMissing(options.topic);
      return topic.ends();
    });
    this.#assignment = new Assignment({
      ...options,
      ends: this.#ends,
      limits: { maxRecords: 4_000, maxBytes: 4 * 1024 * 1024 },
      backOff: { firstMs: 5, maxMs: 50 },
      feed: {
        seek: (partition, offset) => this.#cursors.set(partition, offset),
        pause: (partition) => this.#open.delete(partition),
        resume: (partition) => {
          this.#open.add(partition);
          this.fetch();
        },
      },
      onHandled: () => undefined,
      onGap: (error) => {
        if (this.#crash !== undefined) return;
        this.#crash = error;
        this.#state = moveTo(this.#state, 'crashed');
        this.#options.left(this);
        void this.#assignment.drain();
        options.onCrash?.(error);
      },
    });
  }

  /** A rebalance has given this member these partitions. */
  join(partitions: readonly number[]): void {
    this.#asItself(() => this.#join(partitions));
  }

  /** Looks for new records, in a turn of its own as a real fetch. */
  fetch(): void {
    this.#asItself(() => this.#fetchSoon());
  }

  #join(partitions: readonly number[]): void {
    if (this.#state === 'stopping' || this.#state === 'stopped' || this.#state === 'crashed') return;
    this.#state = moveTo(moveTo(this.#state, 'rebalancing'), 'running');
    this.#open.clear();
    this.#cursors.clear();
    this.#assignment.assign(partitions);
  }

  state(): ReturnType<RunningConsumer['state']> {
    if (this.#state !== 'running') return this.#state;
    if (!this.#assignment.known()) return 'rebalancing';
    return this.#assignment.stands ? 'paused' : 'running';
  }

  pause(): void {
    this.#assignment.pause();
  }

  resume(): void {
    this.#assignment.resume();
  }

  lag(): readonly PartitionLag[] {
    return this.#assignment.lag();
  }

  sinceFetchTriedMs(): number {
    return 0;
  }

  lastError(): Error | undefined {
    return this.#crash ?? this.#assignment.lastError();
  }

  caughtUp({ timeoutMs }: { timeoutMs: number }): Promise<void> {
    return this.#assignment.caughtUp(timeoutMs);
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#state = moveTo(this.#state, 'stopping');
    await withTimeout(this.#assignment.drain(), timeoutMs).catch(() => undefined);
    this.#state = moveTo(this.#state, 'stopped');
    this.#options.left(this);
  }

  #fetchSoon(): void {
    setImmediate(() => {
      const topic = this.#options.find();
      if (topic === undefined) return;
      for (const { partition, high } of topic.ends()) this.#ends.raise(partition, high);
      for (const partition of [...this.#open]) this.#fetchPartition(topic, partition);
    });
  }

  #fetchPartition(topic: InMemoryTopic, partition: number): void {
    const records = topic.records(partition);
    for (let cursor = this.#cursors.get(partition); cursor !== undefined && this.#open.has(partition); ) {
      const from = Number(cursor);
      const fetched = records.slice(from, from + FETCH_RECORDS);
      if (fetched.length === 0 || !this.#assignment.worker(partition)?.offer(fetched.map(inMemory))) return;
      cursor += BigInt(fetched.length);
      this.#cursors.set(partition, cursor);
    }
  }
}
