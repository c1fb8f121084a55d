import { randomBytes } from 'node:crypto';
import { type Stack, startStack } from '@banyan/stack';
import { FaultyLink } from '@banyan/stack/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import kafkajs from 'kafkajs';
import { SESSION_TIMEOUT_MS } from './consumer/group-session.js';
import type { EventLog } from './event-log.js';
import { createKafkaEventLog } from './kafka-event-log.js';
import { createClient } from './kafkajs/client.js';
import { errorType } from './kafkajs/error-type.js';
import { GuardedStore } from './testing/guarded-store.js';
import { all, idOf, numbered, until } from './testing/records.js';

/** A Kafka of its own, because it is stopped and killed; everybody reaches it over the link. */
let stack: Stack;
let link: FaultyLink;
const logs: EventLog[] = [];

function openLog(): EventLog {
  const log = createKafkaEventLog({ brokers: [link.through(stack.kafkaBrokers)], clientId: 'faults' });
  logs.push(log);
  return log;
}

beforeAll(async () => {
  link = await FaultyLink.to();
  stack = await startStack({ only: ['kafka'], ephemeral: true, own: true, kafkaLinkPort: link.port });
  link.leadTo(stack.kafkaBrokers);
  await link.up();
}, 180_000);

afterEach(async () => {
  await Promise.all(logs.splice(0).map((log) => log.close()));
});

afterAll(async () => {
  await link?.down();
  await stack?.stop();
});

describe('with Kafka down at the start', () => {
  it('starts, waits, and heals when Kafka comes', async () => {
    const topic = 'down-at-start';
    await openLog().createTopics([{ name: topic, partitions: 2 }]);
    await stack.services.kafka.stop();
    const log = openLog();
    const store = new GuardedStore();
    const consumer = await log.consume({ topic, group: topic, handler: store });
    const appender = await log.appender();
    const impatient = appender.append(numbered(topic, 1), { deadlineMs: 300 });
    const patient = appender.append(numbered(topic, 2), { deadlineMs: 120_000 });
    await expect(impatient).rejects.toMatchObject({ code: 'LOG_UNKNOWN', retryable: true });
    await expect(log.ends(topic)).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE', retryable: true });
    await until(() => consumer.lastError() !== undefined);
    expect(consumer.state()).toBe('starting');
    expect(appender.oldestUnacknowledgedMs()).toBeGreaterThan(300);
    await stack.services.kafka.start();
    await patient;
    await consumer.caughtUp({ timeoutMs: 60_000 });
    expect(consumer.state()).toBe('running');
    expect(store.effects.map(idOf).sort()).toEqual([1, 2]);
  }, 180_000);
});

describe('with Kafka cut off while a log is read', () => {
  it('ends the read when the log is closed, also where Kafka answers again by then', async () => {
    const topic = 'closed-log';
    const writing = openLog();
    await writing.createTopics([{ name: topic, partitions: 1 }]);
    const appender = await writing.appender();
    // Two of these do not fit into one fetch.
    for (const number of [1, 2]) await appender.append(numbered(topic, number, { value: randomBytes(600_000) }));
    const reading = openLog();
    const records = reading.read(topic, 0, 0n, 2n)[Symbol.asyncIterator]();
    expect(idOf((await records.next()).value)).toBe(1);
    await link.down();
    const waiting = records.next();
    const ended = expect(waiting).rejects.toMatchObject({ code: 'LOG_UNAVAILABLE' });
    await reading.close();
    await link.up();
    await ended;
  }, 60_000);
});

describe('closed while something is under way', () => {
  const ways: Readonly<Record<string, (log: EventLog, topic: string) => Promise<unknown>>> = {
    'the ends are asked for': (log, topic) => log.ends(topic),
    'a record is read': (log, topic) => log.read(topic, 0, 0n, 1n)[Symbol.asyncIterator]().next(),
    'a consumer comes into its group': (log, topic) =>
      log.consume({ topic, group: `${topic}-${randomBytes(4).toString('hex')}`, handler: new GuardedStore() }),
  };

  // kafkajs goes on behind a disconnect, over connections of its own: each of them keeps its process alive, and a member in its group.
  it.each(Object.keys(ways))(
    'leaves no connection behind, wherever it is as %s',
    async (way) => {
      const topic = 'left-behind';
      const log = openLog();
      await log.createTopics([{ name: topic, partitions: 12 }]);
      await (await log.appender()).append(numbered(topic, 1, { partition: 0 }));
      await log.close();
      for (let step = 0; step < 60; step += 1) {
        const closed = openLog();
        // With a connection that is there, and with one that is still to be made.
        if (step % 2 === 1) await closed.ends(topic);
        const underWay = ways[way]?.(closed, topic).catch(() => undefined);
        await new Promise((resolve) => setTimeout(resolve, step));
        await closed.close();
        await underWay;
      }
      await until(() => link.open === 0);
    },
    120_000,
  );
});

describe('with a log that lost its history', () => {
  it('refuses to jump over records deleted before the stored position was reached', async () => {
    const topic = 'truncated';
    const log = openLog();
    await log.createTopics([{ name: topic, partitions: 1 }]);
    await appendSome(log, topic, 10);
    await withAdmin(async (admin) => {
      // kafkajs deletes only in topics whose metadata it has
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '5' }] });
    });
    const store = new GuardedStore();
    store.positions.set(0, 3n);
    const consumer = await log.consume({ topic, group: topic, handler: store });
    await until(() => consumer.state() === 'crashed');
    expect(consumer.lastError()).toMatchObject({ code: 'LOG_OFFSET_GAP', data: { position: '3', low: '5' } });
    expect(store.slices).toEqual([]);
  }, 60_000);

  it('refuses to jump over records deleted while its buffer was full', async () => {
    const topic = 'truncated-while-paused';
    const log = openLog();
    await log.createTopics([{ name: topic, partitions: 1 }]);
    const count = 12_000;
    const appender = await log.appender();
    // Not to be compressed: one fetch would hold them all.
    await Promise.all(
      Array.from({ length: count }, (_, i) =>
        appender.append(numbered(topic, i, { value: randomBytes(300) }), { deadlineMs: 100_000 }),
      ),
    );
    const store = new GuardedStore();
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    store.before = () => mayEnd;
    const consumer = await log.consume({ topic, group: topic, handler: store });
    await until(() => store.slices.length === 1);
    await withAdmin(async (admin) => {
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '11900' }] });
    });
    end();
    await until(() => consumer.state() === 'crashed');
    expect(consumer.lastError()).toMatchObject({ code: 'LOG_OFFSET_GAP' });
    const offsets = store.effects.map(({ offset }) => Number(offset));
    expect(offsets.length).toBeLessThan(11_900);
    expect(offsets).toEqual(offsets.map((_, index) => index));
  }, 120_000);

  it('refuses a topic that is made anew while it reads', async () => {
    const topic = 'made-anew';
    const log = openLog();
    await log.createTopics([{ name: topic, partitions: 1 }]);
    await appendSome(log, topic, 10);
    const store = new GuardedStore();
    const consumer = await log.consume({ topic, group: topic, handler: store });
    await consumer.caughtUp({ timeoutMs: 30_000 });
    await withAdmin((admin) => admin.deleteTopics({ topics: [topic] }));
    await until(async () => {
      const created = openLog().createTopics([{ name: topic, partitions: 1 }]);
      return created.then(
        () => true,
        () => false,
      );
    });
    await appendSome(openLog(), topic, 3);
    await until(() => consumer.state() === 'crashed');
    expect(consumer.lastError()).toMatchObject({ code: 'LOG_OFFSET_GAP' });
    expect(store.effects).toHaveLength(10);
  }, 120_000);
});

describe('with a topic that is given more partitions', () => {
  it('stops reading it: keys are in other partitions from there on', async () => {
    const topic = 'widened';
    const log = openLog();
    await log.createTopics([{ name: topic, partitions: 2 }]);
    await appendSome(log, topic, 10);
    const consumer = await log.consume({ topic, group: topic, handler: new GuardedStore() });
    await consumer.caughtUp({ timeoutMs: 30_000 });
    await withAdmin((admin) => admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] }));
    await until(() => consumer.state() === 'crashed');
    expect(consumer.lastError()).toMatchObject({ code: 'LOG_PARTITION_COUNT', data: { is: 3, wanted: 2 } });
  }, 60_000);
});

describe('with a slice that takes longer than the session with the broker may be silent', () => {
  it('stays in the group: heartbeats do not wait for work', async () => {
    const topic = 'long-slice';
    const log = openLog();
    await log.createTopics([{ name: topic, partitions: 2 }]);
    await appendSome(log, topic, 4);
    const store = new GuardedStore();
    const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
    store.before = () => mayEnd;
    const states: string[] = [];
    const own = createKafkaEventLog({
      brokers: [link.through(stack.kafkaBrokers)],
      clientId: 'slow',
      onState: (change) => states.push(change.state),
    });
    logs.push(own);
    const consumer = await own.consume({ topic, group: topic, handler: store });
    await until(() => store.slices.length > 0);
    const begunMs = performance.now();
    await until(() => performance.now() - begunMs > SESSION_TIMEOUT_MS + 3_000);
    const [group] = await withAdmin(async (admin) => (await admin.describeGroups([topic])).groups);
    expect([group?.state, group?.members.length]).toEqual(['Stable', 1]);
    end();
    await consumer.caughtUp({ timeoutMs: 10_000 });
    expect(states).toEqual(['running']);
    expect(consumer.sinceFetchTriedMs()).toBeLessThan(5_000);
    expect(store.effects).toHaveLength(4);
  }, 60_000);
});

describe('with a group that refuses it', () => {
  it('is crashed, says why, and does not try for ever', async () => {
    const topic = 'strangers';
    const log = openLog();
    await log.createTopics([{ name: topic, partitions: 1 }]);
    const { AssignerProtocol, PartitionAssigners } = kafkajs;
    const stranger = createClient({ brokers: [link.through(stack.kafkaBrokers)], clientId: 'stranger' }).consumer({
      groupId: topic,
      partitionAssigners: [
        (config) => ({
          ...PartitionAssigners.roundRobin(config),
          name: 'stranger',
          protocol: ({ topics }) => ({
            name: 'stranger',
            metadata: AssignerProtocol.MemberMetadata.encode({ version: 1, topics, userData: Buffer.alloc(0) }),
          }),
        }),
      ],
    });
    const joined = new Promise((resolve) => stranger.on(stranger.events.GROUP_JOIN, resolve));
    await stranger.subscribe({ topic });
    await stranger.run({ eachMessage: async () => undefined });
    await joined;
    try {
      const consumer = await log.consume({ topic, group: topic, handler: new GuardedStore() });
      await until(() => consumer.state() === 'crashed');
      expect(consumer.lastError()).toMatchObject({ code: 'LOG_CONSUMER_REFUSED', data: { group: topic, times: 3 } });
      expect(errorType(consumer.lastError())).toBe('INCONSISTENT_GROUP_PROTOCOL');
      await consumer.stop(1_000);
      expect(consumer.state()).toBe('crashed');
    } finally {
      await stranger.disconnect();
    }
  }, 60_000);
});

describe('what it leaves in Kafka', () => {
  it('leaves no group behind by reading, and the position as a hint by consuming', async () => {
    const topic = 'traces';
    const log = openLog();
    await log.createTopics([{ name: topic, partitions: 1 }]);
    await appendSome(log, topic, 10);
    const groups = () => withAdmin(async (admin) => (await admin.listGroups()).groups.map(({ groupId }) => groupId));
    const before = await groups();
    expect(await all(log.read(topic, 0, 0n, 10n))).toHaveLength(10);
    expect(await groups()).toEqual(before);
    const consumer = await log.consume({ topic, group: 'hints', handler: new GuardedStore() });
    await consumer.caughtUp({ timeoutMs: 30_000 });
    await consumer.stop(5_000);
    const [offsets] = await withAdmin((admin) => admin.fetchOffsets({ groupId: 'hints', topics: [topic] }));
    expect(offsets?.partitions).toMatchObject([{ partition: 0, offset: '10' }]);
  }, 60_000);

  it('compresses large batches with zstd, and reads them back', async () => {
    const topic = 'compressed';
    const log = openLog();
    await log.createTopics([{ name: topic, partitions: 1, config: { 'max.message.bytes': '20000' } }]);
    const appender = await log.appender();
    await appender.append(numbered(topic, 1, { value: Buffer.alloc(500_000, 'a') }));
    const [record] = await all(log.read(topic, 0, 0n, 1n));
    expect(record?.value?.equals(Buffer.alloc(500_000, 'a'))).toBe(true);
  }, 60_000);

  it('tells a refused record from its neighbours in the batch', async () => {
    const topic = 'refused';
    const log = openLog();
    await log.createTopics([{ name: topic, partitions: 1, config: { 'max.message.bytes': '3000' } }]);
    const appender = await log.appender();
    const answers = await Promise.allSettled([
      appender.append(numbered(topic, 1)),
      appender.append(numbered(topic, 2, { value: randomBytes(8_000) })),
      appender.append(numbered(topic, 3)),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(answers[1]).toMatchObject({ reason: { code: 'LOG_NOT_WRITTEN', data: { reason: 'refused' } } });
    expect((await all(log.read(topic, 0, 0n, 2n))).map(idOf)).toEqual([1, 3]);
  }, 60_000);
});

async function appendSome(log: EventLog, topic: string, count: number): Promise<void> {
  const appender = await log.appender();
  await Promise.all(Array.from({ length: count }, (_, i) => appender.append(numbered(topic, i))));
}

type KafkajsAdmin = ReturnType<ReturnType<typeof createClient>['admin']>;

async function withAdmin<T>(work: (admin: KafkajsAdmin) => Promise<T>): Promise<T> {
  const admin = createClient({ brokers: [link.through(stack.kafkaBrokers)], clientId: 'spec' }).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}
