import { describe, expect, it } from '@jest/globals';
import type { InnerBroker, InnerCluster, ProduceAnswer, Protocol } from '../kafkajs/internals.js';
import { readBatch } from '../testing/kafkajs-batches.js';
import { IdempotentProducer } from './idempotent-producer.js';
import { recordBatch } from '../record-batch/write-batch.js';

interface Sent {
  readonly node: string;
  /** By partition. */
  readonly batches: ReadonlyMap<
    number,
    { readonly keys: string; readonly sequence: number; readonly producer: string }
  >;
  /** @param errors codes by partition */
  answer(errors?: Readonly<Record<number, number>>, without?: 'no partition' | 'no offset'): void;
  fail(error: Error): void;
}

/** A cluster with partitions 0 and 1 on one node and 2 on another; requests are answered when the test says so. */
async function aCluster() {
  const sent: Sent[] = [];
  const leaders = new Map([
    [0, 'a'],
    [1, 'a'],
    [2, 'b'],
  ]);
  let refreshed = 0;
  let removed = 0;
  const brokers = new Map(['a', 'b'].map((node) => [node, aBroker(node, sent)] as const));
  const cluster: InnerCluster = {
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
  };
  const producer = await IdempotentProducer.connect(cluster);
  const send = (partition: number, keys: string) =>
    producer.send('t', partition, async () => {
      const records = [...keys].map((key) => ({ key, value: null, headers: {} }));
      return recordBatch(records, { timestampMs: 0, compressAboveBytes: 1_000_000 });
    });
  return { producer, send, sent, leaders, refreshed: () => refreshed, removed: () => removed };
}

function aBroker(node: string, sent: Sent[]): InnerBroker {
  return {
    fetch: async () => ({ responses: [] }),
    initProducerId: async () => ({ producerId: '4711', producerEpoch: 3 }),
    disconnect: async () => undefined,
    versions: null,
    connectionPool: {
      host: node,
      port: 1,
      send: async <T>({ request, response }: Protocol<T>) => {
        const batches = await batchesIn((await request.encode()).buffer);
        const { promise, resolve, reject } = Promise.withResolvers<ProduceAnswer>();
        const answer: Sent['answer'] = (errors = {}, without) => {
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
  };
}

/** Of a request for topic `t`. */
async function batchesIn(body: Buffer): Promise<Sent['batches']> {
  // No transaction, acknowledgement by all, the brokers' time, one topic and its name.
  expect(body.subarray(0, 4).toString('hex')).toBe('ffffffff');
  let at = 2 + 2 + 4 + 4 + 2 + 1;
  const batches = new Map();
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
  expect(at).toBe(body.length);
  return batches;
}

const settled = async (): Promise<void> => {
  for (let turns = 0; turns < 10; turns += 1) await new Promise((resolve) => setImmediate(resolve));
};
const NOT_LEADER = 6;
const batchOf = (sent: Sent | undefined, partition: number) => sent?.batches.get(partition);

describe('the idempotent producer', () => {
  it('sends all partitions that wait for a broker in one request, and one request at a time', async () => {
    const { send, sent } = await aCluster();
    const first = send(0, 'x');
    await settled();
    const others = [send(1, 'ab'), send(2, 'c')];
    await settled();
    // Another broker is another way.
    expect(sent.map(({ node }) => node)).toEqual(['a', 'b']);
    sent[0]?.answer();
    await first;
    const again = send(0, 'y');
    await settled();
    expect(sent.slice(2).map(({ batches }) => [...batches.keys()])).toEqual([[1]]);
    sent[2]?.answer();
    await settled();
    sent[3]?.answer();
    sent[1]?.answer();
    expect(await Promise.all([...others, again])).toEqual([100n, 200n, 0n]);
  });

  it('asks for a batch when its turn has come, not before', async () => {
    const { producer, send, sent } = await aCluster();
    const first = send(0, 'x');
    await settled();
    let asked = 0;
    const withdrawn = producer.send('t', 1, async () => {
      asked += 1;
      return undefined;
    });
    await settled();
    expect(asked).toBe(0);
    sent[0]?.answer();
    expect(await Promise.all([first, withdrawn])).toEqual([0n, undefined]);
    expect([asked, sent.length]).toEqual([1, 1]);
  });

  it('moves the sequence of a partition with what is acknowledged, and with nothing else', async () => {
    const { send, sent } = await aCluster();
    const steps: [string, 'answer' | 'fail'][] = [
      ['abc', 'fail'],
      ['abc', 'answer'],
      ['d', 'fail'],
      ['d', 'fail'],
      ['d', 'answer'],
      ['e', 'answer'],
    ];
    for (const [index, [keys, how]] of steps.entries()) {
      const told = send(0, keys).catch(() => undefined);
      await settled();
      if (how === 'answer') sent[index]?.answer();
      else sent[index]?.fail(new Error('timed out'));
      await told;
    }
    expect(sent.map((one) => batchOf(one, 0)?.sequence)).toEqual([0, 0, 3, 3, 3, 4]);
    expect(batchOf(sent[0], 0)?.producer).toBe('4711/3');
  });

  it('tells each partition of its own fate', async () => {
    const { send, sent, refreshed } = await aCluster();
    const blocker = send(0, 'x');
    await settled();
    const both = Promise.allSettled([send(1, 'b')]);
    sent[0]?.answer();
    await blocker;
    const third = Promise.allSettled([send(0, 'a')]);
    await settled();
    sent[1]?.answer({ 1: NOT_LEADER });
    await settled();
    sent[2]?.answer();
    expect(await both).toMatchObject([{ reason: { type: 'NOT_LEADER_FOR_PARTITION' } }]);
    expect(await third).toMatchObject([{ value: 0n }]);
    expect(refreshed()).toBe(0);
    const again = send(1, 'b');
    await settled();
    expect(refreshed()).toBe(1);
    sent[3]?.answer();
    await again;
    expect(sent.map((one) => batchOf(one, 1)?.sequence)).toEqual([undefined, 0, undefined, 0]);
  });

  it('does not take an answer without an offset for an acknowledgement', async () => {
    const { send, sent } = await aCluster();
    for (const index of [0, 1]) {
      const told = send(0, 'ab').catch((error: Error) => error.message);
      await settled();
      sent[index]?.answer(index === 0 ? {} : { 0: 0 }, index === 0 ? 'no partition' : 'no offset');
      expect(await told).toBe('the broker answered without an offset');
    }
    const third = send(0, 'ab');
    await settled();
    sent[2]?.answer();
    await third;
    expect(sent.map((one) => batchOf(one, 0)?.sequence)).toEqual([0, 0, 0]);
  });

  it('follows a partition to its new leader, with its sequence', async () => {
    const { send, sent, leaders } = await aCluster();
    const first = send(0, 'ab');
    await settled();
    sent[0]?.answer();
    await first;
    leaders.set(0, 'b');
    const second = send(0, 'c');
    await settled();
    sent[1]?.answer();
    await second;
    expect(sent.map((one) => [one.node, batchOf(one, 0)?.sequence])).toEqual([
      ['a', 0],
      ['b', 2],
    ]);
  });

  it('throws a broker away whose connection was closed', async () => {
    const { send, sent, removed } = await aCluster();
    const told = send(0, 'a').catch((error: Error) => error.name);
    await settled();
    sent[0]?.fail(Object.assign(new Error('closed'), { name: 'KafkaJSConnectionClosedError' }));
    expect(await told).toBe('KafkaJSConnectionClosedError');
    expect(removed()).toBe(1);
  });

  it('sends nothing more once it was given up: its successor may have sent what comes behind', async () => {
    const { producer, send, sent } = await aCluster();
    const first = send(0, 'a');
    await settled();
    const waiting = Promise.allSettled([send(1, 'b')]);
    await settled();
    producer.discard();
    sent[0]?.answer();
    expect(await first).toBe(0n);
    expect(await waiting).toMatchObject([{ status: 'rejected' }]);
    await expect(send(2, 'c')).rejects.toThrow('given up');
    expect(sent).toHaveLength(1);
  });

  it('does not send what was still being made when it was given up', async () => {
    const { producer, sent } = await aCluster();
    const made = Promise.withResolvers<void>();
    const told = Promise.allSettled([
      producer.send('t', 0, async () => {
        await made.promise;
        return recordBatch([{ key: 'a', value: null, headers: {} }], { timestampMs: 0, compressAboveBytes: 1_000 });
      }),
    ]);
    await settled();
    producer.discard();
    made.resolve();
    expect(await told).toMatchObject([{ status: 'rejected' }]);
    expect(sent).toEqual([]);
  });
});
