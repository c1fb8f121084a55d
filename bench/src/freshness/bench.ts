import type { Pool } from '@banyan/postgres';
import type { AppInput, NewApiInput } from '../apps/apps.js';
import { untilReady } from '../apps/until-ready.js';
import { startArm } from '../harness/arm-process.js';
import type { Bench } from '../harness/bench.js';
import { requireEqual, type Tally } from '../harness/gate.js';
import type { Measures } from '../harness/rounds.js';
import { openWorld, type World } from '../harness/world.js';
import type { Announcement } from '../parcels/announcements.js';
import { serveLegacy } from '../parcels/legacy-server.js';
import type { Parcel } from '../parcels/parcel.js';
import { ExpectedParcels } from '../parcels/table.js';
import type { BarePairInput } from './input.js';
import { measureFreshness } from './measure-freshness.js';
import { observeRows } from './observe-rows.js';

const PAIR = 'produce and consume';
const ARMS = ['ours', 'ours again', PAIR];

interface Sizes {
  readonly perSecond: number;
  readonly warmUp: number;
  readonly events: number;
}

/** How long after the answer of 202 a row can be read in V2 and in legacy, at a rate that does not wait. */
export function freshnessBench({ quick }: { readonly quick: boolean }): Bench {
  const sizes = quick ? { perSecond: 100, warmUp: 100, events: 200 } : { perSecond: 100, warmUp: 500, events: 2_000 };
  return {
    name: 'freshness',
    arms: ARMS,
    noise: [
      ['ours', 'ours again', 'v2P50Ms'],
      ['ours', 'ours again', 'v2P99Ms'],
    ],
    gate: 'V2 has what was posted, and legacy the same rows: count and checksum over every column, instants included',
    sizes,
    open: async ({ say }) => {
      const world = await openWorld(say);
      return {
        run: (arm, round) => {
          const name = `${ARMS.indexOf(arm) + 1}_${round + 1}`;
          return arm === PAIR ? runPair(world, name, sizes) : runOurs(world, arm, name, sizes);
        },
        close: () => world.close(),
      };
    },
  };
}

async function runPair(world: World, name: string, sizes: Sizes): Promise<Measures> {
  const topic = await world.topics(`pair${name}.`);
  const input: BarePairInput = { brokers: world.stack.kafkaBrokers, topic, group: `bench-${name}`, ...sizes };
  return startArm('freshness/pair', input).done;
}

async function runOurs(world: World, arm: string, name: string, sizes: Sizes): Promise<Measures> {
  const prefix = `fresh${name}.`;
  await world.topics(prefix);
  const { url: databaseUrl, pool, drop } = await world.database(`bench_${name}`);
  const arrived = new Map<string, (at: number) => void>();
  const legacy = await serveLegacy({
    delayMs: 0,
    rows: [],
    onWrite: ({ note }) => arrived.get(note ?? '')?.(performance.now()),
  });
  try {
    const shared = {
      KAFKA_BROKERS: world.stack.kafkaBrokers,
      SCHEMA_REGISTRY_URL: world.stack.schemaRegistryUrl,
      TOPIC_PREFIX: prefix,
      V2_DATABASE_URL: databaseUrl,
      PORT: '0',
      LOG_LEVEL: 'error',
    };
    const projector = startArm('app/v2-projector', { env: shared } satisfies AppInput);
    const porter = startArm('app/legacy-porter', {
      env: { ...shared, PORTER_DATABASE_URL: databaseUrl, LEGACY_URL: legacy.url },
    } satisfies AppInput);
    const api = startArm('app/new-api', {
      env: { ...shared, API_DATABASE_URL: databaseUrl },
      append: 'ours',
    } satisfies NewApiInput);
    const apps = [projector, porter, api];
    const [, , url = ''] = await Promise.all(apps.map((app) => untilReady(app)));
    const rows = await observeRows(pool, databaseUrl);
    const { figures, taken } = await measureFreshness({
      url,
      name,
      ...sizes,
      rows,
      atLegacy: (note) => new Promise((resolve) => arrived.set(note, resolve)),
      onWarm: () => {
        for (const app of apps) app.begin();
      },
    });
    await rows.close();
    for (const app of apps) app.stop();
    const used = await Promise.all(apps.map((app) => app.done));
    const inV2 = await rowsOf(pool);
    const atLegacy = legacy.rows().map(({ ParcelID: _, ...row }) => row);
    requireEqual(`${arm}, V2`, postedOf([...inV2]), postedOf([...taken]));
    requireEqual(`${arm}, legacy`, tallyOf(atLegacy), tallyOf(inV2.map(([, row]) => row)));
    const sum = (measure: string) => used.reduce((total, one) => total + (one[measure] ?? 0), 0);
    return { ...figures, cpuSeconds: sum('cpuSeconds'), peakRssMb: sum('peakRssMb') };
  } finally {
    await legacy.close();
    await drop();
  }
}

async function rowsOf(pool: Pool): Promise<readonly (readonly [string, Parcel])[]> {
  const { rows } = await pool.query<Parcel & { id: string }>(
    `select id::text as id, revision, status, place, carrier, weight_grams as "weightGrams", value_cents as "valueCents",
       currency, fragile, note, to_char(due_on, 'YYYY-MM-DD') as "dueOn", moved_at as "movedAt" from v2.parcels`,
  );
  return rows.map(({ id, ...row }) => [id, row]);
}

/** Of what a caller knows: under which id he has what. */
function postedOf(all: readonly (readonly [string, Announcement | Parcel])[]): Tally {
  const posted = new ExpectedParcels();
  for (const [id, { place, carrier, weightGrams, valueCents, currency, fragile, note, dueOn }] of all) {
    const same = { revision: 1, status: 'announced', movedAt: 0 } as const;
    posted.add(id, { ...same, place, carrier, weightGrams, valueCents, currency, fragile, note, dueOn });
  }
  return posted.tally();
}

/** Of all columns, by the note that each row has for itself. */
function tallyOf(rows: readonly Parcel[]): Tally {
  const all = new ExpectedParcels();
  for (const { movedAt, ...row } of rows) all.add(row.note ?? '', { ...row, movedAt: Date.parse(movedAt) });
  return all.tally();
}
