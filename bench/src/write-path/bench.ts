import type { AppendWay } from '../apps/append-ways.js';
import type { AppInput, NewApiInput } from '../apps/apps.js';
import { untilReady } from '../apps/until-ready.js';
import { startArm } from '../harness/arm-process.js';
import type { Bench } from '../harness/bench.js';
import { requireEqual, type Tally } from '../harness/gate.js';
import type { Measures } from '../harness/rounds.js';
import { openWorld, type World } from '../harness/world.js';
import { load } from './load.js';
import { tallyOfTopic } from './log-tally.js';

const ARMS: Readonly<Record<string, AppendWay>> = {
  ours: 'ours',
  'ours again': 'ours',
  'one send per request': 'one-send',
  'one plain send per request': 'one-plain-send',
  'without Kafka': 'none',
};
const CONNECTIONS = 64;

/** POST at many connections, answered 202 as soon as the event is in the log and its receipt is kept. */
export function writePathBench({ quick }: { readonly quick: boolean }): Bench {
  const sizes = quick
    ? { connections: CONNECTIONS, warmUpMs: 500, measureMs: 3_000 }
    : { connections: CONNECTIONS, warmUpMs: 3_000, measureMs: 8_000 };
  return {
    name: 'write-path',
    arms: Object.keys(ARMS),
    noise: [
      ['ours', 'ours again', 'requestsPerSecond'],
      ['ours', 'ours again', 'p99Ms'],
    ],
    gate: 'every 202 has its event in the topic, once, with the data that were posted (count and checksum); without Kafka: its receipt',
    sizes,
    open: async ({ say }) => {
      const world = await openWorld(say);
      return {
        run: (arm, round) => runArm(world, arm, `${Object.keys(ARMS).indexOf(arm) + 1}_${round + 1}`, sizes),
        close: () => world.close(),
      };
    },
  };
}

async function runArm(
  world: World,
  arm: string,
  name: string,
  sizes: { readonly connections: number; readonly warmUpMs: number; readonly measureMs: number },
): Promise<Measures> {
  const append = ARMS[arm] as AppendWay;
  const prefix = `write${name}.`;
  const topic = await world.topics(prefix);
  const { url: databaseUrl, pool, drop } = await world.database(`bench_${name}`);
  try {
    const shared = {
      KAFKA_BROKERS: world.stack.kafkaBrokers,
      SCHEMA_REGISTRY_URL: world.stack.schemaRegistryUrl,
      TOPIC_PREFIX: prefix,
      V2_DATABASE_URL: databaseUrl,
      PORT: '0',
      LOG_LEVEL: 'error',
    };
    await startArm('app/prepare-v2', { env: shared } satisfies AppInput).done;
    // Without Kafka there is nothing that could be read back.
    const env = {
      ...shared,
      API_DATABASE_URL: databaseUrl,
      ...(append === 'none' ? { CANARY_READS_PER_MINUTE: '0' } : {}),
    };
    const api = startArm('app/new-api', { env, append } satisfies NewApiInput);
    const url = await untilReady(api);
    const { taken, ...figures } = await load({ url, name, ...sizes, onWarm: () => api.begin() });
    api.stop();
    const usage = await api.done;
    requireEqual(arm, append === 'none' ? await receipts() : await tallyOfTopic(world, topic), {
      ...taken.tally(),
      ...(append === 'none' ? { checksum: 'receipts' } : {}),
    });
    const cpuMsPerRequest = ((usage.cpuSeconds ?? 0) * 1e6) / (figures.requestsPerSecond * sizes.measureMs);
    return { ...figures, cpuMsPerRequest, ...usage };
  } finally {
    await drop();
  }

  async function receipts(): Promise<Tally> {
    const { rows } = await pool.query<{ count: number }>('select count(*)::int as count from api.receipt');
    return { count: rows[0]?.count ?? 0, checksum: 'receipts' };
  }
}
