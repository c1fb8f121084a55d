import { describe, expect, it } from '@jest/globals';
import * as internals from './internals.js';

type Part = Readonly<Record<string, unknown>>;

const PARTS = new Map<string, unknown>(Object.entries(internals));

/**
 * All that is used of kafkajs' inner parts, and by whom. `has` are the functions, or what an instance has; what they do is held by the specs
 * of those that use them.
 */
const USED: readonly {
  readonly part: keyof typeof internals;
  readonly by: string;
  readonly has?: readonly string[];
}[] = [
  { part: 'Connection', by: 'patches.ts', has: ['connect', 'isConnected'] },
  { part: 'RequestQueue', by: 'patches.ts', has: ['scheduleCheckPendingRequests', 'checkPendingRequests'] },
  { part: 'FetchResponse', by: 'patches.ts' },
  { part: 'lookupCodecByAttributes', by: 'decompress.ts' },
  { part: 'socketFactory', by: 'sockets.ts' },
  {
    part: 'Cluster',
    by: 'cluster.ts; log-reader.ts and idempotent-producer.ts speak to brokers through it',
    has: [
      'connect',
      'disconnect',
      'isConnected',
      'addTargetTopic',
      'refreshMetadata',
      'refreshMetadataIfNecessary',
      'findLeaderForPartitions',
      'findBroker',
      'findControllerBroker',
      'removeBroker',
    ],
  },
  { part: 'Broker', by: 'what a cluster answers', has: ['fetch', 'initProducerId', 'disconnect'] },
  { part: 'ConnectionPool', by: 'what a broker sends through', has: ['send'] },
  { part: 'Encoder', by: 'produce-request.ts', has: ['writeBuffer'] },
  { part: 'decodeProduceAnswer', by: 'produce-request.ts' },
  { part: 'createErrorFromCode', by: 'idempotent-producer.ts' },
  { part: 'crc32c', by: 'write-batch.ts' },
  { part: 'READ_COMMITTED', by: 'cluster.ts, log-reader.ts' },
];

describe("kafkajs' inner parts", () => {
  it.each(USED.filter(({ has }) => has !== undefined))('has what is used of $part, by $by', ({ part, has = [] }) => {
    const { prototype } = PARTS.get(part) as { prototype: Part };
    expect(has.filter((name) => typeof prototype[name] !== 'function')).toEqual([]);
  });

  it('has the functions that are used', () => {
    expect(typeof internals.FetchResponse.decode).toBe('function');
    expect(internals.lookupCodecByAttributes(0)).toBeNull();
    expect(typeof internals.lookupCodecByAttributes(1)?.decompress).toBe('function');
    expect(typeof internals.socketFactory()).toBe('function');
    // That of the standard's example.
    expect(internals.crc32c(Buffer.from('123456789'))).toBe(0xe3069283);
    expect(new internals.Encoder(3).writeBuffer(Buffer.from('abc')).buffer).toEqual(Buffer.from('abc'));
    expect(internals.createErrorFromCode(6)).toMatchObject({ type: 'NOT_LEADER_FOR_PARTITION' });
  });

  it('reads what a broker answers to a produce request, and that it asks for patience', async () => {
    const answer = Buffer.alloc(4 + 2 + 1 + 4 + 4 + 2 + 3 * 8 + 4);
    let at = answer.writeInt32BE(1, 0);
    at = answer.writeInt16BE(1, at);
    at += answer.write('t', at);
    at = answer.writeInt32BE(1, at);
    at = answer.writeInt32BE(5, at);
    at = answer.writeInt16BE(7, at);
    at = answer.writeBigInt64BE(2n ** 53n + 1n, at);
    at = answer.writeBigInt64BE(-1n, at);
    at = answer.writeBigInt64BE(0n, at);
    answer.writeInt32BE(40, at);
    expect(await internals.decodeProduceAnswer(answer)).toMatchObject({
      topics: [{ topicName: 't', partitions: [{ partition: 5, errorCode: 7, baseOffset: '9007199254740993' }] }],
      clientSideThrottleTime: 40,
    });
  });

  it('has a line here for each', () => {
    expect(USED.map(({ part }) => part).sort()).toEqual([...PARTS.keys()].sort());
  });
});
