import { promisify } from 'node:util';
import { zstdCompress } from 'node:zlib';
import { crc32c } from '../kafkajs/internals.js';
import { AT, LENGTH_END, MAGIC, ZSTD } from './format.js';
import { recordBytes } from './record-bytes.js';
import { varintBytes, writeVarint } from './varint.js';

const compress = promisify(zstdCompress);

/** What a record of a batch is made of. */
export interface BatchRecord {
  readonly key: string | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>>;
}

/** Who sends a batch, and which of his records of the partition is its first: by that a broker knows a repeat. */
export interface BatchSender {
  readonly producerId: bigint;
  readonly producerEpoch: number;
  /** Of the batch's first record, 0 to 2^31-1. */
  readonly sequence: number;
}

/** The records of one partition, as they go out on every attempt. */
export interface RecordBatch {
  readonly count: number;
  /** The batch of Kafka's format 2 but for its sender. */
  readonly bytes: Buffer;
}

/**
 * Writes records in Kafka's format 2, once: kafkajs would make some thirty buffers a record, anew on every attempt.
 * @param compressAboveBytes larger ones are compressed with zstd
 */
export async function recordBatch(
  records: readonly BatchRecord[],
  { timestampMs, compressAboveBytes }: { readonly timestampMs: number; readonly compressAboveBytes: number },
): Promise<RecordBatch> {
  const most = records.reduce<number>((sum, record) => sum + recordBytes(record), AT.records);
  const buffer = Buffer.allocUnsafe(most);
  let end: number = AT.records;
  records.forEach((record, index) => {
    end = writeRecord(buffer, end, record, index);
  });
  const plain = buffer.subarray(AT.records, end);
  const isLarge = end > compressAboveBytes;
  const bytes = isLarge
    ? Buffer.concat([buffer.subarray(0, AT.records), await compress(plain)])
    : buffer.subarray(0, end);
  // The first offset and the leader's epoch are the broker's to fill in.
  bytes.fill(0, AT.firstOffset, AT.checksum);
  bytes.writeInt32BE(bytes.length - LENGTH_END, AT.length);
  bytes.writeInt8(MAGIC, AT.magic);
  bytes.writeInt16BE(isLarge ? ZSTD : 0, AT.attributes);
  bytes.writeInt32BE(records.length - 1, AT.lastOffsetDelta);
  bytes.writeBigInt64BE(BigInt(timestampMs), AT.firstTimestamp);
  bytes.writeBigInt64BE(BigInt(timestampMs), AT.maxTimestamp);
  bytes.writeInt32BE(records.length, AT.count);
  return { count: records.length, bytes };
}

/** A copy with its sender in it: the one part that another producer changes. */
export function sealed(batch: RecordBatch, { producerId, producerEpoch, sequence }: BatchSender): Buffer {
  const bytes = Buffer.from(batch.bytes);
  bytes.writeBigInt64BE(producerId, AT.producerId);
  bytes.writeInt16BE(producerEpoch, AT.producerEpoch);
  bytes.writeInt32BE(sequence, AT.firstSequence);
  bytes.writeUInt32BE(crc32c(bytes.subarray(AT.attributes)), AT.checksum);
  return bytes;
}

/** @returns where it ends */
function writeRecord(buffer: Buffer, begin: number, { key, value, headers }: BatchRecord, index: number): number {
  const names = Object.keys(headers);
  const keyBytes = key === null ? -1 : Buffer.byteLength(key);
  const valueBytes = value?.length ?? -1;
  // Attributes, and a time that differs from the batch's by 0.
  let size = 2 + varintBytes(index) + varintBytes(keyBytes) + Math.max(keyBytes, 0);
  size += varintBytes(valueBytes) + Math.max(valueBytes, 0) + varintBytes(names.length);
  for (const name of names) {
    const nameBytes = Buffer.byteLength(name);
    const textBytes = Buffer.byteLength(headers[name] ?? '');
    size += varintBytes(nameBytes) + nameBytes + varintBytes(textBytes) + textBytes;
  }
  let at = writeVarint(buffer, begin, size);
  buffer[at++] = 0;
  buffer[at++] = 0;
  at = writeVarint(buffer, at, index);
  at = writeVarint(buffer, at, keyBytes);
  if (key !== null) at += buffer.write(key, at);
  at = writeVarint(buffer, at, valueBytes);
  if (value !== null) at += value.copy(buffer, at);
  at = writeVarint(buffer, at, names.length);
  for (const name of names) {
    at = writeText(buffer, at, name);
    at = writeText(buffer, at, headers[name] ?? '');
  }
  return at;
}

function writeText(buffer: Buffer, begin: number, text: string): number {
  const at = writeVarint(buffer, begin, Buffer.byteLength(text));
  return at + buffer.write(text, at);
}
