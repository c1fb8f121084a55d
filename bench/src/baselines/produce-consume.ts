import { BanyanError } from '@banyan/core';
import kafkajs from 'kafkajs';
import type { BarePairInput } from '../freshness/input.js';
import type { Arm } from '../harness/arm.js';
import { openLoop } from '../harness/open-loop.js';
import { percentile } from '../harness/statistics.js';
import { announcements } from '../parcels/announcements.js';
import { kafkaOf } from './kafkajs-client.js';

/** A record sent, and had by a consumer: what Kafka and its client take for themselves, from the call of `send` to the handler. */
export const barePair: Arm<BarePairInput> = async ({ brokers, topic, group, perSecond, warmUp, events }, tools) => {
  const kafka = kafkaOf(brokers);
  const producer = kafka.producer({ createPartitioner: kafkajs.Partitioners.DefaultPartitioner });
  const consumer = kafka.consumer({ groupId: group });
  const count = warmUp + events;
  const sentAt: number[] = [];
  const tookMs = new Map<number, number>();
  const all = Promise.withResolvers<void>();
  const joined = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()));
  await Promise.all([producer.connect(), consumer.connect()]);
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async ({ message: { key } }) => {
      const index = Number(key);
      if (index >= 0) tookMs.set(index, performance.now() - (sentAt[index] ?? Number.NaN));
      if (tookMs.size === count) all.resolve();
    },
  });
  await joined;
  const bodies = announcements(group);
  await openLoop({ perSecond, count }, (index) => {
    if (index === warmUp) tools.begin();
    sentAt[index] = performance.now();
    const value = JSON.stringify(bodies.next().value);
    producer.send({ topic, acks: -1, messages: [{ key: String(index), value }] }).catch(all.reject);
  });
  const timer = setTimeout(
    () => all.reject(new BanyanError('BENCH_WRONG_RESULT', `${tookMs.size} of ${count} records came.`)),
    60_000,
  );
  await all.promise;
  clearTimeout(timer);
  const cpuSeconds = tools.cpuSeconds();
  await Promise.all([producer.disconnect(), consumer.disconnect()]);
  const measured = Array.from({ length: events }, (_, index) => tookMs.get(warmUp + index) ?? Number.NaN);
  return { p50Ms: percentile(measured, 0.5), p99Ms: percentile(measured, 0.99), cpuSeconds };
};
