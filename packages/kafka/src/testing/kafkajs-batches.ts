import { createRequire } from 'node:module';
import { registerZstd } from '../kafkajs/zstd.js';
import type { BatchRecord } from '../record-batch/write-batch.js';

/** How kafkajs itself writes and reads what is written and read here by our own. */
const require = createRequire(import.meta.url);

export interface KafkajsEncoder {
  readonly buffer: Buffer;
  writeInt16(value: number): KafkajsEncoder;
  writeInt32(value: number): KafkajsEncoder;
  writeInt64(value: number | string): KafkajsEncoder;
  writeString(value: string): KafkajsEncoder;
  writeBuffer(value: Buffer): KafkajsEncoder;
}

export interface KafkajsRecord {
  readonly offsetDelta: number;
  readonly timestampDelta: number;
  readonly key: Buffer | string | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, Buffer | string | readonly Buffer[]>>;
}

export interface KafkajsBatch {
  readonly firstOffset?: number;
  /** The code of the compression; default: none. */
  readonly compression?: number;
  readonly transactional?: boolean;
  readonly firstTimestamp: number;
  readonly maxTimestamp: number;
  readonly lastOffsetDelta?: number;
  readonly producerId: number | string;
  readonly producerEpoch?: number;
  readonly firstSequence?: number;
}

export const KafkajsEncoder = require('kafkajs/src/protocol/encoder') as new () => KafkajsEncoder;
const writeRecord = require('kafkajs/src/protocol/recordBatch/record/v0') as (record: KafkajsRecord) => object;
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch(batch: object): Promise<{ readonly buffer: Buffer }>;
};
const Decoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => object;
const decode = require('kafkajs/src/protocol/recordBatch/v0/decoder') as (decoder: object) => Promise<Decoded>;

interface Decoded {
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly firstTimestamp: string;
  readonly records: readonly {
    readonly key: Buffer | null;
    readonly value: Buffer | null;
    readonly headers: Readonly<Record<string, Buffer>>;
    readonly offset: string;
  }[];
}

/** A batch as kafkajs writes it. */
export async function kafkajsBatch(records: readonly KafkajsRecord[], batch: KafkajsBatch): Promise<Buffer> {
  registerZstd();
  return Buffer.from((await RecordBatch({ ...batch, records: records.map(writeRecord) })).buffer);
}

/** A batch as kafkajs reads it out of the log. */
export async function readBatch(bytes: Buffer): Promise<Decoded & { readonly written: readonly BatchRecord[] }> {
  registerZstd();
  const decoded = await decode(new Decoder(bytes));
  const written = decoded.records.map(({ key, value, headers }) => ({
    key: key === null ? null : String(key),
    value,
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, String(text)])),
  }));
  return { ...decoded, written };
}

/** The keys of its records. */
export async function keysIn(bytes: Buffer): Promise<string> {
  return (await readBatch(bytes)).written.map(({ key }) => key).join('');
}
