import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { readBatch } from '../testing/read-batch.js';
import { type BatchRecord, recordBatch, sealed } from './record-batch.js';

const require = createRequire(import.meta.url);
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch(options: object): Promise<{ buffer: Buffer }>;
};
const Record = require('kafkajs/src/protocol/recordBatch/record/v0') as (record: object) => object;

const SENDER = { producerId: 9_007_199_254_740_993n, producerEpoch: 7, sequence: 2 ** 31 - 1 };
const NEVER = { timestampMs: 1_764_000_000_123, compressAboveBytes: Number.POSITIVE_INFINITY };

const RECORDS: readonly BatchRecord[] = [
  { key: '0190', value: Buffer.from([0, 1, 255]), headers: { ce_id: 'e1', ce_type: 'Ümläut 🌳' } },
  { key: null, value: null, headers: {} },
  { key: '', value: Buffer.alloc(0), headers: { '': '', long: 'x'.repeat(9_000) } },
  ...Array.from({ length: 300 }, (_, i) => ({
    key: `k${i}`,
    value: Buffer.alloc(i * 7, i),
    headers: { n: String(i) },
  })),
];

describe('a batch of records', () => {
  it('is byte for byte what kafkajs writes', async () => {
    const batch = await recordBatch(RECORDS, NEVER);
    const theirs = await RecordBatch({
      records: RECORDS.map((record, offsetDelta) => Record({ ...record, offsetDelta, timestampDelta: 0 })),
      firstTimestamp: NEVER.timestampMs,
      maxTimestamp: NEVER.timestampMs,
      lastOffsetDelta: RECORDS.length - 1,
      producerId: String(SENDER.producerId),
      producerEpoch: SENDER.producerEpoch,
      firstSequence: SENDER.sequence,
    });
    expect(sealed(batch, SENDER).equals(theirs.buffer)).toBe(true);
  });

  it('is compressed where it is large, and reads the same', async () => {
    const plain = await recordBatch(RECORDS, NEVER);
    const packed = await recordBatch(RECORDS, { ...NEVER, compressAboveBytes: 4_096 });
    expect(packed.bytes.length).toBeLessThan(plain.bytes.length / 2);
    const [a, b] = await Promise.all([plain, packed].map((batch) => readBatch(sealed(batch, SENDER))));
    expect(b).toEqual(a);
    expect(b?.written).toEqual(RECORDS);
    const small = await recordBatch(RECORDS.slice(0, 2), { ...NEVER, compressAboveBytes: 4_096 });
    expect(small.bytes.equals((await recordBatch(RECORDS.slice(0, 2), NEVER)).bytes)).toBe(true);
  });

  it('keeps its records when another producer sends it', async () => {
    const batch = await recordBatch(RECORDS.slice(0, 3), NEVER);
    const first = sealed(batch, SENDER);
    const before = Buffer.from(first);
    const second = await readBatch(sealed(batch, { producerId: 5n, producerEpoch: 0, sequence: 0 }));
    expect(second).toMatchObject({ producerId: '5', producerEpoch: 0, firstSequence: 0 });
    expect(second.written).toEqual((await readBatch(first)).written);
    // The one that is on its way already.
    expect(first.equals(before)).toBe(true);
  });
});
