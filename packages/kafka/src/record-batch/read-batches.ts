import type { LogRecord } from '@banyan/contracts';
import { AT, CODEC, CONTROL, LENGTH_END, LOG_APPEND_TIME, MAGIC, TRANSACTIONAL } from './format.js';
import { VarintReader } from './varint.js';

/** A record in a batch, of which little is read before it is handled: kept as bytes it takes a tenth of what it takes as objects. */
export class BatchedRecord {
  readonly #batch: Batch;
  readonly #offsetDelta: number;
  /** Milliseconds since 1970 UTC. */
  readonly timestampMs: number;
  /** In the batch, before compression. */
  readonly bytes: number;
  readonly #at: number;

  /** @param at where its key begins */
  constructor(batch: Batch, { offsetDelta, timestampMs, bytes, at }: RecordPlace) {
    this.#batch = batch;
    this.#offsetDelta = offsetDelta;
    this.timestampMs = timestampMs;
    this.bytes = bytes;
    this.#at = at;
  }

  get offset(): bigint {
    return this.#batch.firstOffset + BigInt(this.#offsetDelta);
  }

  /** kafkajs asks whether it belongs to a transaction, and to one that was aborted. */
  get isControlRecord(): boolean {
    return this.#batch.isControlRecord;
  }

  get batchContext(): BatchContext {
    return this.#batch.context;
  }

  read(): LogRecord {
    const { topic, partition, records } = this.#batch;
    records.at = this.#at;
    return {
      topic,
      partition,
      offset: this.offset,
      timestampMs: this.timestampMs,
      key: records.text(),
      value: records.bytes(),
      headers: records.headers(),
    };
  }
}

interface RecordPlace {
  readonly offsetDelta: number;
  readonly timestampMs: number;
  readonly bytes: number;
  readonly at: number;
}

/** What the records of a batch have together. */
interface Batch {
  readonly topic: string;
  readonly partition: number;
  readonly firstOffset: bigint;
  readonly isControlRecord: boolean;
  readonly context: BatchContext;
  readonly records: Records;
}

interface BatchContext {
  readonly producerId: string;
  readonly inTransaction: boolean;
}

export interface BatchesOptions {
  readonly topic: string;
  readonly partition: number;
  /** The code of the compression, 1 to 4 -> how it is undone. */
  readonly decompress: (codec: number, bytes: Buffer) => Promise<Buffer>;
}

/**
 * The records of a partition in a fetch, Kafka's record batches of version 2 (all that brokers since 0.11 write); undefined = older ones,
 * which are not read here. A batch that the fetch cut off at its end is left out. Of a header that comes twice the last one counts, one
 * without a value is ''.
 *
 * kafkajs makes a Long, two texts and a copy of all headers for each header of each record, which is most of what a consumer costs.
 */
export async function readBatches(
  bytes: Buffer,
  { topic, partition, decompress }: BatchesOptions,
): Promise<BatchedRecord[] | undefined> {
  const fetched: BatchedRecord[] = [];
  for (let at = 0; at + AT.records <= bytes.length; ) {
    if (bytes[at + AT.magic] !== MAGIC) return undefined;
    const end = at + LENGTH_END + bytes.readInt32BE(at + AT.length);
    if (end < at + AT.records) throw new RangeError('a batch of records is shorter than its head');
    if (end > bytes.length) break;
    const attributes = bytes.readInt16BE(at + AT.attributes);
    const codec = attributes & CODEC;
    const packed = bytes.subarray(at + AT.records, end);
    const records = new Records(codec === 0 ? packed : await decompress(codec, packed));
    const batch: Batch = {
      topic,
      partition,
      firstOffset: bytes.readBigInt64BE(at + AT.firstOffset),
      isControlRecord: (attributes & CONTROL) !== 0,
      context: {
        producerId: String(bytes.readBigInt64BE(at + AT.producerId)),
        inTransaction: (attributes & TRANSACTIONAL) !== 0,
      },
      records,
    };
    const appended =
      (attributes & LOG_APPEND_TIME) === 0 ? undefined : Number(bytes.readBigInt64BE(at + AT.maxTimestamp));
    const firstTimestamp = Number(bytes.readBigInt64BE(at + AT.firstTimestamp));
    for (let left = bytes.readInt32BE(at + AT.count); left > 0; left -= 1) {
      const begin = records.at;
      const next = records.begin();
      const timestampDelta = records.number();
      const timestampMs = appended ?? firstTimestamp + timestampDelta;
      const offsetDelta = records.number();
      fetched.push(new BatchedRecord(batch, { offsetDelta, timestampMs, bytes: next - begin, at: records.at }));
      records.at = next;
    }
    at = end;
  }
  return fetched;
}

/** The uncompressed records of a batch, read from front to back. */
class Records extends VarintReader {
  /** The headers of the record before: nearly always the same names in the same places, and many with the same values. */
  readonly #known: KnownHeader[] = [];

  /** Steps over length and attributes of a record; answers where the next one begins. */
  begin(): number {
    const length = this.number();
    const next = this.at + length;
    if (!(length > 0 && next <= this.buffer.length)) throw new RangeError('a record is longer than its batch');
    this.at += 1;
    return next;
  }

  bytes(): Buffer | null {
    const length = this.number();
    if (length < 0) return null;
    this.at += length;
    return this.buffer.subarray(this.at - length, this.at);
  }

  text(): string | null {
    const length = this.number();
    if (length < 0) return null;
    this.at += length;
    return this.buffer.toString('utf8', this.at - length, this.at);
  }

  headers(): Record<string, string> {
    const headers: Record<string, string> = {};
    const count = this.number();
    for (let index = 0; index < count; index += 1) {
      const known = this.#known[index] ?? { name: new KnownText(), value: new KnownText() };
      this.#known[index] = known;
      const { name, value } = known;
      headers[this.#textLike(name)] = this.#textLike(value);
    }
    return headers;
  }

  /** As `text`, '' for none; the one that is known already when the bytes are the same. */
  #textLike(known: KnownText): string {
    const length = this.number();
    if (length <= 0) return '';
    const from = this.at;
    this.at += length;
    if (known.length === length && this.#same(known.from, from, length)) return known.text;
    known.from = from;
    known.length = length;
    known.text = this.buffer.toString('utf8', from, this.at);
    return known.text;
  }

  #same(one: number, other: number, length: number): boolean {
    const { buffer } = this;
    for (let index = 0; index < length; index += 1) if (buffer[one + index] !== buffer[other + index]) return false;
    return true;
  }
}

interface KnownHeader {
  readonly name: KnownText;
  readonly value: KnownText;
}

class KnownText {
  from = 0;
  length = -1;
  text = '';
}
