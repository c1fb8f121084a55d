import type { LogRecord, NewRecord } from '@banyan/contracts';
import type { Position } from '../event-log.js';
import { partitionFor } from '../partitioner.js';
import type { PartitionEnds } from '../topics/topic-admin.js';

/** The records of one topic. */
export class InMemoryTopic {
  readonly name: string;
  readonly #partitions: LogRecord[][];

  constructor(name: string, partitions: number) {
    this.name = name;
    this.#partitions = Array.from({ length: partitions }, () => []);
  }

  get partitionCount(): number {
    return this.#partitions.length;
  }

  records(partition: number): readonly LogRecord[] {
    return this.#partitions[partition] ?? [];
  }

  ends(): readonly PartitionEnds[] {
    return this.#partitions.map((records, partition) => ({ partition, low: 0n, high: BigInt(records.length) }));
  }

  /** @returns undefined when there is no such partition */
  append(record: NewRecord, timestampMs: number): Position | undefined {
    const partition = record.partition ?? partitionFor(this.name, record.key, this.partitionCount);
    const records = this.#partitions[partition];
    if (records === undefined) return undefined;
    const offset = BigInt(records.length);
    records.push({
      topic: this.name,
      partition,
      offset,
      timestampMs,
      key: record.key,
      value: record.value === null ? null : Buffer.from(record.value),
      headers: { ...record.headers },
    });
    return { partition, offset };
  }
}
