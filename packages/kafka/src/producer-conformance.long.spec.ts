import { setTimeout as delay } from 'node:timers/promises';
import { seeded } from '@banyan/core/testing';
import type { ProduceFault } from '@banyan/stack/testing';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { type Arm, appenderArm, concurrentIdempotentArm } from './testing/producer/arms.js';
import { TriedBroker } from './testing/producer/broker.js';
import { judge, type Verdict } from './testing/producer/judge.js';
import { Load } from './testing/producer/load.js';
import { MENDED_FAULTS, MixedFaults } from './testing/producer/mixed-faults.js';
import { note } from './testing/producer/note.js';

const SEED = 1;
/** Of faults, with kills of the broker at equal times in between. */
const OURS = { seconds: 150, kills: 2, kinds: [...MENDED_FAULTS, 'connection-silent'] } as const;
const MUST_FAIL = { seconds: 40, kills: 0, kinds: MENDED_FAULTS };

let broker: TriedBroker;

beforeAll(async () => {
  broker = await TriedBroker.start();
}, 180_000);

afterAll(async () => {
  await broker?.stop();
});

it('our appender keeps every acknowledged record, once, in order, in mixed faults and kills', async () => {
  const arm = await appenderArm(broker.brokers);
  const { verdict, faults } = await run('appender', arm, OURS);
  expect(faults).toBeGreaterThan(50);
  expect(verdict).toMatchObject({ lost: [], elsewhere: [], reordered: [], foreign: [], rejected: 0 });
  // Another producer cannot know what its predecessor had written.
  if (arm.rebuilds() === 0) expect(verdict).toMatchObject({ doubled: [], stale: [] });
  expect(verdict.acknowledged).toBeGreaterThan(1_000);
}, 280_000);

it('kafkajs idempotent with a send for each caller loses records in them: the rig would see it', async () => {
  const { verdict } = await run(
    'kafkajs idempotent, concurrent',
    await concurrentIdempotentArm(broker.brokers),
    MUST_FAIL,
  );
  expect(verdict.lost.length).toBeGreaterThan(0);
  expect(verdict.elsewhere.length).toBeGreaterThan(0);
}, 200_000);

async function run(
  name: string,
  arm: Arm,
  {
    seconds,
    kills,
    kinds,
  }: { readonly seconds: number; readonly kills: number; readonly kinds: readonly ProduceFault[] },
): Promise<{ verdict: Verdict; faults: number }> {
  const topic = `mixed-${name.replace(/\W+/g, '-')}`;
  const ledger = await broker.ledgerOf(topic, 6);
  const load = new Load(arm, ledger);
  const faults = new MixedFaults(broker.faults, kinds, seeded(SEED));
  load.start();
  for (let part = 0; part <= kills; part += 1) {
    await delay((seconds * 1_000) / (kills + 1));
    if (part < kills) await broker.killAndStart();
  }
  await faults.stop();
  await load.stop();
  const verdict = judge(ledger.sent, await broker.wholeLog(topic));
  note({ arm: name, seconds, faults: faults.hits, kills, rebuilds: arm.rebuilds() }, verdict);
  await arm.close();
  return { verdict, faults: faults.hits };
}
