import { createRequire } from 'node:module';
import type { BatchRecord } from '../appender/record-batch.js';
import { registerZstd } from '../kafkajs/zstd.js';

const require = createRequire(import.meta.url);
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
