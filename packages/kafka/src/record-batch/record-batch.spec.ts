import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decompress } from '../kafkajs/decompress.js';
import { registerZstd } from '../kafkajs/zstd.js';
import { kafkajsBatch, readBatch } from '../testing/kafkajs-batches.js';
import { AT } from './format.js';
import { readBatches } from './read-batches.js';
import { type BatchRecord, type BatchSender, recordBatch, sealed } from './write-batch.js';

const PLACE = { topic: 'northwind.order.v1', partition: 3, decompress };
const NEVER = Number.POSITIVE_INFINITY;

const text = fc.oneof(
  fc.constantFrom('', '1.0', 'api'),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.string({ minLength: 60, maxLength: 200 }),
);
// `__proto__` is no name that an object can have, and kafkajs takes what every object inherits (`toString`) for the value of an earlier header.
const headers = fc.dictionary(
  text.filter((name) => !(name in {})),
  text,
  { maxKeys: 6, noNullPrototype: true },
);
const record: fc.Arbitrary<BatchRecord> = fc.record({
  key: fc.option(text),
  value: fc.option(fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array))),
  headers,
});
const sender: fc.Arbitrary<BatchSender> = fc.record({
  producerId: fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }),
  producerEpoch: fc.nat(2 ** 15 - 1),
  sequence: fc.nat(2 ** 31 - 1),
});
const timestampMs = fc.nat(2 ** 45);

const A_SENDER = { producerId: 9_007_199_254_740_993n, producerEpoch: 7, sequence: 2 ** 31 - 1 };
const LARGE: readonly BatchRecord[] = [
  { key: '0190', value: Buffer.from([0, 1, 255]), headers: { ce_id: 'e1', ce_type: 'Ümläut 🌳' } },
  { key: null, value: null, headers: {} },
  { key: '', value: Buffer.alloc(0), headers: { '': '', long: 'x'.repeat(9_000) } },
  ...Array.from({ length: 300 }, (_, i) => ({
    key: `k${i}`,
    value: Buffer.alloc(i * 7, i),
    headers: { n: String(i) },
  })),
];

/** What kafkajs would write for these records. */
function theirs(records: readonly BatchRecord[], of: BatchSender, atMs: number): Promise<Buffer> {
  return kafkajsBatch(
    records.map((one, offsetDelta) => ({ ...one, offsetDelta, timestampDelta: 0 })),
    {
      firstTimestamp: atMs,
      maxTimestamp: atMs,
      lastOffsetDelta: records.length - 1,
      producerId: String(of.producerId),
      producerEpoch: of.producerEpoch,
      firstSequence: of.sequence,
    },
  );
}

async function ours(records: readonly BatchRecord[], of: BatchSender, atMs: number, compressAboveBytes = NEVER) {
  return sealed(await recordBatch(records, { timestampMs: atMs, compressAboveBytes }), of);
}

const whole = (read: Awaited<ReturnType<typeof readBatches>>) => read?.map((one) => one.read());

const asWritten = (read: Awaited<ReturnType<typeof readBatches>>) =>
  whole(read)?.map(({ key, value, headers: its }) => ({ key, value, headers: its }));

describe('a batch of records', () => {
  it('is byte for byte what kafkajs writes, and reads as what was written, also when it is compressed', async () => {
    registerZstd();
    await fc.assert(
      fc.asyncProperty(
        fc.array(record, { minLength: 1, maxLength: 12 }),
        sender,
        timestampMs,
        async (records, of, atMs) => {
          const plain = await ours(records, of, atMs);
          expect(plain.equals(await theirs(records, of, atMs))).toBe(true);
          const read = await readBatches(plain, PLACE);
          expect(asWritten(read)).toEqual(records);
          expect(read?.map(({ offset }) => Number(offset))).toEqual(records.map((_, index) => index));
          for (const one of read ?? []) {
            expect(one).toMatchObject({ timestampMs: atMs, isControlRecord: false });
            expect(one.read()).toMatchObject({
              topic: PLACE.topic,
              partition: 3,
              offset: one.offset,
              timestampMs: atMs,
            });
            // As often as a slice is tried again, and in whatever order.
            expect(one.read()).toEqual(one.read());
          }
          expect(read?.[0]?.batchContext).toEqual({ producerId: String(of.producerId), inTransaction: false });
          const packed = await ours(records, of, atMs, 0);
          expect(whole(await readBatches(packed, PLACE))).toEqual(whole(read));
          expect((await readBatch(packed)).written).toEqual(records);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('is the same with hundreds of records, whose numbers have several bytes', async () => {
    const bytes = await ours(LARGE, A_SENDER, 1_764_000_000_123);
    expect(bytes.equals(await theirs(LARGE, A_SENDER, 1_764_000_000_123))).toBe(true);
    expect(asWritten(await readBatches(bytes, PLACE))).toEqual(LARGE);
  });

  it('is compressed where it is large, and only there', async () => {
    const options = { timestampMs: 0, compressAboveBytes: 4_096 };
    const plain = await recordBatch(LARGE, { timestampMs: 0, compressAboveBytes: NEVER });
    expect((await recordBatch(LARGE, options)).bytes.length).toBeLessThan(plain.bytes.length / 2);
    const few = LARGE.slice(0, 2);
    const small = await recordBatch(few, { timestampMs: 0, compressAboveBytes: NEVER });
    const unpacked = await recordBatch(few, options);
    expect(sealed(unpacked, A_SENDER).equals(sealed(small, A_SENDER))).toBe(true);
  });

  it('keeps its records when another producer sends it', async () => {
    const batch = await recordBatch(LARGE.slice(0, 3), { timestampMs: 0, compressAboveBytes: NEVER });
    const first = sealed(batch, A_SENDER);
    const before = Buffer.from(first);
    const second = await readBatch(sealed(batch, { producerId: 5n, producerEpoch: 0, sequence: 0 }));
    expect(second).toMatchObject({ producerId: '5', producerEpoch: 0, firstSequence: 0 });
    expect(second.written).toEqual((await readBatch(first)).written);
    // The one that is on its way already.
    expect(first.equals(before)).toBe(true);
  });

  it('is refused when its lengths cannot be, rather than read for ever', async () => {
    const bytes = await ours(LARGE.slice(0, 2), A_SENDER, 0);
    for (const length of [-12, -1, 0, 48]) {
      const broken = Buffer.from(bytes);
      broken.writeInt32BE(length, AT.length);
      await expect(readBatches(broken, PLACE)).rejects.toThrow('shorter than its head');
    }
    const tooMany = Buffer.from(bytes);
    tooMany.writeInt32BE(3, AT.count);
    await expect(readBatches(tooMany, PLACE)).rejects.toThrow('longer than its batch');
  });
});
