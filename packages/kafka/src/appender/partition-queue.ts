import type { Position } from '../event-log.js';

/** One record on its way, with the promise of its caller. */
export interface QueuedRecord {
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly headers: Record<string, string>;
  readonly bytes: number;
  /** Monotonic clock, milliseconds. */
  readonly queuedAtMs: number;
  /** Settles the caller's promise and frees the record's place; later calls do nothing. */
  written(position: Position): void;
  refused(error: Error): void;
}

export interface BatchLimits {
  readonly maxBatchRecords: number;
  readonly maxBatchBytes: number;
}

/**
 * The records of one partition, in order. One batch is out at a time: what it holds is chosen when it is first asked for, and from
 * then on nothing else of the partition is sent until its fate is known. With a second send under way, a lost response could give
 * both batches the same sequence number; the broker takes the second one for a repeat of the first, acknowledges it, and does not write it.
 */
export class PartitionQueue {
  readonly #limits: BatchLimits;
  readonly #deliver: (take: () => readonly QueuedRecord[]) => Promise<void>;
  readonly #waiting: QueuedRecord[] = [];
  #out: readonly QueuedRecord[] = [];
  #pumping = false;

  /**
   * @param deliver calls `take` when it is about to send, so that what comes until then goes along, and gets the same batch at every call;
   * resolves when every record of the batch is settled, and never rejects
   */
  constructor(limits: BatchLimits, deliver: (take: () => readonly QueuedRecord[]) => Promise<void>) {
    this.#limits = limits;
    this.#deliver = deliver;
  }

  push(record: QueuedRecord): void {
    this.#waiting.push(record);
    if (this.#pumping) return;
    this.#pumping = true;
    // The rest of this turn's appends join the first batch.
    setImmediate(() => void this.#pump());
  }

  /** When the oldest record that is not settled came in; undefined when there is none. */
  oldestQueuedAtMs(): number | undefined {
    return (this.#out[0] ?? this.#waiting[0])?.queuedAtMs;
  }

  /** Takes out what was never sent. */
  withdraw(): readonly QueuedRecord[] {
    return this.#waiting.splice(0);
  }

  async #pump(): Promise<void> {
    while (this.#waiting.length > 0) {
      let batch: readonly QueuedRecord[] | undefined;
      await this.#deliver(() => {
        if (batch === undefined) {
          batch = this.#takeBatch();
          this.#out = batch;
        }
        return batch;
      });
      // Whoever asks only now (a producer that was given up on the way) takes nothing: it would be sent by nobody, and never settled.
      batch ??= [];
      this.#out = [];
    }
    this.#pumping = false;
  }

  #takeBatch(): readonly QueuedRecord[] {
    let bytes = 0;
    let count = 0;
    for (const record of this.#waiting) {
      if (count === this.#limits.maxBatchRecords) break;
      if (count > 0 && bytes + record.bytes > this.#limits.maxBatchBytes) break;
      bytes += record.bytes;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }
}
