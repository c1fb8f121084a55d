import { startArm } from '../harness/arm-process.js';
import type { Bench, OpenBench } from '../harness/bench.js';
import { requireEqual, type Tally } from '../harness/gate.js';
import type { Measures } from '../harness/rounds.js';
import { openWorld, type World } from '../harness/world.js';
import { type Keys, parcelChanges } from '../parcels/data-set.js';
import { loadParcels } from '../parcels/load.js';
import { CREATE_PARCELS, TALLY_SQL } from '../parcels/table.js';
import type { ProjectorInput } from './input.js';

type Way = 'ours' | 'by-hand' | 'memory' | 'naive';

interface ArmOf {
  readonly way: Way;
  /** Which topic it reads. */
  readonly topic: keyof Topics;
}

interface Topics {
  readonly skewed: FullTopic;
  readonly unique: FullTopic;
  /** The first events of each alone: one statement per event would take minutes for all. */
  readonly skewedFew: FullTopic;
  readonly uniqueFew: FullTopic;
  readonly long: FullTopic;
}

interface FullTopic {
  readonly prefix: string;
  readonly topic: string;
  readonly kind: Keys;
  readonly events: number;
  readonly keys: number;
  readonly expected: Tally;
}

const ARMS: Readonly<Record<string, ArmOf>> = {
  'skewed: ours': { way: 'ours', topic: 'skewed' },
  'skewed: by hand': { way: 'by-hand', topic: 'skewed' },
  'skewed: by hand, again': { way: 'by-hand', topic: 'skewed' },
  'skewed: memory only': { way: 'memory', topic: 'skewed' },
  'skewed: naive': { way: 'naive', topic: 'skewedFew' },
  'unique: ours': { way: 'ours', topic: 'unique' },
  'unique: by hand': { way: 'by-hand', topic: 'unique' },
  'unique: memory only': { way: 'memory', topic: 'unique' },
  'unique: naive': { way: 'naive', topic: 'uniqueFew' },
};
const LONG_ARM = 'ours, for long';

/** A full topic into a table: how fast, at what cost of CPU, and how much memory over a million events. */
export function projectorBench({ quick }: { readonly quick: boolean }): Bench {
  const sizes = quick
    ? { events: 20_000, uniqueEvents: 10_000, skewedKeys: 2_000, naiveEvents: 500, longEvents: 60_000 }
    : { events: 500_000, uniqueEvents: 250_000, skewedKeys: 50_000, naiveEvents: 5_000, longEvents: 1_000_000 };
  return {
    name: 'projector',
    arms: Object.keys(ARMS),
    once: [LONG_ARM],
    noise: [
      ['skewed: by hand', 'skewed: by hand, again', 'eventsPerSecond'],
      ['skewed: by hand', 'skewed: by hand, again', 'eventsPerCpuSecond'],
    ],
    gate: 'the table has the rows that the last events of all keys make: count and checksum over every column, instants to the microsecond',
    sizes,
    open: async ({ say }): Promise<OpenBench> => {
      const world = await openWorld(say);
      const { events, uniqueEvents, skewedKeys, naiveEvents, longEvents } = sizes;
      const topics: Topics = {
        skewed: await fill(world, say, 'skewed', events, skewedKeys),
        unique: await fill(world, say, 'unique', uniqueEvents, uniqueEvents),
        skewedFew: await fill(world, say, 'skewed', naiveEvents, skewedKeys),
        uniqueFew: await fill(world, say, 'unique', naiveEvents, naiveEvents),
        long: await fill(world, say, 'skewed', longEvents, skewedKeys),
      };
      return {
        run: (arm, round) => {
          const { way, topic } = ARMS[arm] ?? { way: 'ours', topic: 'long' };
          // The round that is dropped only has to wake everything up.
          const few = topic.startsWith('unique') ? topics.uniqueFew : topics.skewedFew;
          const name = `${Object.keys(ARMS).indexOf(arm) + 1}_${round + 1}`;
          return runArm(world, { arm, way, name, topic: round === 0 ? few : topics[topic] });
        },
        close: () => world.close(),
      };
    },
  };
}

let filled = 0;

async function fill(
  world: World,
  say: (line: string) => void,
  kind: Keys,
  events: number,
  keys: number,
): Promise<FullTopic> {
  filled += 1;
  const prefix = `bench${filled}.`;
  const topic = await world.topics(prefix);
  const begun = performance.now();
  const expected = (await loadParcels(world, topic, parcelChanges(kind, events, keys))).tally();
  const seconds = ((performance.now() - begun) / 1000).toFixed(0);
  say(`projector: ${topic} has ${events} events on ${expected.count} keys, in ${seconds} s`);
  return { prefix, topic, kind, events, keys, expected };
}

async function runArm(
  world: World,
  {
    arm,
    way,
    name,
    topic,
  }: { readonly arm: string; readonly way: Way; readonly name: string; readonly topic: FullTopic },
): Promise<Measures> {
  const { url, pool, drop } = await world.database(`bench_${name}`);
  try {
    // Ours makes its own.
    if (way !== 'ours') await pool.query(`create schema v2; ${CREATE_PARCELS}`);
    // What the arm before has left to be written must not be this one's.
    await pool.query('checkpoint');
    const input: ProjectorInput = {
      brokers: world.stack.kafkaBrokers,
      schemaRegistryUrl: world.stack.schemaRegistryUrl,
      databaseUrl: url,
      group: `bench-${name}`,
      ...topic,
    };
    const measures = await startArm(`projector/${way}`, input).done;
    const { rows } = await pool.query<Tally>(TALLY_SQL);
    requireEqual(arm, rows[0] as Tally, topic.expected);
    return measures;
  } finally {
    await drop();
  }
}
