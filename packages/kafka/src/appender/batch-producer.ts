import type { RecordBatch } from '../record-batch/write-batch.js';

/** A batch of one partition, asked for when its turn has come; undefined = there is nothing to send any more. */
export type TakeBatch = () => Promise<RecordBatch | undefined>;

/** What an appender sends through. */
export interface BatchProducer {
  /**
   * Sends a batch and resolves with the offset of its first record; undefined when there was nothing to send. What it throws says nothing
   * of whether the batch is in the log, but for what the broker itself refused. One call at a time for a partition, and after an error the
   * same batch again until its fate is known, on this producer or on its successor: its sequence numbers are its own until then.
   */
  send(topic: string, partition: number, batch: TakeBatch): Promise<bigint | undefined>;
  /** Begins no further request. */
  discard(): void;
}
