import type { LogRecord } from '@banyan/contracts';
import type { FetchedRecord } from './fetched-record.js';

export interface BufferLimits {
  readonly maxRecords: number;
  readonly maxBytes: number;
}

/** What a record takes beside its bytes. */
const OVERHEAD = 100;

/** Fetched records of one partition that wait to be handled: contiguous, in offset order. */
export class SliceBuffer {
  readonly #limits: BufferLimits;
  #records: FetchedRecord[] = [];
  #bytes = 0;
  #next = 0n;

  constructor(limits: BufferLimits) {
    this.#limits = limits;
  }

  /** Empties the buffer; the record at `offset` is the next it takes. */
  restart(offset: bigint): void {
    this.#records = [];
    this.#bytes = 0;
    this.#next = offset;
  }

  /** The offset that must come next. */
  get next(): bigint {
    return this.#next;
  }

  get length(): number {
    return this.#records.length;
  }

  get first(): FetchedRecord | undefined {
    return this.#records[0];
  }

  /** Appends contiguous records; the caller has checked that the first one is `next`. */
  push(records: readonly FetchedRecord[]): void {
    for (const record of records) {
      this.#records.push(record);
      this.#bytes += record.bytes + OVERHEAD;
    }
    this.#next += BigInt(records.length);
  }

  /** The first records, which stay in the buffer until they are handled. */
  peek(maxRecords: number): readonly LogRecord[] {
    return this.#records.slice(0, maxRecords).map((record) => record.read());
  }

  remove(count: number): void {
    for (const record of this.#records.splice(0, count)) this.#bytes -= record.bytes + OVERHEAD;
  }

  /** Fetch no more. The bound is overshot by one fetch at most. */
  get full(): boolean {
    return this.#records.length >= this.#limits.maxRecords || this.#bytes >= this.#limits.maxBytes;
  }

  /** Fetch again: below half, so that a partition does not flip with each slice. */
  get roomy(): boolean {
    return this.#records.length * 2 < this.#limits.maxRecords && this.#bytes * 2 < this.#limits.maxBytes;
  }
}
