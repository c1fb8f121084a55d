import type { LogRecord } from '@banyan/contracts';
import { AT, CODEC, CONTROL, LENGTH_END, LOG_APPEND_TIME, MAGIC, TRANSACTIONAL } from './format.js';
import { VarintReader } from './varint.js';

/** A record as it was fetched, with what kafkajs asks of it: whether it belongs to a transaction, and to one that was aborted. */
export interface FetchedRecord extends LogRecord {
  readonly isControlRecord: boolean;
  readonly batchContext: BatchContext;
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
): Promise<FetchedRecord[] | undefined> {
  const fetched: FetchedRecord[] = [];
  for (let at = 0; at + AT.records <= bytes.length; ) {
    if (bytes[at + AT.magic] !== MAGIC) return undefined;
    const end = at + LENGTH_END + bytes.readInt32BE(at + AT.length);
    if (end < at + AT.records) throw new RangeError('a batch of records is shorter than its head');
    if (end > bytes.length) break;
    const attributes = bytes.readInt16BE(at + AT.attributes);
    const codec = attributes & CODEC;
    const packed = bytes.subarray(at + AT.records, end);
    const records = new Records(codec === 0 ? packed : await decompress(codec, packed));
    const firstOffset = bytes.readBigInt64BE(at + AT.firstOffset);
    const appended =
      (attributes & LOG_APPEND_TIME) === 0 ? undefined : Number(bytes.readBigInt64BE(at + AT.maxTimestamp));
    const firstTimestamp = Number(bytes.readBigInt64BE(at + AT.firstTimestamp));
    const isControlRecord = (attributes & CONTROL) !== 0;
    const batchContext = {
      producerId: String(bytes.readBigInt64BE(at + AT.producerId)),
      inTransaction: (attributes & TRANSACTIONAL) !== 0,
    };
    for (let left = bytes.readInt32BE(at + AT.count); left > 0; left -= 1) {
      const next = records.begin();
      const timestampDelta = records.number();
      const offsetDelta = records.number();
      fetched.push({
        topic,
        partition,
        offset: firstOffset + BigInt(offsetDelta),
        timestampMs: appended ?? firstTimestamp + timestampDelta,
        key: records.text(),
        value: records.bytes(),
        headers: records.headers(),
        isControlRecord,
        batchContext,
      });
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
