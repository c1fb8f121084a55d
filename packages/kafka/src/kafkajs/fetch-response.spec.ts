import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fetchedRecord } from '../consumer/fetched-record.js';
import { KafkajsEncoder, type KafkajsRecord, kafkajsBatch } from '../testing/kafkajs-batches.js';
import { readFetchResponse } from './fetch-response.js';
import { type FetchedMessage, FetchResponse } from './internals.js';
import { patchKafkajs } from './patches.js';
import { registerZstd } from './zstd.js';

/** Of kafkajs itself: what the patch replaces. */
const kafkajsReads = FetchResponse.decode;

interface Batch {
  readonly records: readonly KafkajsRecord[];
  readonly firstOffset: number;
  readonly compression: number;
  readonly transactional: boolean;
  readonly producerId: number;
  /** Written by hand, since no client writes them: the broker's time instead of the writer's, a marker of a transaction. */
  readonly appendTime: boolean;
  readonly control: boolean;
}

async function batchBytes({ records, appendTime, control, ...batch }: Batch): Promise<Buffer> {
  const bytes = await kafkajsBatch(records, {
    ...batch,
    firstTimestamp: 1_767_225_600_000,
    maxTimestamp: 1_767_225_600_777,
  });
  bytes[22] = (bytes[22] ?? 0) | (appendTime ? 8 : 0) | (control ? 32 : 0);
  return bytes;
}

/** An answer with one topic and two partitions, of which the second has nothing. */
function answer(records: Buffer, aborted: readonly number[] = []): Buffer {
  const head = (partition: number) =>
    new KafkajsEncoder().writeInt32(partition).writeInt16(0).writeInt64('9007199254740993').writeInt64(8).writeInt64(1)
      .buffer;
  const whole = new KafkajsEncoder()
    .writeInt32(17)
    .writeInt16(0)
    .writeInt32(5)
    .writeInt32(1)
    .writeString('bänke')
    .writeInt32(2)
    .writeBuffer(head(3))
    .writeInt32(aborted.length);
  for (const producerId of aborted) whole.writeInt64(producerId).writeInt64(4);
  return whole
    .writeInt32(-1)
    .writeInt32(records.length)
    .writeBuffer(records)
    .writeBuffer(head(4))
    .writeInt32(-1)
    .writeInt32(2)
    .writeInt32(-1).buffer;
}

interface Read {
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly { readonly partition: number; readonly messages: readonly FetchedMessage[] }[];
  }[];
}

/** An answer as the port's records and all else, with what kafkajs asks of each message. */
function asRecords(read: unknown): unknown {
  const { responses, ...head } = read as Read;
  return {
    ...head,
    responses: responses.map(({ topicName, partitions }) => ({
      topicName,
      partitions: partitions.map(({ messages, ...facts }) => ({
        ...facts,
        messages: messages.map((message) => {
          const { isControlRecord, batchContext } = message as Extract<FetchedMessage, { timestampMs: number }>;
          const { offset, timestampMs, key, value, headers } = fetchedRecord(
            topicName,
            facts.partition,
            message,
          ).read();
          const { producerId, inTransaction } = batchContext;
          return { offset, timestampMs, key, value, headers, isControlRecord, producerId, inTransaction };
        }),
      })),
    })),
  };
}

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
const text = fc.oneof(fc.constantFrom('1.0', 'api', 'a-longer-one'), fc.string({ unit: 'binary', maxLength: 20 }));
const header = text.map((value) => Buffer.from(value));
const written = fc.record({
  offsetDelta: fc.nat(100_000),
  timestampDelta: fc.oneof(fc.nat(1_000), fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  key: fc.option(bytes),
  value: fc.option(bytes),
  headers: fc.dictionary(
    fc.oneof(fc.constantFrom('ce_id', 'ce_type', 'ce_origin'), fc.string({ minLength: 1, maxLength: 12 })),
    fc.oneof(header, fc.array(header, { minLength: 2, maxLength: 3 })),
    { maxKeys: 6, noNullPrototype: true },
  ),
});
const batch = fc.record({
  records: fc.array(written, { maxLength: 8 }),
  firstOffset: fc.nat(2 ** 40),
  compression: fc.constantFrom(0, 1, 4),
  transactional: fc.boolean(),
  producerId: fc.nat(1_000),
  appendTime: fc.boolean(),
  control: fc.boolean(),
});

describe('the answer to a fetch', () => {
  beforeAll(registerZstd);

  it('reads as kafkajs reads it, whatever is in it and wherever it is cut off', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(batch, { maxLength: 3 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        async (all, cut) => {
          const whole = Buffer.concat(await Promise.all(all.map(batchBytes)));
          // Never within the first batch's head: kafkajs falls over it, and no broker cuts there.
          const end = Math.max(61, Math.ceil(whole.length * cut));
          const raw = answer(whole.subarray(0, end), [7, 8]);
          expect(asRecords(await readFetchResponse(raw))).toEqual(asRecords(await kafkajsReads(raw)));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps whole numbers whole: offsets, deltas and lengths of many bytes', async () => {
    const record = {
      offsetDelta: 2 ** 31 - 1,
      timestampDelta: 0,
      key: null,
      value: Buffer.alloc(300_000, 7),
      headers: {},
    };
    const plain = {
      firstOffset: 2 ** 52,
      compression: 0,
      transactional: false,
      producerId: 1,
      appendTime: false,
      control: false,
    };
    const raw = answer(await batchBytes({ ...plain, records: [record] }));
    const [message] = (await readFetchResponse(raw))?.responses[0]?.partitions[0]?.messages ?? [];
    const read = message?.read();
    expect(read).toMatchObject({ topic: 'bänke', partition: 3, offset: 2n ** 52n + 2n ** 31n - 1n });
    expect(read?.value?.equals(record.value)).toBe(true);
  });

  it('is left to kafkajs where the records are of a form from before Kafka 0.11', async () => {
    const plain = {
      firstOffset: 0,
      compression: 0,
      transactional: false,
      producerId: 1,
      appendTime: false,
      control: false,
    };
    const old = await batchBytes({ ...plain, records: [] });
    old[16] = 1;
    expect(await readFetchResponse(answer(old))).toBeUndefined();
  });

  it('is read so by every client, once it is patched', async () => {
    patchKafkajs();
    const record = { offsetDelta: 1, timestampDelta: 0, key: Buffer.from('k'), value: null, headers: {} };
    const plain = {
      firstOffset: 5,
      compression: 4,
      transactional: false,
      producerId: 1,
      appendTime: false,
      control: false,
    };
    const { responses } = (await FetchResponse.decode(
      answer(await batchBytes({ ...plain, records: [record] })),
    )) as Read;
    const records = responses[0]?.partitions[0]?.messages.map((message) => fetchedRecord('bänke', 3, message).read());
    expect(records).toMatchObject([{ topic: 'bänke', partition: 3, offset: 6n, key: 'k' }]);
  });
});
