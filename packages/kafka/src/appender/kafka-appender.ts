import { setMaxListeners } from 'node:events';
import type { NewRecord } from '@banyan/contracts';
import type { Clock } from '@banyan/core';
import { pause } from '../back-off.js';
import type { Appender, Position } from '../event-log.js';
import type { OwnCluster } from '../kafkajs/cluster.js';
import { notWritten, unknownFate } from '../log-errors.js';
import { partitionFor } from '../partitioner.js';
import { recordBytes } from '../record-batch/record-bytes.js';
import type { PartitionCounts } from '../topics/partition-counts.js';
import { deliver } from './delivery.js';
import type { QueuedRecord } from './partition-queue.js';
import { ProducerHolder } from './producer-holder.js';
import type { AppenderSettings } from './settings.js';
import { TopicQueue } from './topic-queue.js';

export type AppenderState =
  | { readonly state: 'connected' }
  | { readonly state: 'disconnected'; readonly error: unknown }
  | { readonly state: 'retrying'; readonly error: unknown; readonly topic: string; readonly partition?: number };

export interface KafkaAppenderOptions {
  /** A cluster that nobody else uses, not connected yet. */
  newCluster(): OwnCluster;
  readonly counts: PartitionCounts;
  readonly settings: AppenderSettings;
  readonly clock: Clock;
  onState(state: AppenderState): void;
}

/** Appends by rules that each stand where they are kept: partition-queue.ts, delivery.ts, idempotent-producer.ts, patches.ts. */
export class KafkaAppender implements Appender {
  readonly #options: KafkaAppenderOptions;
  readonly #producers: ProducerHolder;
  readonly #givingUp = new AbortController();
  readonly #topics = new Map<string, TopicQueue>();
  #queuedRecords = 0;
  #queuedBytes = 0;
  #closed: Promise<{ unknown: number }> | undefined;

  constructor(options: KafkaAppenderOptions) {
    this.#options = options;
    setMaxListeners(0, this.#givingUp.signal);
    this.#producers = new ProducerHolder(options.newCluster, {
      connected: () => options.onState({ state: 'connected' }),
      disconnected: (error) => options.onState({ state: 'disconnected', error }),
    });
  }

  append(record: NewRecord, { deadlineMs }: { deadlineMs?: number } = {}): Promise<Position> {
    const { settings } = this.#options;
    const { topic } = record;
    const bytes = recordBytes(record);
    if (this.#closed)
      return Promise.reject(notWritten('stopping', topic, 'this process is shutting down; append it again elsewhere.'));
    if (bytes > settings.maxRecordBytes) {
      return Promise.reject(
        notWritten(
          'too-large',
          topic,
          `it has ${bytes} bytes, ${settings.maxRecordBytes} are allowed; make it smaller.`,
        ),
      );
    }
    if (this.#queuedRecords >= settings.maxQueuedRecords || this.#queuedBytes + bytes > settings.maxQueuedBytes) {
      const held = `${this.#queuedRecords} records with ${this.#queuedBytes} bytes wait for Kafka already`;
      return Promise.reject(notWritten('queue-full', topic, `${held}; append it again later.`));
    }
    return this.#enqueue(record, bytes, deadlineMs ?? settings.deadlineMs);
  }

  #enqueue(record: NewRecord, bytes: number, deadlineMs: number): Promise<Position> {
    const { promise, resolve, reject } = Promise.withResolvers<Position>();
    this.#queuedRecords += 1;
    this.#queuedBytes += bytes;
    // The record keeps its place: it may have been sent already, and what follows must stay behind it.
    const late = () => reject(unknownFate(record.topic, `no answer within ${deadlineMs} ms`));
    const deadline = Number.isFinite(deadlineMs) ? setTimeout(late, deadlineMs) : undefined;
    let settled = false;
    const settle = (tell: () => void) => {
      if (settled) return;
      settled = true;
      clearTimeout(deadline);
      this.#queuedRecords -= 1;
      this.#queuedBytes -= bytes;
      tell();
    };
    const queued: QueuedRecord = {
      key: record.key,
      // Copied: the caller may use its buffer again, and every attempt must carry the same bytes.
      value: record.value === null ? null : Buffer.from(record.value),
      headers: { ...record.headers },
      bytes,
      queuedAtMs: this.#options.clock.monotonic(),
      written: (position) => settle(() => resolve(position)),
      refused: (error) => settle(() => reject(error)),
    };
    this.#topicQueue(record.topic).push(queued, record.partition);
    return promise;
  }

  #topicQueue(topic: string): TopicQueue {
    const known = this.#topics.get(topic);
    if (known !== undefined) return known;
    const { counts, settings, onState } = this.#options;
    const made = new TopicQueue({
      topic,
      limits: settings,
      signal: this.#givingUp.signal,
      partitionCount: () => counts.of(topic),
      onRetry: (error) => onState({ state: 'retrying', topic, error }),
      deliver: (partition, take) =>
        deliver(
          {
            producers: this.#producers,
            settings,
            givingUp: this.#givingUp.signal,
            onRetry: (_topic, _partition, _attempt, error) => onState({ state: 'retrying', topic, partition, error }),
          },
          { topic, partition, take },
        ),
    });
    this.#topics.set(topic, made);
    return made;
  }

  oldestUnacknowledgedMs(): number {
    let oldest = Number.POSITIVE_INFINITY;
    for (const topic of this.#topics.values()) oldest = Math.min(oldest, topic.oldestQueuedAtMs() ?? oldest);
    return oldest === Number.POSITIVE_INFINITY ? 0 : this.#options.clock.monotonic() - oldest;
  }

  async partitionOf(topic: string, key: string): Promise<number> {
    return partitionFor(topic, key, await this.#options.counts.of(topic));
  }

  close(timeoutMs: number): Promise<{ unknown: number }> {
    this.#closed ??= this.#drain(timeoutMs);
    return this.#closed;
  }

  async #drain(timeoutMs: number): Promise<{ unknown: number }> {
    const { clock } = this.#options;
    const until = clock.monotonic() + timeoutMs;
    while (this.#queuedRecords > 0 && clock.monotonic() < until) await pause(10);
    // What was never sent is certainly not written; only what was on its way stays unknown.
    for (const topic of this.#topics.values()) {
      for (const record of topic.withdraw()) {
        record.refused(notWritten('stopping', topic.topic, 'the appender was closed before the record was sent.'));
      }
    }
    const unknown = this.#queuedRecords;
    this.#givingUp.abort();
    this.#producers.close();
    return { unknown };
  }
}
