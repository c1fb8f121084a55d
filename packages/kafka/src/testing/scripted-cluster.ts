import type { OwnCluster } from '../kafkajs/cluster.js';
import type { InnerBroker, ProduceAnswer, Protocol } from '../kafkajs/internals.js';
import { readBatch } from './kafkajs-batches.js';

/** A produce request that went out, for topic `t`. */
export interface SentRequest {
  readonly node: string;
  /** By partition. */
  readonly batches: ReadonlyMap<number, SentBatch>;
  /** With base offset 100 times the partition. @param errors codes by partition */
  answer(errors?: Readonly<Record<number, number>>, without?: 'no partition' | 'no offset'): void;
  fail(error: Error): void;
}

export interface SentBatch {
  readonly keys: string;
  readonly sequence: number;
  /** Its id and epoch. */
  readonly producer: string;
}

const VERSIONS = { minVersion: 0, maxVersion: 11 };

/**
 * Clusters with partitions 0 and 1 of topic `t` on one node and 2 on another; requests are answered when the test says so. Each connection
 * to them is a cluster of its own, and gets a producer id of its own.
 * @param produce versions of a produce request that the brokers know
 */
export function scriptedCluster({ produce = VERSIONS }: { readonly produce?: typeof VERSIONS } = {}) {
  const sent: SentRequest[] = [];
  const leaders = new Map([
    [0, 'a'],
    [1, 'a'],
    [2, 'b'],
  ]);
  let refreshed = 0;
  let removed = 0;
  let brokenOff = 0;
  let producers = 0;
  const aBroker = (node: string): InnerBroker => ({
    fetch: async () => ({ responses: [] }),
    initProducerId: async () => {
      producers += 1;
      return { producerId: String(4_710 + producers), producerEpoch: 3 };
    },
    disconnect: async () => undefined,
    versions: { 0: produce },
    connectionPool: {
      host: node,
      port: 1,
      send: async <T>({ request, response }: Protocol<T>) => {
        const batches = await batchesIn((await request.encode()).buffer);
        const { promise, resolve, reject } = Promise.withResolvers<ProduceAnswer>();
        const answer: SentRequest['answer'] = (errors = {}, without) => {
          const partitions = [...batches.keys()].map((partition) => ({
            partition,
            errorCode: errors[partition] ?? 0,
            baseOffset: errors[partition] === undefined && without === undefined ? String(partition * 100) : '-1',
          }));
          resolve({ topics: [{ topicName: 't', partitions: without === 'no partition' ? [] : partitions }] });
        };
        sent.push({ node, batches, answer, fail: reject });
        return response.parse((await promise) as T);
      },
    },
  });
  const cluster = (): OwnCluster => {
    const brokers = new Map(['a', 'b'].map((node) => [node, aBroker(node)] as const));
    return {
      connect: async () => undefined,
      disconnect: async () => undefined,
      isConnected: () => true,
      addTargetTopic: async () => undefined,
      refreshMetadata: async () => {
        refreshed += 1;
      },
      refreshMetadataIfNecessary: async () => undefined,
      findLeaderForPartitions: (_topic, [partition = -1]) => ({ [leaders.get(partition) ?? '']: [partition] }),
      findBroker: async ({ nodeId }) => brokers.get(nodeId) as InnerBroker,
      findControllerBroker: async () => brokers.get('a') as InnerBroker,
      removeBroker: () => {
        removed += 1;
      },
      breakOff: () => {
        brokenOff += 1;
      },
    };
  };
  return { cluster, sent, leaders, refreshed: () => refreshed, removed: () => removed, brokenOff: () => brokenOff };
}

async function batchesIn(body: Buffer): Promise<SentRequest['batches']> {
  // No transaction, acknowledgement by all, the brokers' time, one topic and its name.
  if (body.subarray(0, 4).toString('hex') !== 'ffffffff')
    throw new Error('not acknowledged by all, or in a transaction');
  let at = 2 + 2 + 4 + 4 + 2 + 1;
  const batches = new Map<number, SentBatch>();
  let left = body.readInt32BE(at);
  at += 4;
  for (; left > 0; left -= 1) {
    const partition = body.readInt32BE(at);
    const length = body.readInt32BE(at + 4);
    const { written, firstSequence, producerId, producerEpoch } = await readBatch(
      body.subarray(at + 8, at + 8 + length),
    );
    const producer = `${producerId}/${producerEpoch}`;
    batches.set(partition, { keys: written.map(({ key }) => key).join(''), sequence: firstSequence, producer });
    at += 8 + length;
  }
  if (at !== body.length) throw new Error('bytes behind the end of the request');
  return batches;
}

/** Whatever can go on without an answer has gone on. */
export async function settled(): Promise<void> {
  for (let turns = 0; turns < 10; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}
