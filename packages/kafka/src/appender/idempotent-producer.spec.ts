import { describe, expect, it } from '@jest/globals';
import type { OwnCluster } from '../kafkajs/cluster.js';
import { recordBatch } from '../record-batch/write-batch.js';
import { type SentRequest, scriptedCluster, settled } from '../testing/scripted-cluster.js';
import { IdempotentProducer } from './idempotent-producer.js';

/** @param other what its cluster does otherwise */
async function aProducer(other: (cluster: OwnCluster) => Partial<OwnCluster> = () => ({})) {
  const scripted = scriptedCluster();
  const cluster = scripted.cluster();
  const producer = await IdempotentProducer.connect({ ...cluster, ...other(cluster) });
  const send = (partition: number, keys: string) =>
    producer.send('t', partition, async () => {
      const records = [...keys].map((key) => ({ key, value: null, headers: {} }));
      return recordBatch(records, { timestampMs: 0, compressAboveBytes: 1_000_000 });
    });
  return { ...scripted, producer, send };
}

const NOT_LEADER = 6;
const batchOf = (sent: SentRequest | undefined, partition: number) => sent?.batches.get(partition);

describe('the idempotent producer', () => {
  it('sends all partitions that wait for a broker in one request, and one request at a time', async () => {
    const { send, sent } = await aProducer();
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
    const { producer, send, sent } = await aProducer();
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
    const { send, sent } = await aProducer();
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
    const { send, sent, refreshed } = await aProducer();
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

  it('tells partitions that shared a request apart: one is refused, one has an answer', async () => {
    const { send, sent } = await aProducer();
    const blocker = send(0, 'x');
    await settled();
    const shared = Promise.allSettled([send(0, 'ab'), send(1, 'c')]);
    await settled();
    sent[0]?.answer();
    await blocker;
    await settled();
    expect([...(sent[1]?.batches.keys() ?? [])]).toEqual([0, 1]);
    sent[1]?.answer({ 1: NOT_LEADER });
    expect(await shared).toMatchObject([{ value: 0n }, { reason: { type: 'NOT_LEADER_FOR_PARTITION' } }]);
    const next = [send(0, 'd'), send(1, 'c')];
    await settled();
    sent[2]?.answer();
    await settled();
    sent[3]?.answer();
    await Promise.all(next);
    // What was acknowledged has moved on, what was refused has not.
    expect(sent.map((one) => batchOf(one, 0)?.sequence)).toEqual([0, 1, 3, undefined]);
    expect(sent.map((one) => batchOf(one, 1)?.sequence)).toEqual([undefined, 0, undefined, 0]);
  });

  it('asks for new metadata on account of the partition that failed, and not for the others', async () => {
    let refused = false;
    const { send, sent } = await aProducer(() => ({
      refreshMetadata: async () => {
        // As kafkajs answers while a partition, whichever, has no leader.
        refused = true;
        throw Object.assign(new Error('no leader'), { type: 'LEADER_NOT_AVAILABLE' });
      },
    }));
    const failing = send(0, 'a').catch((error: Error) => error.message);
    await settled();
    sent[0]?.fail(new Error('reset'));
    expect(await failing).toBe('reset');
    const other = send(1, 'b');
    await settled();
    expect([sent.length, refused]).toEqual([2, false]);
    sent[1]?.answer();
    expect(await other).toBe(100n);
    await expect(send(0, 'a')).rejects.toMatchObject({ type: 'LEADER_NOT_AVAILABLE' });
  });

  it.each([
    ['a request', Object.assign(new Error('timed out'), { name: 'KafkaJSRequestTimeoutError' })],
    [
      'what kafkajs has tried often enough',
      new Error('gave up', { cause: Object.assign(new Error(), { name: 'KafkaJSRequestTimeoutError' }) }),
    ],
    ['a connection whose first answer did not come', new Error('Broker not connected')],
  ])('breaks its connections off when %s is owed an answer', async (_what, error) => {
    const { send, sent, brokenOff } = await aProducer();
    const told = send(0, 'a').catch((reason: unknown) => reason);
    await settled();
    sent[0]?.fail(error);
    expect([await told, brokenOff()]).toEqual([error, 1]);
  });

  it('breaks its connections off as well when the metadata do not come: on an idle one they are what is asked for first', async () => {
    const overdue = Object.assign(new Error('timed out'), { name: 'KafkaJSRequestTimeoutError' });
    let dead = false;
    const { send, sent, brokenOff } = await aProducer(() => ({
      refreshMetadataIfNecessary: async () => {
        if (dead) throw overdue;
      },
    }));
    dead = true;
    await expect(send(0, 'a')).rejects.toBe(overdue);
    expect([brokenOff(), sent.length]).toEqual([1, 0]);
  });

  it('leaves its connections alone when a broker has said what is wrong', async () => {
    const { send, sent, brokenOff } = await aProducer();
    const told = send(0, 'a').catch((reason: unknown) => reason);
    await settled();
    sent[0]?.answer({ 0: NOT_LEADER });
    await told;
    expect(brokenOff()).toBe(0);
  });

  it('does not take an answer without an offset for an acknowledgement', async () => {
    const { send, sent } = await aProducer();
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
    const { send, sent, leaders } = await aProducer();
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

  it('counts on from 0 behind the last sequence number there is', async () => {
    const { producer, send, sent } = await aProducer();
    const most = await recordBatch([{ key: 'a', value: null, headers: {} }], {
      timestampMs: 0,
      compressAboveBytes: 1_000,
    });
    const first = producer.send('t', 0, async () => ({ ...most, count: 2 ** 31 - 2 }));
    await settled();
    sent[0]?.answer();
    await first;
    for (const [index, keys] of ['abc', 'd'].entries()) {
      const told = send(0, keys);
      await settled();
      sent[index + 1]?.answer();
      await told;
    }
    expect(sent.map((one) => batchOf(one, 0)?.sequence)).toEqual([0, 2 ** 31 - 2, 1]);
  });

  it('sends as many requests as brokers need to take them, one after the other, each with a fate of its own', async () => {
    const { producer, send, sent } = await aProducer();
    const blocker = send(0, 'x');
    await settled();
    const large = { key: 'l', value: Buffer.alloc(6_000_000), headers: {} };
    const both = Promise.allSettled(
      [0, 1].map((partition) =>
        producer.send('t', partition, () =>
          recordBatch([large], { timestampMs: 0, compressAboveBytes: Number.POSITIVE_INFINITY }),
        ),
      ),
    );
    sent[0]?.answer();
    await blocker;
    await settled();
    expect(sent.slice(1).map(({ batches }) => [...batches.keys()])).toEqual([[0]]);
    sent[1]?.fail(new Error('timed out'));
    await settled();
    expect(sent.slice(2).map(({ batches }) => [...batches.keys()])).toEqual([[1]]);
    sent[2]?.answer();
    expect(await both).toMatchObject([{ status: 'rejected' }, { value: 100n }]);
  });

  it('refuses brokers that do not know the version it speaks, and says which they know', async () => {
    for (const [versions, said] of [
      [{ minVersion: 0, maxVersion: 5 }, '0 to 5'],
      [{ minVersion: 9, maxVersion: 13 }, '9 to 13'],
    ] as const) {
      const connecting = IdempotentProducer.connect(scriptedCluster({ produce: versions }).cluster());
      await expect(connecting).rejects.toMatchObject({
        code: 'LOG_UNAVAILABLE',
        message: expect.stringContaining(`knows versions ${said} of a produce request, and 7 is sent`),
      });
    }
  });

  it('throws a broker away whose connection was closed', async () => {
    const { send, sent, removed } = await aProducer();
    const told = send(0, 'a').catch((error: Error) => error.name);
    await settled();
    sent[0]?.fail(Object.assign(new Error('closed'), { name: 'KafkaJSConnectionClosedError' }));
    expect(await told).toBe('KafkaJSConnectionClosedError');
    expect(removed()).toBe(1);
  });

  it('sends nothing more once it was given up: its successor may have sent what comes behind', async () => {
    const { producer, send, sent } = await aProducer();
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

  it('asks for no batch once it was given up, also while its broker was looked for: a successor has it, and what is behind it', async () => {
    const found = Promise.withResolvers<void>();
    let looking = false;
    const { producer, sent } = await aProducer((cluster) => ({
      findBroker: async (which) => {
        looking = true;
        await found.promise;
        return cluster.findBroker(which);
      },
    }));
    let asked = 0;
    const told = Promise.allSettled([
      producer.send('t', 0, async () => {
        asked += 1;
        return undefined;
      }),
    ]);
    await settled();
    expect(looking).toBe(true);
    producer.discard();
    found.resolve();
    expect(await told).toMatchObject([{ status: 'rejected', reason: { message: 'the producer was given up' } }]);
    expect([asked, sent.length]).toEqual([0, 0]);
  });

  it('looks its broker up for each request: behind one that failed it is another one', async () => {
    const large = { key: 'l', value: Buffer.alloc(6_000_000), headers: {} };
    let looked = 0;
    const { producer, send, sent } = await aProducer((cluster) => ({
      findBroker: async (which) => {
        looked += 1;
        return cluster.findBroker(which);
      },
    }));
    const blocker = send(0, 'x');
    await settled();
    const both = Promise.allSettled(
      [0, 1].map((partition) =>
        producer.send('t', partition, () =>
          recordBatch([large], { timestampMs: 0, compressAboveBytes: Number.POSITIVE_INFINITY }),
        ),
      ),
    );
    sent[0]?.answer();
    await blocker;
    await settled();
    const before = looked;
    sent[1]?.fail(Object.assign(new Error('closed'), { name: 'KafkaJSConnectionClosedError' }));
    await settled();
    sent[2]?.answer();
    expect(await both).toMatchObject([{ status: 'rejected' }, { value: 100n }]);
    expect(looked - before).toBe(1);
  });

  it('does not send what was still being made when it was given up', async () => {
    const { producer, sent } = await aProducer();
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
