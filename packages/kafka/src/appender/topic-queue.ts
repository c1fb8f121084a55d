import { isBanyanError } from '@banyan/core';
import { backOffMs, pause } from '../back-off.js';
import { notWritten } from '../log-errors.js';
import { partitionFor } from '../partitioner.js';
import { type BatchLimits, PartitionQueue, type QueuedRecord } from './partition-queue.js';

const COUNT_BACK_OFF = { firstMs: 100, maxMs: 3_000 };
/** A broker that is just coming up may not know the topic yet: believe "missing" at the third answer. */
const MISSING_TIMES = 3;

export interface TopicQueueOptions {
  readonly topic: string;
  readonly limits: BatchLimits;
  readonly signal: AbortSignal;
  /** Throws `LOG_TOPIC_MISSING`, or anything else when Kafka does not answer. */
  partitionCount(): Promise<number>;
  /** @param take what is to be sent, chosen at the first call */
  deliver(partition: number, take: () => readonly QueuedRecord[]): Promise<void>;
  onRetry(error: unknown): void;
}

interface Unplaced {
  readonly record: QueuedRecord;
  readonly partition: number | undefined;
}

/** The queues of one topic. Until its partition count is known the records wait here, in order. */
export class TopicQueue {
  readonly topic: string;
  readonly #options: TopicQueueOptions;
  readonly #partitions = new Map<number, PartitionQueue>();
  readonly #unplaced: Unplaced[] = [];
  #count: number | undefined;
  #asking = false;

  constructor(options: TopicQueueOptions) {
    this.topic = options.topic;
    this.#options = options;
  }

  push(record: QueuedRecord, partition: number | undefined): void {
    if (this.#count !== undefined) {
      this.#place(record, partition, this.#count);
      return;
    }
    this.#unplaced.push({ record, partition });
    if (this.#asking) return;
    this.#asking = true;
    void this.#learnCount();
  }

  oldestQueuedAtMs(): number | undefined {
    let oldest = this.#unplaced[0]?.record.queuedAtMs;
    for (const queue of this.#partitions.values()) {
      const its = queue.oldestQueuedAtMs();
      if (its !== undefined && (oldest === undefined || its < oldest)) oldest = its;
    }
    return oldest;
  }

  /** Takes out what was never sent. */
  withdraw(): readonly QueuedRecord[] {
    const unplaced = this.#unplaced.splice(0).map(({ record }) => record);
    return [...this.#partitions.values()].reduce<QueuedRecord[]>(
      (all, queue) => all.concat(queue.withdraw()),
      unplaced,
    );
  }

  /** The partition is chosen once, here; later attempts and a changed topic do not move the record. */
  #place(record: QueuedRecord, wanted: number | undefined, count: number): void {
    const partition = wanted ?? partitionFor(this.topic, record.key, count);
    if (!Number.isInteger(partition) || partition < 0 || partition >= count) {
      record.refused(
        notWritten(
          'no-such-partition',
          this.topic,
          `it has ${count} partitions, partition ${partition} was asked for.`,
        ),
      );
      return;
    }
    let queue = this.#partitions.get(partition);
    if (queue === undefined) {
      queue = new PartitionQueue(this.#options.limits, (take) => this.#options.deliver(partition, take));
      this.#partitions.set(partition, queue);
    }
    queue.push(record);
  }

  async #learnCount(): Promise<void> {
    const { partitionCount, signal, onRetry } = this.#options;
    let missing = 0;
    for (let attempt = 0; !signal.aborted && this.#unplaced.length > 0; attempt++) {
      try {
        const count = await partitionCount();
        this.#count = count;
        for (const { record, partition } of this.#unplaced.splice(0)) this.#place(record, partition, count);
      } catch (error) {
        onRetry(error);
        missing = isBanyanError(error) && error.code === 'LOG_TOPIC_MISSING' ? missing + 1 : 0;
        if (missing >= MISSING_TIMES) this.#refuseMissing(error);
        else await pause(backOffMs(attempt, COUNT_BACK_OFF), signal);
      }
    }
    this.#asking = false;
  }

  #refuseMissing(cause: unknown): void {
    for (const { record } of this.#unplaced.splice(0)) {
      record.refused(
        notWritten(
          'topic-missing',
          this.topic,
          'the topic does not exist; create it and check the topic prefix.',
          cause,
        ),
      );
    }
  }
}
