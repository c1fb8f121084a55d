import { REQUEST_TIMEOUT_MS } from '../kafkajs/client.js';

/** The appender's bounds; tests set some of them smaller. */
export interface AppenderSettings {
  /** How long a caller waits when it does not say. */
  readonly deadlineMs: number;
  /** Records not yet acknowledged, of all topics; the next one is refused. */
  readonly maxQueuedRecords: number;
  readonly maxQueuedBytes: number;
  /** A larger record is refused; the broker's default `max.message.bytes` is 1,048,588 with the batch's own header. */
  readonly maxRecordBytes: number;
  readonly maxBatchRecords: number;
  readonly maxBatchBytes: number;
  /** Batches above are compressed with zstd. */
  readonly compressAboveBytes: number;
  /**
   * A send that says nothing for so long is given up together with its producer. kafkajs sends to one broker one request at a
   * time and waits up to 65 s for its turn: a shorter watchdog only makes duplicates.
   */
  readonly watchdogMs: number;
}

export const DEFAULT_SETTINGS: AppenderSettings = {
  deadlineMs: 10_000,
  maxQueuedRecords: 50_000,
  maxQueuedBytes: 64 * 1024 * 1024,
  maxRecordBytes: 1_000_000,
  maxBatchRecords: 500,
  maxBatchBytes: 500_000,
  compressAboveBytes: 4_096,
  watchdogMs: 65_000 + 2 * REQUEST_TIMEOUT_MS,
};
