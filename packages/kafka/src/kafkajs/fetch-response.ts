import { type BatchedRecord, readBatches } from '../record-batch/read-batches.js';
import { decompress } from './decompress.js';

/** What kafkajs makes of a broker's answer to a fetch of version 11, but for the messages, of which little is read yet. */
export interface FetchResponse {
  readonly throttleTime: number;
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly sessionId: number;
  readonly responses: readonly { readonly topicName: string; readonly partitions: readonly PartitionResponse[] }[];
}

interface PartitionResponse {
  readonly partition: number;
  readonly errorCode: number;
  readonly highWatermark: string;
  readonly lastStableOffset: string;
  readonly lastStartOffset: string;
  readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[];
  readonly preferredReadReplica: number;
  readonly messages: readonly BatchedRecord[];
}

/** Undefined when there are records in a form from before Kafka 0.11. */
export async function readFetchResponse(bytes: Buffer): Promise<FetchResponse | undefined> {
  const fields = new Fields(bytes);
  // The broker has not throttled; the client is to do it.
  const head = { throttleTime: 0, clientSideThrottleTime: fields.int32(), errorCode: fields.int16() };
  const sessionId = fields.int32();
  const responses: { topicName: string; partitions: PartitionResponse[] }[] = [];
  for (let topics = fields.int32(); topics > 0; topics -= 1) {
    const topicName = fields.text();
    const partitions: PartitionResponse[] = [];
    for (let count = fields.int32(); count > 0; count -= 1) {
      const partition = fields.int32();
      const facts = {
        partition,
        errorCode: fields.int16(),
        highWatermark: fields.int64(),
        lastStableOffset: fields.int64(),
        lastStartOffset: fields.int64(),
        abortedTransactions: fields.aborted(),
        preferredReadReplica: fields.int32(),
      };
      const messages = await readBatches(fields.sized(), { topic: topicName, partition, decompress });
      if (messages === undefined) return undefined;
      partitions.push({ ...facts, messages });
    }
    responses.push({ topicName, partitions });
  }
  return { ...head, sessionId, responses };
}

/** The fields of an answer, from front to back. */
class Fields {
  #at = 0;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int16(): number {
    this.#at += 2;
    return this.#bytes.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  int64(): string {
    this.#at += 8;
    return String(this.#bytes.readBigInt64BE(this.#at - 8));
  }

  text(): string {
    const length = this.int16();
    this.#at += length;
    return this.#bytes.toString('utf8', this.#at - length, this.#at);
  }

  sized(): Buffer {
    const length = Math.max(0, this.int32());
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  aborted(): { producerId: string; firstOffset: string }[] {
    const aborted: { producerId: string; firstOffset: string }[] = [];
    for (let count = this.int32(); count > 0; count -= 1)
      aborted.push({ producerId: this.int64(), firstOffset: this.int64() });
    return aborted;
  }
}
