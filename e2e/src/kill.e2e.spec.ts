import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { acksReadBack } from './testing/acks-read-back.js';
import { drained, findingsOf, NOTHING_WRONG } from './testing/once-in-both.js';
import { placeOrders } from './testing/order-load.js';
import { testWorld } from './testing/test-world.js';
import type { World } from './world.js';

const ORDERS = 300;

describe('kill -9 while orders go round', () => {
  let world: World;

  beforeAll(async () => {
    world = await testWorld('kill');
  }, 180_000);

  afterAll(() => world?.stop(), 60_000);

  it('has every acknowledged order once in V2 and once in legacy, linked, after projector and porter were killed', async () => {
    // One after the other: what is killed again while it starts would only fail to start.
    let going: Promise<void> = Promise.resolve();
    let kills = 0;
    const kill = (app: 'v2-projector' | 'legacy-porter') => {
      kills += 1;
      going = going.then(() => killAndRestart(world, app));
      going.catch(() => undefined);
    };
    const placed = await placeOrders({
      newApiUrl: world.urls['new-api'],
      name: 'killed',
      count: ORDERS,
      concurrency: 8,
      timeoutMs: 120_000,
      onAcknowledged: (acknowledged) => {
        if (acknowledged === 60) kill('legacy-porter');
        if (acknowledged === 120 || acknowledged === 200) kill('v2-projector');
        if (acknowledged === 200) kill('legacy-porter');
      },
    });
    await going;
    expect(kills).toBe(4);
    expect(new Set(placed.map(({ id }) => id)).size).toBe(ORDERS);
    await drained(world);
    expect(await findingsOf(world, placed)).toEqual(NOTHING_WRONG);
    // Read back from Kafka while they came in: every acknowledged event lies where it was acknowledged.
    const acks = await acksReadBack(world);
    expect([acks.same > 0, acks.lost]).toEqual([true, 0]);
  }, 300_000);

  it('asks before it sends again when legacy commits and drops the answer, also over a kill of the porter', async () => {
    const before = await committedOrders(world);
    const fault = { dropAfterCommit: { count: 15 }, only: { method: 'POST', pathPrefix: '/api/orders' } };
    const set = await request(`${world.urls['legacy-admin']}/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(fault),
    });
    expect(set.statusCode).toBeLessThan(300);
    await set.body.dump();
    const alreadyThere = await idsAbove(world);
    let killed: Promise<void> | undefined;
    const placed = await placeOrders({
      newApiUrl: world.urls['new-api'],
      name: 'dropped',
      count: 60,
      concurrency: 8,
      timeoutMs: 120_000,
      onAcknowledged: (acknowledged) => {
        if (acknowledged === 30) killed = killAndRestart(world, 'legacy-porter');
      },
    });
    await killed;
    await drained(world);
    const findings = await findingsOf(world, placed);
    expect({ ...findings, ownedByNobody: findings.ownedByNobody.filter((id) => !alreadyThere.has(id)) }).toEqual(
      NOTHING_WRONG,
    );
    // Legacy counts for itself: one creation for each order, none made and deleted again.
    expect((await committedOrders(world)) - before).toBe(60);
    // And the fault really was met, to the last time.
    const left = (await (await request(`${world.urls['legacy-admin']}/faults`)).body.json()) as {
      dropAfterCommit?: { count: number };
    };
    expect(left.dropAfterCommit?.count ?? 0).toBe(0);
  }, 300_000);
});

async function killAndRestart(world: World, app: 'v2-projector' | 'legacy-porter'): Promise<void> {
  await world.app(app).kill();
  await world.app(app).start();
}

async function committedOrders(world: World): Promise<number> {
  const answer = await request(`${world.urls['legacy-admin']}/requests`);
  const { requests: counts } = (await answer.body.json()) as {
    readonly requests: readonly { method: string; route: string; committed: number }[];
  };
  return counts
    .filter(({ method, route }) => method === 'POST' && route === '/api/orders')
    .reduce((sum, { committed }) => sum + committed, 0);
}

async function idsAbove(world: World): Promise<ReadonlySet<number>> {
  return new Set((await findingsOf(world, [])).ownedByNobody);
}
