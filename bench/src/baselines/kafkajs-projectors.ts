import { createPool, type Pool } from '@banyan/postgres';
import type { Consumer } from 'kafkajs';
import type { Arm, ArmTools } from '../harness/arm.js';
import type { ParcelData } from '../parcels/events.js';
import type { ProjectorInput } from '../projector/input.js';
import { kafkaOf } from './kafkajs-client.js';
import { decode, upsertAll, upsertOne } from './keep-last.js';

/** Most rows of one statement. */
const CHUNK = 5_000;
/** Partitions at once, and connections: while one waits for PostgreSQL another decodes. */
const AT_ONCE = 4;

/**
 * What an engineer writes who wants it fast and asks for no guarantee: whole batches, of each key only the last event, one statement for
 * up to 5,000 rows, offsets committed by kafkajs when it sees fit.
 */
export const byHand: Arm<ProjectorInput> = (input, tools) =>
  consumed(input, tools, async (consumer, pool, done) => {
    await consumer.run({
      partitionsConsumedConcurrently: AT_ONCE,
      eachBatch: async ({ batch: { partition, messages } }) => {
        for (let from = 0; from < messages.length; from += CHUNK) {
          const chunk = messages.slice(from, from + CHUNK);
          const last = new Map<string, ParcelData>();
          for (const { key, value } of chunk) if (key && value) last.set(key.toString(), decode(value));
          await upsertAll(pool, last);
          done(partition, chunk.at(-1)?.offset);
        }
      },
    });
  });

/** As the first page of the manual has it. */
export const naive: Arm<ProjectorInput> = (input, tools) =>
  consumed(input, tools, async (consumer, pool, done) => {
    await consumer.run({
      eachMessage: async ({ partition, message: { key, value, offset } }) => {
        if (key && value) await upsertOne(pool, key.toString(), decode(value));
        done(partition, offset);
      },
    });
  });

async function consumed(
  { brokers, databaseUrl, topic, group, events }: ProjectorInput,
  tools: ArmTools,
  run: (consumer: Consumer, pool: Pool, done: (partition: number, offset: string | undefined) => void) => Promise<void>,
): Promise<Readonly<Record<string, number>>> {
  const pool = createPool({ url: databaseUrl, applicationName: 'baseline', max: AT_ONCE, statementTimeoutMs: 60_000 });
  await pool.query('select 1');
  const consumer = kafkaOf(brokers).consumer({ groupId: group });
  const all = Promise.withResolvers<void>();
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!payload.restart) all.reject(payload.error);
  });
  // By offset, not by counting: behind a rebalance some come again.
  const next = new Map<number, number>();
  tools.begin();
  const begun = performance.now();
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await run(consumer, pool, (partition, offset) => {
    next.set(partition, Math.max(next.get(partition) ?? 0, Number(offset ?? -1) + 1));
    if ([...next.values()].reduce((sum, one) => sum + one, 0) >= events) all.resolve();
  });
  await all.promise;
  const seconds = (performance.now() - begun) / 1000;
  const cpuSeconds = tools.cpuSeconds();
  await consumer.disconnect();
  await pool.end();
  return { eventsPerSecond: events / seconds, eventsPerCpuSecond: events / cpuSeconds, cpuSeconds };
}
