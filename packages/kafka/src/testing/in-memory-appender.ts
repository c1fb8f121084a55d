import type { NewRecord } from '@banyan/contracts';
import type { Clock } from '@banyan/core';
import { DEFAULT_SETTINGS } from '../appender/settings.js';
import { pause } from '../back-off.js';
import type { Appender, Position } from '../event-log.js';
import { notWritten, topicMissing, unknownFate } from '../log-errors.js';
import { partitionFor } from '../partitioner.js';
import { recordBytes } from '../record-batch/record-bytes.js';
import type { InMemoryTopic } from './in-memory-topic.js';

interface Waiting {
  readonly record: NewRecord;
  readonly sinceMs: number;
  settle(): void;
  refuse(error: Error): void;
}

export interface InMemoryAppenderOptions {
  readonly clock: Clock;
  topic(name: string): InMemoryTopic | undefined;
  /** False = the log is away: records wait. */
  up(): boolean;
  appended(topic: InMemoryTopic): void;
}

export class InMemoryAppender implements Appender {
  readonly #options: InMemoryAppenderOptions;
  readonly #waiting: Waiting[] = [];
  #closed = false;

  constructor(options: InMemoryAppenderOptions) {
    this.#options = options;
  }

  append(
    record: NewRecord,
    { deadlineMs = DEFAULT_SETTINGS.deadlineMs }: { deadlineMs?: number } = {},
  ): Promise<Position> {
    const { promise, resolve, reject } = Promise.withResolvers<Position>();
    const refusal = this.#refusal(record);
    if (refusal !== undefined) return Promise.reject(refusal);
    const late = () => reject(unknownFate(record.topic, `no answer within ${deadlineMs} ms`));
    const deadline = Number.isFinite(deadlineMs) ? setTimeout(late, deadlineMs) : undefined;
    const copy = { ...record, value: record.value === null ? null : Buffer.from(record.value) };
    const refuse = (error: Error) => {
      clearTimeout(deadline);
      reject(error);
    };
    const settle = () => {
      clearTimeout(deadline);
      try {
        resolve(this.#write(copy));
      } catch (error) {
        reject(error);
      }
    };
    this.#waiting.push({ record: copy, sinceMs: this.#options.clock.monotonic(), settle, refuse });
    setImmediate(() => this.flush());
    return promise;
  }

  /** Writes what waits, when the log is up. */
  flush(): void {
    if (!this.#options.up()) return;
    for (const { settle } of this.#waiting.splice(0)) settle();
  }

  oldestUnacknowledgedMs(): number {
    const [oldest] = this.#waiting;
    return oldest === undefined ? 0 : this.#options.clock.monotonic() - oldest.sinceMs;
  }

  async partitionOf(topic: string, key: string): Promise<number> {
    const its = this.#options.topic(topic);
    if (its === undefined) throw topicMissing(topic);
    return partitionFor(topic, key, its.partitionCount);
  }

  async close(timeoutMs: number): Promise<{ unknown: number }> {
    this.#closed = true;
    const until = performance.now() + timeoutMs;
    while (this.#waiting.length > 0 && performance.now() < until) await pause(5);
    const left = this.#waiting.splice(0);
    for (const { record, refuse } of left) {
      refuse(unknownFate(record.topic, 'the appender was closed while the record was on its way'));
    }
    return { unknown: left.length };
  }

  #refusal({ topic, key, value, headers }: NewRecord): Error | undefined {
    if (this.#closed) return notWritten('stopping', topic, 'this process is shutting down; append it again elsewhere.');
    const bytes = recordBytes({ key, value, headers });
    const { maxRecordBytes, maxQueuedRecords } = DEFAULT_SETTINGS;
    if (bytes > maxRecordBytes) {
      return notWritten('too-large', topic, `it has ${bytes} bytes, ${maxRecordBytes} are allowed; make it smaller.`);
    }
    return this.#waiting.length < maxQueuedRecords
      ? undefined
      : notWritten('queue-full', topic, `${maxQueuedRecords} records wait already; append it again later.`);
  }

  #write(record: NewRecord): Position {
    const topic = this.#options.topic(record.topic);
    if (topic === undefined) {
      throw notWritten(
        'topic-missing',
        record.topic,
        'the topic does not exist; create it and check the topic prefix.',
      );
    }
    const position = topic.append(record, this.#options.clock.now());
    if (position === undefined) {
      const has = `it has ${topic.partitionCount} partitions, partition ${record.partition} was asked for.`;
      throw notWritten('no-such-partition', record.topic, has);
    }
    this.#options.appended(topic);
    return position;
  }
}
