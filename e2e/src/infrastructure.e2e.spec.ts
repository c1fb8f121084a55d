import { type Stack, startStack } from '@banyan/stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { hear } from './testing/hear.js';
import { drained, findingsOf, NOTHING_WRONG } from './testing/once-in-both.js';
import { type PlacedOrder, placeOrders } from './testing/order-load.js';
import { testWorld } from './testing/test-world.js';
import type { World } from './world.js';

// A stack of its own: here its parts are stopped.
describe('Kafka and PostgreSQL stopped and started', () => {
  let stack: Stack;
  let world: World;
  const placed: PlacedOrder[] = [];

  beforeAll(async () => {
    // Only what was started here may be stopped here; a stack named by the environment is somebody else's.
    stack = await startStack({ ephemeral: true, own: true });
    world = await testWorld('infra', { stack });
  }, 240_000);

  afterAll(async () => {
    await world?.stop();
    await stack?.stop();
  }, 60_000);

  const load = (name: string, count: number, onAcknowledged?: (acknowledged: number) => void) =>
    placeOrders({
      newApiUrl: world.urls['new-api'],
      name,
      count,
      concurrency: 4,
      timeoutMs: 180_000,
      ...(onAcknowledged === undefined ? {} : { onAcknowledged }),
    });

  it('loses nothing when Kafka is killed and started under load', async () => {
    let outage: Promise<void> | undefined;
    placed.push(
      ...(await load('kafka', 60, (acknowledged) => {
        if (acknowledged === 20) outage = restart(stack.services.kafka);
      })),
    );
    await outage;
    await drained(world, 120_000);
    expect(outage).toBeDefined();
    expect(await findingsOf(world, placed)).toEqual(NOTHING_WRONG);
  }, 400_000);

  it('loses nothing when PostgreSQL is killed and started under load, legacy\u2019s database with it', async () => {
    let outage: Promise<void> | undefined;
    placed.push(
      ...(await load('postgres', 60, (acknowledged) => {
        if (acknowledged === 20) outage = restart(stack.services.postgres);
      })),
    );
    await outage;
    await drained(world, 120_000);
    expect(outage).toBeDefined();
    expect(await findingsOf(world, placed)).toEqual(NOTHING_WRONG);
  }, 400_000);

  it('starts with Kafka away: says so, refuses writes with 503, answers reads, and heals', async () => {
    await Promise.all((['new-api', 'v2-projector', 'legacy-porter'] as const).map((app) => world.app(app).stop()));
    await stack.services.kafka.stop();
    const known = placed[0];
    if (known === undefined) throw new Error('the tests above place orders');
    await Promise.all((['new-api', 'v2-projector', 'legacy-porter'] as const).map((app) => world.app(app).start()));

    const read = await request(`${world.urls['new-api']}/v2/orders/${known.id}`);
    await read.body.dump();
    expect(read.statusCode).toBe(200);
    const refused = await request(`${world.urls['new-api']}/v2/orders`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ customer: { legacyId: 'ALFKI' }, lines: [{ product: { legacyId: '1' }, quantity: 1 }] }),
    });
    const problem = (await refused.body.json()) as { code?: string };
    expect([refused.statusCode, typeof refused.headers['retry-after'], typeof problem.code]).toEqual([
      503,
      'string',
      'string',
    ]);
    for (const app of ['v2-projector', 'legacy-porter'] as const) {
      expect((await request(`${world.urls[app]}/health/ready`)).statusCode).toBe(503);
      expect((await request(`${world.urls[app]}/health/live`)).statusCode).toBe(200);
    }

    // The proxy needs Kafka only to hear of changes: it goes on by its last table, also when it comes up with Kafka away.
    for (const restarted of [false, true]) {
      if (restarted) {
        await world.app('legacy-api-proxy').kill();
        await world.app('legacy-api-proxy').start();
      }
      const proxyUrl = world.urls['legacy-api-proxy'];
      expect(await hear(proxyUrl, '/api/products/1')).toEqual(await hear(world.urls.legacy, '/api/products/1'));
      const body = { ProductName: 'Chai', Discontinued: 0, UnitPrice: restarted ? 18 : 19 };
      expect(await hear(proxyUrl, '/api/products/1', { method: 'PUT', body })).toMatchObject({ status: 200 });
    }
    const move = await world.banyan('entities', 'authority', 'order', '--to', 'new', '--json');
    expect([move.code, JSON.parse(move.stdout)]).toMatchObject([1, { error: { code: 'CONTROL_UNAVAILABLE' } }]);

    await stack.services.kafka.start();
    placed.push(...(await load('healed', 10)));
    await drained(world, 120_000);
    expect(notBeginning(await findingsOf(world, placed))).toEqual(NOTHING_WRONG);
  }, 400_000);
});

/** The refused order had no key that anybody will ask with again; whether it was written is unknown to its caller, and told so. */
function notBeginning<T extends { ownedByNobody: readonly number[] }>(findings: T): T {
  return { ...findings, ownedByNobody: findings.ownedByNobody.slice(1) };
}

async function restart(service: Stack['services']['kafka']): Promise<void> {
  await service.kill();
  await service.start();
}
