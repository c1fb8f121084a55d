import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Appender, EventLog, Position } from './event-log.js';
import { GuardedStore } from './testing/guarded-store.js';
import { all, idOf, numbered, until } from './testing/records.js';

const PATIENCE = { timeoutMs: 30_000 };

/** What every `EventLog` keeps. Each test has topics of its own. */
export function eventLogContract(name: string, make: () => Promise<{ log: EventLog; prefix: string }>): void {
  let log: EventLog;
  let appender: Appender;
  let prefix: string;
  let topics = 0;

  async function newTopic(partitions = 3): Promise<string> {
    topics += 1;
    const topic = `${prefix}contract-${topics}`;
    await log.createTopics([{ name: topic, partitions }]);
    return topic;
  }

  const appendAll = (topic: string, count: number, from = 0): Promise<Position[]> =>
    Promise.all(Array.from({ length: count }, (_, i) => appender.append(numbered(topic, from + i))));

  beforeAll(async () => {
    ({ log, prefix } = await make());
    appender = await log.appender();
  }, 180_000);

  afterAll(async () => {
    await log?.close();
  });

  describe(`${name}: appending`, () => {
    it('answers with the place where the record lies', async () => {
      const topic = await newTopic();
      const positions = await appendAll(topic, 50);
      for (const [i, { partition, offset }] of positions.entries()) {
        const [record] = await all(log.read(topic, partition, offset, offset + 1n));
        expect(record && idOf(record)).toBe(i);
      }
    });

    it('keeps the order of the appends to a partition', async () => {
      const topic = await newTopic(1);
      await appendAll(topic, 1_200);
      const ids = (await all(log.read(topic, 0, 0n, 1_200n))).map(idOf);
      expect(ids).toEqual(Array.from({ length: 1_200 }, (_, i) => i));
    });

    it('puts a key where partitionOf says, and an explicit partition where it is told', async () => {
      const topic = await newTopic(12);
      const { partition } = await appender.append(numbered(topic, 1, { key: 'ALFKI' }));
      expect(partition).toBe(await appender.partitionOf(topic, 'ALFKI'));
      expect((await appender.append(numbered(topic, 2, { key: 'ALFKI', partition: 11 }))).partition).toBe(11);
    });

    it('keeps key, value and headers as they are, also without key or value', async () => {
      const topic = await newTopic(1);
      const value = Buffer.from([0, 1, 2, 255]);
      const headers = { ce_id: 'é€', empty: '' };
      await appender.append({ topic, key: 'Käse', value, headers });
      await appender.append({ topic, key: null, value: null, headers: {} });
      const [whole, bare] = await all(log.read(topic, 0, 0n, 2n));
      expect(whole).toMatchObject({ topic, partition: 0, offset: 0n, key: 'Käse', headers });
      expect(whole?.value?.equals(value)).toBe(true);
      expect(bare).toMatchObject({ key: null, value: null, headers: {} });
    });

    it('writes what the buffer held at the call, whatever the caller does with it then', async () => {
      const topic = await newTopic(1);
      const value = Buffer.from('before');
      const appended = appender.append({ topic, key: 'k', value, headers: {} });
      value.write('after!');
      await appended;
      const [record] = await all(log.read(topic, 0, 0n, 1n));
      expect(record?.value?.toString()).toBe('before');
    });

    it('refuses a record that is too large, and goes on with the next', async () => {
      const topic = await newTopic(1);
      const large = appender.append({ topic, key: 'k', value: Buffer.alloc(2 * 1024 * 1024), headers: {} });
      await expect(large).rejects.toMatchObject({
        code: 'LOG_NOT_WRITTEN',
        retryable: false,
        data: { reason: 'too-large' },
      });
      await expect(appender.append(numbered(topic, 1))).resolves.toEqual({ partition: 0, offset: 0n });
    });

    it('refuses a partition that the topic does not have', async () => {
      const topic = await newTopic(3);
      await expect(appender.append(numbered(topic, 1, { partition: 3 }))).rejects.toMatchObject({
        code: 'LOG_NOT_WRITTEN',
        data: { reason: 'no-such-partition' },
      });
    });

    it('refuses a topic that does not exist, and does not create it', async () => {
      await expect(appender.append(numbered(`${prefix}nowhere`, 1))).rejects.toMatchObject({
        code: 'LOG_NOT_WRITTEN',
        data: { reason: 'topic-missing' },
      });
      await expect(log.ends(`${prefix}nowhere`)).rejects.toMatchObject({ code: 'LOG_TOPIC_MISSING' });
    });

    it('sends what is queued before it closes, and refuses what comes later', async () => {
      const topic = await newTopic(1);
      const other = await log.appender();
      const appended = other.append(numbered(topic, 1));
      await expect(other.close(10_000)).resolves.toEqual({ unknown: 0 });
      await expect(appended).resolves.toEqual({ partition: 0, offset: 0n });
      expect(other.oldestUnacknowledgedMs()).toBe(0);
      await expect(other.append(numbered(topic, 2))).rejects.toMatchObject({
        code: 'LOG_NOT_WRITTEN',
        data: { reason: 'stopping' },
      });
    });
  });

  describe(`${name}: consuming`, () => {
    it('hands over every record once, in offset order, in slices of the size asked for', async () => {
      const topic = await newTopic();
      await appendAll(topic, 700);
      const store = new GuardedStore();
      const consumer = await log.consume({ topic, group: topic, handler: store, maxSliceRecords: 100 });
      await appendAll(topic, 300, 700);
      await consumer.caughtUp(PATIENCE);
      expect(consumer.state()).toBe('running');
      expect(store.effects.map(idOf).sort((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
      for (const { records } of store.slices) expect(records.length).toBeLessThanOrEqual(100);
      for (const { partition, high } of await log.ends(topic)) {
        const offsets = store.effectsOf(partition).map(({ offset }) => offset);
        expect(offsets).toEqual(Array.from({ length: Number(high) }, (_, i) => BigInt(i)));
      }
      await consumer.stop(5_000);
      expect(consumer.state()).toBe('stopped');
    });

    it('is not running before it knows where it stands: until then its lag reads as none', async () => {
      const topic = await newTopic();
      await appendAll(topic, 30);
      const store = new GuardedStore();
      const known = Promise.withResolvers<void>();
      let asked = 0;
      store.position = async (partition) => {
        asked += 1;
        await known.promise;
        return store.positions.get(partition);
      };
      const consumer = await log.consume({ topic, group: topic, handler: store });
      await until(() => asked >= 3);
      expect(consumer.state()).not.toBe('running');
      known.resolve();
      await consumer.caughtUp(PATIENCE);
      expect(consumer.state()).toBe('running');
      await consumer.stop(5_000);
    });

    it('begins where the store stands, whatever the group has read before', async () => {
      const topic = await newTopic(1);
      await appendAll(topic, 20);
      const first = new GuardedStore();
      const before = await log.consume({ topic, group: topic, handler: first });
      await before.caughtUp(PATIENCE);
      await before.stop(5_000);
      const back = new GuardedStore();
      back.positions.set(0, 5n);
      const consumer = await log.consume({ topic, group: topic, handler: back });
      await consumer.caughtUp(PATIENCE);
      expect(back.effects.map(idOf)).toEqual(Array.from({ length: 15 }, (_, i) => i + 5));
      await consumer.stop(5_000);
    });

    it('repeats a slice in place until the handler takes it, one at a time, and tells why', async () => {
      const topic = await newTopic(1);
      await appendAll(topic, 10);
      const store = new GuardedStore();
      let failures = 3;
      let atOnce = 0;
      let most = 0;
      const errors: (string | undefined)[] = [];
      store.before = async () => {
        atOnce += 1;
        most = Math.max(most, atOnce);
        errors.push(consumer.lastError()?.message);
        await new Promise((resolve) => setImmediate(resolve));
        atOnce -= 1;
        failures -= 1;
        if (failures >= 0) throw new TypeError('the database is away');
      };
      const consumer = await log.consume({ topic, group: topic, handler: store, maxSliceRecords: 5 });
      await consumer.caughtUp(PATIENCE);
      expect(store.effects.map(idOf)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(most).toBe(1);
      expect(errors.slice(1, 4)).toEqual(Array(3).fill('the database is away'));
      expect(consumer.lastError()).toBeUndefined();
      expect(consumer.state()).toBe('running');
      await consumer.stop(5_000);
    });

    it('goes on with the other partitions while one stands still', async () => {
      const topic = await newTopic(2);
      const store = new GuardedStore();
      const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
      store.before = ({ partition }) => (partition === 0 ? mayEnd : undefined);
      const consumer = await log.consume({ topic, group: topic, handler: store });
      const append = (partition: number, id: number) => appender.append(numbered(topic, id, { partition }));
      await append(0, 0);
      await until(() => store.slices.length === 1);
      for (let id = 1; id <= 5; id += 1) {
        await append(id % 2, id);
        await until(() => store.effectsOf(1).length === Math.ceil(id / 2));
      }
      expect(store.effectsOf(0)).toEqual([]);
      end();
      await consumer.caughtUp(PATIENCE);
      expect(store.effectsOf(0).map(idOf)).toEqual([0, 2, 4]);
      await consumer.stop(5_000);
    });

    it('reads its position anew when another has moved it', async () => {
      const topic = await newTopic(1);
      await appendAll(topic, 10);
      const store = new GuardedStore();
      store.before = () => {
        store.before = () => undefined;
        store.positions.set(0, 7n);
      };
      const consumer = await log.consume({ topic, group: topic, handler: store, maxSliceRecords: 5 });
      await consumer.caughtUp(PATIENCE);
      expect(store.effects.map(idOf)).toEqual([7, 8, 9]);
      await consumer.stop(5_000);
    });

    it('refuses a position that the log has not reached, and handles nothing', async () => {
      const topic = await newTopic(1);
      await appendAll(topic, 3);
      const store = new GuardedStore();
      store.positions.set(0, 8n);
      const crashes: Error[] = [];
      const onCrash = (error: Error) => crashes.push(error);
      const consumer = await log.consume({ topic, group: topic, handler: store, onCrash });
      await until(() => consumer.state() === 'crashed');
      expect(consumer.lastError()).toMatchObject({ code: 'LOG_OFFSET_GAP' });
      expect(crashes).toEqual([consumer.lastError()]);
      expect(store.slices).toEqual([]);
      await consumer.stop(5_000);
    });

    it('refuses a topic with another number of partitions than declared, and handles nothing', async () => {
      const topic = await newTopic(3);
      await appendAll(topic, 9);
      const store = new GuardedStore();
      const consumer = await log.consume({ topic, group: topic, handler: store, partitions: 5 });
      await until(() => consumer.state() === 'crashed');
      expect(consumer.lastError()).toMatchObject({ code: 'LOG_PARTITION_COUNT', data: { is: 3, wanted: 5 } });
      expect(store.slices).toEqual([]);
      await consumer.stop(5_000);
      const declared = await log.consume({ topic, group: `${topic}-declared`, handler: store, partitions: 3 });
      await declared.caughtUp(PATIENCE);
      expect(store.effects).toHaveLength(9);
      await declared.stop(5_000);
    });

    it('shares the partitions with a second member: no gap, no effect twice', async () => {
      const topic = await newTopic(6);
      const store = new GuardedStore();
      const first = await log.consume({ topic, group: topic, handler: store, maxSliceRecords: 20 });
      const appended = appendAll(topic, 1_500);
      await until(() => store.effects.length > 0);
      const second = await log.consume({ topic, group: topic, handler: store, maxSliceRecords: 20 });
      await until(() => first.lag().length === 3 && second.lag().length === 3);
      await appended;
      await appendAll(topic, 500, 1_500);
      await Promise.all([first.caughtUp(PATIENCE), second.caughtUp(PATIENCE)]);
      await first.stop(5_000);
      await appendAll(topic, 500, 2_000);
      await second.caughtUp(PATIENCE);
      expect(second.lag()).toHaveLength(6);
      expect(store.effects.map(idOf).sort((a, b) => a - b)).toEqual(Array.from({ length: 2_500 }, (_, i) => i));
      for (const { partition } of second.lag()) {
        const offsets = store.effectsOf(partition).map(({ offset }) => Number(offset));
        expect(offsets).toEqual(Array.from({ length: offsets.length }, (_, i) => i));
      }
      await second.stop(5_000);
    });

    it('finishes the slice under way before it stops, and begins no other', async () => {
      const topic = await newTopic(1);
      await appendAll(topic, 10);
      const store = new GuardedStore();
      const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
      store.before = () => mayEnd;
      const consumer = await log.consume({ topic, group: topic, handler: store, maxSliceRecords: 4 });
      await until(() => store.slices.length === 1);
      const stopped = consumer.stop(5_000);
      expect(consumer.state()).toBe('stopping');
      end();
      await stopped;
      expect(store.effects.map(idOf)).toEqual([0, 1, 2, 3]);
      expect(store.slices).toHaveLength(1);
    });

    it('knows its lag, and says so when it does not catch up', async () => {
      const topic = await newTopic(2);
      await Promise.all([0, 1, 2].map((i) => appender.append(numbered(topic, i, { partition: 0 }))));
      const store = new GuardedStore();
      const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
      store.before = () => mayEnd;
      const consumer = await log.consume({ topic, group: topic, handler: store });
      // Each partition finds out by itself where it stands.
      await until(() => store.slices.length === 1 && consumer.state() === 'running');
      await expect(consumer.caughtUp({ timeoutMs: 50 })).rejects.toMatchObject({ code: 'LOG_NOT_CAUGHT_UP' });
      const [behind, idle] = consumer.lag();
      expect(behind).toMatchObject({ partition: 0, position: 0n, end: 3n });
      expect(behind?.behindMs).toBeGreaterThan(0);
      expect(idle).toEqual({ partition: 1, position: 0n, end: 0n, behindMs: 0 });
      end();
      await consumer.caughtUp(PATIENCE);
      expect(consumer.lag()[0]).toMatchObject({ position: 3n, end: 3n, behindMs: 0 });
      expect(consumer.sinceFetchTriedMs()).toBeLessThan(20_000);
      await consumer.stop(5_000);
    });

    it('stands while it is paused, with its lag in sight, and goes on with nothing lost', async () => {
      const topic = await newTopic(3);
      await appendAll(topic, 300);
      const store = new GuardedStore();
      const consumer = await log.consume({ topic, group: topic, handler: store, maxSliceRecords: 10 });
      store.before = () => consumer.pause();
      await until(() => consumer.state() === 'paused');
      const handled = store.effects.length;
      expect(handled).toBeGreaterThan(0);
      expect(handled).toBeLessThanOrEqual(30);
      await appendAll(topic, 700, 300);
      // The ends of idle partitions are looked at every few seconds; the records that came are in none of the buffers' slices.
      await until(
        () => consumer.lag().reduce((sum, { end, position }) => sum + end - position, 0n) === BigInt(1_000 - handled),
      );
      expect(store.effects).toHaveLength(handled);
      expect(Math.max(...consumer.lag().map(({ behindMs }) => behindMs))).toBeGreaterThan(0);
      expect(consumer.state()).toBe('paused');
      expect(consumer.lastError()).toBeUndefined();
      expect(consumer.sinceFetchTriedMs()).toBeLessThan(5_000);
      store.before = () => undefined;
      consumer.resume();
      await consumer.caughtUp(PATIENCE);
      expect(consumer.state()).toBe('running');
      expect(store.effects.map(idOf).sort((a, b) => a - b)).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
      await consumer.stop(5_000);
    });

    it('finishes the slice under way before it says that it is paused', async () => {
      const topic = await newTopic(1);
      await appendAll(topic, 10);
      const store = new GuardedStore();
      const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>();
      store.before = () => mayEnd;
      const consumer = await log.consume({ topic, group: topic, handler: store, maxSliceRecords: 4 });
      await until(() => store.slices.length === 1);
      consumer.pause();
      expect(consumer.state()).toBe('running');
      end();
      await until(() => consumer.state() === 'paused');
      expect(store.effects.map(idOf)).toEqual([0, 1, 2, 3]);
      await consumer.stop(5_000);
      expect(store.slices).toHaveLength(1);
    });

    it('tries what was refused no more while it is paused, and afterwards again', async () => {
      const topic = await newTopic(1);
      await appendAll(topic, 10);
      const store = new GuardedStore();
      store.before = () => {
        consumer.pause();
        throw new TypeError('the database is away');
      };
      const consumer = await log.consume({ topic, group: topic, handler: store, maxSliceRecords: 5 });
      await until(() => consumer.state() === 'paused' && consumer.lastError() === undefined);
      expect(store.slices).toHaveLength(1);
      store.before = () => undefined;
      consumer.resume();
      await consumer.caughtUp(PATIENCE);
      expect(store.effects.map(idOf)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      await consumer.stop(5_000);
    });

    it('begins paused when it is told to, and stays so over a rebalance, as a member of its group', async () => {
      const topic = await newTopic(4);
      await appendAll(topic, 100);
      const store = new GuardedStore();
      const first = await log.consume({ topic, group: topic, handler: store, paused: true });
      await until(() => first.state() === 'paused' && first.lag().length === 4);
      const other = new GuardedStore();
      const second = await log.consume({ topic, group: topic, handler: other, paused: true });
      await until(() => [first, second].every((member) => member.state() === 'paused' && member.lag().length === 2));
      expect(first.lag().some(({ end }) => end > 0n)).toBe(true);
      expect([...store.slices, ...other.slices]).toEqual([]);
      await second.stop(5_000);
      await until(() => first.state() === 'paused' && first.lag().length === 4);
      expect(store.slices).toEqual([]);
      first.resume();
      await first.caughtUp(PATIENCE);
      expect(store.effects.map(idOf).sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i));
      await first.stop(5_000);
    });

    it('waits for a topic that is created later', async () => {
      const topic = `${prefix}later`;
      const store = new GuardedStore();
      const consumer = await log.consume({ topic, group: topic, handler: store });
      expect(consumer.state()).toBe('starting');
      await log.createTopics([{ name: topic, partitions: 2 }]);
      await appendAll(topic, 10);
      await consumer.caughtUp(PATIENCE);
      expect(store.effects).toHaveLength(10);
      await consumer.stop(5_000);
    });
  });

  describe(`${name}: reading and topics`, () => {
    it('reads exactly the range asked for', async () => {
      const topic = await newTopic(1);
      await appendAll(topic, 30);
      expect((await all(log.read(topic, 0, 10n, 14n))).map(idOf)).toEqual([10, 11, 12, 13]);
      expect(await all(log.read(topic, 0, 30n, 30n))).toEqual([]);
    });

    it('refuses a range that the log does not hold', async () => {
      const topic = await newTopic(1);
      await appendAll(topic, 3);
      const code = 'LOG_OUT_OF_RANGE';
      await expect(all(log.read(topic, 0, 0n, 4n))).rejects.toMatchObject({ code });
      await expect(all(log.read(topic, 0, 2n, 1n))).rejects.toMatchObject({ code });
      await expect(all(log.read(topic, 1, 0n, 0n))).rejects.toMatchObject({ code });
    });

    it('tells the ends of every partition', async () => {
      const topic = await newTopic(2);
      await appender.append(numbered(topic, 1, { partition: 1 }));
      expect(await log.ends(topic)).toEqual([
        { partition: 0, low: 0n, high: 0n },
        { partition: 1, low: 0n, high: 1n },
      ]);
    });

    it('creates what is missing, leaves what is there, and refuses another partition count', async () => {
      const topic = await newTopic(2);
      const beside = `${topic}-beside`;
      await log.createTopics([
        { name: topic, partitions: 2 },
        { name: beside, partitions: 1, config: { 'retention.ms': '-1' } },
      ]);
      expect(await log.ends(beside)).toHaveLength(1);
      await expect(log.createTopics([{ name: topic, partitions: 3 }])).rejects.toMatchObject({
        code: 'LOG_PARTITION_COUNT',
        data: { is: 2, wanted: 3 },
      });
      expect(await log.ends(topic)).toHaveLength(2);
    });
  });
}
