import { setTimeout as delay } from 'node:timers/promises';
import { BanyanError } from '@banyan/core';
import type { Pool } from '@banyan/postgres';
import type { PorterAppInput } from '../apps/apps.js';
import { startArm } from '../harness/arm-process.js';
import type { Bench } from '../harness/bench.js';
import { requireEqual } from '../harness/gate.js';
import type { Measures } from '../harness/rounds.js';
import { openWorld, type World } from '../harness/world.js';
import { serveLegacy } from '../parcels/legacy-server.js';
import type { PorterInput } from './input.js';
import { fillPorterTopic, type PorterTopic } from './topic.js';

interface ArmOf {
  /** `looking`: ours, where legacy has no If-Match. */
  readonly way: 'ours' | 'looking' | 'partitions';
  readonly delayMs: number;
  /** A quarter of the events: it goes at the pace of the clock, and four times as many take four times as long. */
  readonly few?: true;
}

const ARMS: Readonly<Record<string, ArmOf>> = {
  '10 ms: ours': { way: 'ours', delayMs: 10 },
  '10 ms: ours, again': { way: 'ours', delayMs: 10 },
  '10 ms: kafkajs, 12 partitions': { way: 'partitions', delayMs: 10 },
  '50 ms: ours': { way: 'ours', delayMs: 50 },
  '50 ms: ours, looking first': { way: 'looking', delayMs: 50, few: true },
  '50 ms: kafkajs, 12 partitions': { way: 'partitions', delayMs: 50, few: true },
};
const CONCURRENCY = 100;

/** Changes carried to a legacy system that takes its time, in order per key. */
export function porterBench({ quick }: { readonly quick: boolean }): Bench {
  const sizes = quick
    ? { events: 800, keys: 200, concurrency: CONCURRENCY }
    : { events: 10_000, keys: 1_000, concurrency: CONCURRENCY };
  return {
    name: 'porter',
    arms: Object.keys(ARMS),
    noise: [
      ['10 ms: ours', '10 ms: ours, again', 'eventsPerSecond'],
      ['10 ms: ours', '10 ms: ours, again', 'cpuSecondsPer10k'],
    ],
    gate: 'legacy was written once per event, each key in order, and has the rows of the last events: checksum over every column; every send is closed in the journal',
    sizes,
    open: async ({ say }) => {
      const world = await openWorld(say);
      return {
        run: async (arm, round) => {
          const of = ARMS[arm] as ArmOf;
          const name = `${Object.keys(ARMS).indexOf(arm) + 1}_${round + 1}`;
          const events = of.few ? sizes.events / 4 : sizes.events;
          // New ones for each: a porter without a database takes the receipts of another for its own from before it lost it, and sends nothing again.
          const topic = await fillPorterTopic(world, `porter${name}.`, { ...sizes, events });
          return runArm(world, { arm, ...of, name, topic });
        },
        close: () => world.close(),
      };
    },
  };
}

interface Run extends ArmOf {
  readonly arm: string;
  readonly name: string;
  readonly topic: PorterTopic;
}

async function runArm(world: World, { arm, way, delayMs, name, topic }: Run): Promise<Measures> {
  const { url, pool, drop } = await world.database(`bench_${name}`);
  const legacy = await serveLegacy({ delayMs, rows: topic.rows });
  try {
    await pool.query('checkpoint');
    const group = `bench-${name}`;
    const process =
      way !== 'partitions'
        ? startArm('app/legacy-porter', {
            looks: way === 'looking',
            env: {
              KAFKA_BROKERS: world.stack.kafkaBrokers,
              SCHEMA_REGISTRY_URL: world.stack.schemaRegistryUrl,
              PORTER_DATABASE_URL: url,
              LEGACY_URL: legacy.url,
              TOPIC_PREFIX: topic.prefix,
              INSTANCE_NAME: group,
              PORTER_CONCURRENCY: String(CONCURRENCY),
              PORT: '0',
              LOG_LEVEL: 'error',
            },
          } satisfies PorterAppInput)
        : startArm('porter/partitions', {
            brokers: world.stack.kafkaBrokers,
            legacyUrl: legacy.url,
            topic: topic.topic,
            group,
          } satisfies PorterInput);
    // An arm that fails ends the wait at once.
    await Promise.race([legacy.written(topic.events), process.done]);
    const seconds = legacy.seconds();
    if (way !== 'partitions') await journalClosed(pool, topic.events);
    process.stop();
    const measures = await process.done;
    requireEqual(arm, legacy.tally(), topic.expected);
    const idealSeconds = (topic.events * delayMs) / 1000 / CONCURRENCY;
    return {
      eventsPerSecond: topic.events / seconds,
      ofIdeal: idealSeconds / seconds,
      exchangesPerEvent: legacy.requests() / topic.events,
      cpuSecondsPer10k: ((measures.cpuSeconds ?? 0) / topic.events) * 10_000,
      ...measures,
    };
  } finally {
    await legacy.close();
    await drop();
  }
}

const CLOSED_MS = 30_000;

/** The last answers are known to legacy a moment before the journal has them. */
async function journalClosed(pool: Pool, events: number): Promise<void> {
  const until = performance.now() + CLOSED_MS;
  for (;;) {
    const { rows } = await pool.query<{ open: number; closed: number }>(
      `select (select count(*)::int from porter.work) as open,
         (select count(*)::int from porter.intent where state = 'closed' and outcome = 'ported') as closed`,
    );
    if (rows[0]?.open === 0 && rows[0].closed === events) return;
    if (performance.now() > until) {
      throw new BanyanError(
        'BENCH_WRONG_RESULT',
        `The porter's journal has ${rows[0]?.open} sends open and ${rows[0]?.closed} closed of ${events}; no figure of this run counts.`,
      );
    }
    await delay(20);
  }
}
