import {
  decodeProduceAnswer,
  Encoder,
  type InnerBroker,
  type ProduceAnswer,
  type Protocol,
} from '../kafkajs/internals.js';
import { unavailable } from '../log-errors.js';

/** How long the broker may wait for its replicas. */
const ACK_TIMEOUT_MS = 3_000;
const PRODUCE = 0;
/** The first one with zstd: of Kafka 2.1. */
const VERSION = 7;
const ALL_IN_SYNC = -1;

/** A batch on its way into one partition, its sender in it. */
export interface SealedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
}

/** Batches of several partitions in one request, which is what kafkajs cannot be asked for. Each is answered for itself. */
export function produceRequest(batches: readonly SealedBatch[]): Protocol<ProduceAnswer> {
  return {
    request: {
      apiKey: PRODUCE,
      apiVersion: VERSION,
      apiName: 'Produce',
      expectResponse: () => true,
      encode: async () => {
        const body = bodyOf(batches);
        return new Encoder(body.length).writeBuffer(body);
      },
    },
    // What a broker says of one partition is not the fate of the others: kafkajs would throw the first fault away with all answers.
    response: { decode: decodeProduceAnswer, parse: async (answer) => answer },
  };
}

/** Throws when a broker does not know the one version that is spoken here: asked, it would end the connection without a word. */
export function requireProduce({
  versions,
  connectionPool: { host, port },
}: Pick<InnerBroker, 'versions' | 'connectionPool'>): void {
  const known = versions?.[PRODUCE];
  if (known !== undefined && known.minVersion <= VERSION && known.maxVersion >= VERSION) return;
  const range = known === undefined ? 'none' : `${known.minVersion} to ${known.maxVersion}`;
  throw unavailable(
    'connecting a producer',
    new Error(
      `${host}:${port} knows versions ${range} of a produce request, and ${VERSION} is sent: it takes Kafka 2.1 or later`,
    ),
  );
}

function bodyOf(batches: readonly SealedBatch[]): Buffer {
  const parts: Buffer[] = [];
  // No transaction: the length of a string that is not there.
  parts.push(numbers([-1, 2], [ALL_IN_SYNC, 2], [ACK_TIMEOUT_MS, 4]));
  const topics = Map.groupBy(batches, ({ topic }) => topic);
  parts.push(numbers([topics.size, 4]));
  for (const [topic, own] of topics) {
    const name = Buffer.from(topic);
    parts.push(numbers([name.length, 2]), name, numbers([own.length, 4]));
    for (const { partition, bytes } of own) parts.push(numbers([partition, 4], [bytes.length, 4]), bytes);
  }
  return Buffer.concat(parts);
}

function numbers(...fields: readonly (readonly [value: number, bytes: 2 | 4])[]): Buffer {
  const buffer = Buffer.allocUnsafe(fields.reduce((sum, [, bytes]) => sum + bytes, 0));
  let at = 0;
  for (const [value, bytes] of fields) at = buffer.writeIntBE(value, at, bytes);
  return buffer;
}
