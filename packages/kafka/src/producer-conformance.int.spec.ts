import type { ProduceFault } from '@banyan/stack/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { checkAck } from './canary/check-ack.js';
import { createKafkaEventLog } from './kafka-event-log.js';
import { GuardedStore } from './testing/guarded-store.js';
import {
  type Arm,
  appenderArm,
  concurrentIdempotentArm,
  LATE_MS,
  REQUEST_TIMEOUT_MS,
} from './testing/producer/arms.js';
import { TriedBroker } from './testing/producer/broker.js';
import { clean, judge, type Verdict } from './testing/producer/judge.js';
import { Load } from './testing/producer/load.js';
import { numbered, until } from './testing/records.js';

/** One fault, while sends of so many records each are under way to one partition. */
interface Case {
  readonly fault: ProduceFault;
  readonly batches: readonly number[];
  /** Of each trial, by the configuration that must fail: records it acknowledges, and that are not in the log. */
  readonly lostIfConcurrent?: number;
}

const ONE = [1];
const TWO = [1, 1];
const EIGHT = Array.from({ length: 8 }, () => 1);
/** The second one finds a connection that has had the fault before. Where a time-out has to pass once is enough. */
const trialsOf = (fault: ProduceFault) => (/-(late|swallowed|silent)$/.test(fault) ? 1 : 2);

const CASES: readonly Case[] = [
  { fault: 'answer-lost', batches: TWO, lostIfConcurrent: 1 },
  { fault: 'answer-reset', batches: TWO, lostIfConcurrent: 1 },
  { fault: 'answer-late', batches: TWO, lostIfConcurrent: 1 },
  { fault: 'request-lost', batches: TWO, lostIfConcurrent: 0 },
  { fault: 'answer-lost', batches: EIGHT, lostIfConcurrent: 1 },
  { fault: 'answer-lost', batches: [1, 2] },
  { fault: 'answer-lost', batches: ONE, lostIfConcurrent: 0 },
  { fault: 'answer-cut', batches: TWO },
  { fault: 'answer-cut-reset', batches: TWO },
  { fault: 'answer-swallowed', batches: TWO },
  { fault: 'request-late', batches: TWO },
  { fault: 'request-swallowed', batches: TWO },
  { fault: 'connection-silent', batches: TWO },
];

let broker: TriedBroker;
let arm: Arm | undefined;
let topics = 0;

beforeAll(async () => {
  broker = await TriedBroker.start();
}, 180_000);

afterEach(async () => {
  broker.faults.disarm();
  await arm?.close();
  arm = undefined;
});

afterAll(async () => {
  await broker?.stop();
});

describe('our appender', () => {
  it.each(CASES)('keeps every record, once, in order: $fault with sends of $batches', async (one) => {
    // A batch for each record, so that the next one is as large as the one that goes unanswered: the dangerous case.
    const isEqual = one.batches.every((size) => size === 1);
    arm = await appenderArm(broker.brokers, isEqual ? { maxBatchRecords: 1 } : {});
    const verdict = await trials(arm, one);
    expect(verdict).toEqual(clean(trialsOf(one.fault) * (1 + sum(one.batches))));
    expect(arm.rebuilds()).toBe(0);
  });

  it.each<ProduceFault>(['answer-lost', 'answer-cut-reset', 'answer-late', 'request-late'])(
    'keeps every record, once, in order, of all the partitions that shared a request: %s',
    async (fault) => {
      arm = await appenderArm(broker.brokers);
      const topic = newTopic();
      const ledger = await broker.ledgerOf(topic, 6);
      const keys = Array.from({ length: 24 }, (_, n) => `key-${n}`);
      await ledger.send(arm, keys);
      const before = broker.faults.requests;
      // The first request has the partition that was first, the second one those that came meanwhile.
      const armed = broker.faults.arm(fault, { times: 2, lateMs: LATE_MS });
      for (let round = 0; round < 3; round += 1) {
        void ledger.send(arm, keys);
        await new Promise((resolve) => setImmediate(resolve));
      }
      await ledger.settled();
      expect(armed.hits).toBe(2);
      // Six partitions, each with at least one batch behind those that went unanswered: in requests of their own they would be more.
      expect(broker.faults.requests - before).toBeLessThan(2 * 6);
      expect(judge(ledger.sent, await broker.wholeLog(topic))).toEqual(clean(4 * keys.length));
      expect(arm.rebuilds()).toBe(0);
    },
  );

  it('gives nothing up: behind a caller who was told "unknown" the next record keeps its place', async () => {
    const topic = newTopic();
    await broker.ledgerOf(topic);
    const log = createKafkaEventLog({
      brokers: [broker.brokers],
      clientId: 'unknown',
      requestTimeoutMs: REQUEST_TIMEOUT_MS,
      appender: { maxBatchRecords: 1 },
    });
    const appender = await log.appender();
    await appender.append(numbered(topic, 0));
    const armed = broker.faults.arm('answer-lost', { times: 7 });
    const first = appender.append(numbered(topic, 1), { deadlineMs: 100 });
    await expect(first).rejects.toMatchObject({ code: 'LOG_UNKNOWN' });
    const second = appender.append(numbered(topic, 2), { deadlineMs: 60_000 });
    expect(await second).toEqual({ partition: 0, offset: 2n });
    expect(armed.hits).toBe(7);
    expect((await broker.wholeLog(topic)).map(({ id }) => id)).toEqual(['0', '1', '2']);
    await log.close();
  });

  it('loses and reorders nothing when it takes a producer for dead that is not; a record may lie twice then', async () => {
    arm = await appenderArm(broker.brokers, { maxBatchRecords: 1, watchdogMs: 500 });
    const { lost, elsewhere, reordered, rejected, doubled } = await trials(arm, { fault: 'answer-late', batches: TWO });
    expect({ lost, elsewhere, reordered, rejected }).toEqual({ lost: [], elsewhere: [], reordered: [], rejected: 0 });
    expect(arm.rebuilds()).toBeGreaterThan(0);
    expect(doubled).not.toEqual([]);
  });

  it('tells how many records are unknown when it closes without an answer, and their callers so', async () => {
    const topic = newTopic();
    await broker.ledgerOf(topic);
    const log = createKafkaEventLog({
      brokers: [broker.brokers],
      clientId: 'closing',
      appender: { maxBatchRecords: 1 },
    });
    const appender = await log.appender();
    await appender.append(numbered(topic, 0));
    const armed = broker.faults.arm('answer-swallowed');
    const hit = armed.hit();
    const sent = appender.append(numbered(topic, 1));
    const behind = appender.append(numbered(topic, 2));
    const told = Promise.allSettled([sent, behind]);
    await hit;
    expect(await appender.close(300)).toEqual({ unknown: 1 });
    expect(await told).toMatchObject([
      { reason: { code: 'LOG_UNKNOWN' } },
      { reason: { code: 'LOG_NOT_WRITTEN', data: { reason: 'stopping' } } },
    ]);
    // The broker has it, and nobody was told.
    await until(async () => (await broker.wholeLog(topic)).length > 1);
    expect((await broker.wholeLog(topic)).map(({ id }) => id)).toEqual(['0', '1']);
    await log.close();
  });

  it('keeps every record, once, in order, when the broker is killed under load; consumers handle each once', async () => {
    const topic = newTopic();
    const ledger = await broker.ledgerOf(topic, 6);
    const log = createKafkaEventLog({ brokers: [broker.brokers], clientId: 'members' });
    const store = new GuardedStore();
    const members = [
      await log.consume({ topic, group: topic, handler: store }),
      await log.consume({ topic, group: topic, handler: store }),
    ];
    arm = await appenderArm(broker.brokers);
    const load = new Load(arm, ledger);
    load.start();
    await until(() => ledger.acknowledged > 500 && store.effects.length > 0);
    await broker.killAndStart();
    const soFar = ledger.acknowledged;
    await until(() => ledger.acknowledged > soFar + 500);
    await load.stop();

    const written = await broker.wholeLog(topic);
    expect(judge(ledger.sent, written)).toEqual(clean(ledger.acknowledged));
    expect(arm.rebuilds()).toBe(0);
    await Promise.all(members.map((member) => member.caughtUp({ timeoutMs: 60_000 })));
    const placeOf = ({ partition, offset }: { partition: number; offset: bigint }) => `${partition}:${offset}`;
    expect(store.effects.map(placeOf).sort()).toEqual(written.map(placeOf).sort());
    for (const { partition } of written) {
      const offsets = store.effectsOf(partition).map(({ offset }) => Number(offset));
      expect(offsets).toEqual(offsets.map((_, index) => index));
    }
    await log.close();
  }, 240_000);
});

/** The rig's own test: a rig that finds nothing here would find nothing anywhere. */
describe('kafkajs idempotent with a send for each caller, which must fail', () => {
  it.each(CASES.filter(({ lostIfConcurrent }) => lostIfConcurrent !== undefined))(
    'loses $lostIfConcurrent of each trial: $fault with sends of $batches',
    async (one) => {
      arm = await concurrentIdempotentArm(broker.brokers);
      const { lost, elsewhere, doubled, acknowledged } = await trials(arm, one);
      expect(acknowledged).toBe(trialsOf(one.fault) * (1 + sum(one.batches)));
      const wrong = trialsOf(one.fault) * (one.lostIfConcurrent ?? 0);
      expect([lost.length, elsewhere.length > 0, doubled.length]).toEqual([wrong, wrong > 0, wrong]);
    },
  );

  it('is seen by a canary', async () => {
    arm = await concurrentIdempotentArm(broker.brokers);
    const topic = newTopic();
    const ledger = await broker.ledgerOf(topic);
    await ledger.send(arm, ['key']);
    broker.faults.arm('answer-lost');
    const both = [ledger.send(arm, ['key']), ledger.send(arm, ['key'])];
    await Promise.all(both);
    const kinds = await Promise.all(
      ledger.sent.map(async ({ id, acked }) => acked && (await checkAck(broker.log, { topic, id, ...acked })).kind),
    );
    expect(kinds.toSorted()).toEqual(['other', 'same', 'same']);
  });

  it('loses what comes behind a send that it has given up', async () => {
    arm = await concurrentIdempotentArm(broker.brokers, { retries: 2 });
    const topic = newTopic();
    const ledger = await broker.ledgerOf(topic);
    await ledger.send(arm, ['key']);
    broker.faults.arm('answer-lost', { times: 3 });
    await ledger.send(arm, ['key']);
    await ledger.send(arm, ['key']);
    expect(judge(ledger.sent, await broker.wholeLog(topic))).toMatchObject({
      acknowledged: 2,
      lost: ['key/2'],
      rejected: 1,
      rejectedYetWritten: 1,
    });
  });
});

async function trials(tried: Arm, { fault, batches }: Case): Promise<Verdict> {
  const topic = newTopic();
  const ledger = await broker.ledgerOf(topic);
  for (let trial = 0; trial < trialsOf(fault); trial += 1) {
    await ledger.send(tried, ['key']);
    const armed = broker.faults.arm(fault, { lateMs: LATE_MS });
    for (const size of batches) {
      void ledger.send(tried, Array<string>(size).fill('key'));
      // In a turn of its own: in the same one our appender would make one batch of all.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await ledger.settled();
    expect(armed.hits).toBe(1);
  }
  return judge(ledger.sent, await broker.wholeLog(topic));
}

function newTopic(): string {
  topics += 1;
  return `conformance-${topics}`;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
