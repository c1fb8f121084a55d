import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from './demo/checks.js';
import { callLegacy, type SeenAnswer } from './demo/legacy-client.js';
import { drained } from './testing/once-in-both.js';
import { testWorld } from './testing/test-world.js';
import type { CliResult, World } from './world.js';

describe('writes of an entity move to V2 and come back', () => {
  let world: World;

  beforeAll(async () => {
    world = await testWorld('move');
    await backfill();
  }, 240_000);

  afterAll(() => world?.stop(), 60_000);

  it('moves forward: a legacy client orders through V2 and gets legacy\u2019s answer and id', async () => {
    await banyan('entities', 'open', 'order');
    await banyan('entities', 'authority', 'order', '--to', 'new');
    const order = {
      CustomerID: 'ALFKI',
      PoNumber: 'MOVE-1',
      Details: [{ ProductID: 11, UnitPrice: 14, Quantity: 3, Discount: 0 }],
    };
    const answer = await patiently('POST', '/api/orders', order);
    expect(answer.status).toMatch(/^201/);
    const { OrderID } = JSON.parse(answer.body) as { OrderID: number };
    expect(await callLegacy(world.urls.legacy, 'GET', `/api/orders/${OrderID}`)).toMatchObject({ body: answer.body });
    const trace = json<{ events: { origin: string; outcome: string }[] }>(
      await world.banyan('trace', 'order', String(OrderID), '--json'),
    );
    expect(trace.events).toMatchObject([{ origin: 'api', outcome: 'effective' }]);

    const again = await patiently('POST', '/api/orders', order);
    expect(JSON.parse(again.body)).toMatchObject({ OrderID });
  }, 120_000);

  it('changes an old order through V2, and both sides are identical', async () => {
    const row = JSON.parse((await callLegacy(world.urls.legacy, 'GET', '/api/orders/11070')).body) as object;
    const changed = await patiently('PUT', '/api/orders/11070', {
      ...row,
      ShipName: 'By way of V2',
    });
    expect(changed.status).toMatch(/^200/);
    expect(JSON.parse(changed.body)).toMatchObject({ OrderID: 11_070, ShipName: 'By way of V2' });
    expect((await callLegacy(world.urls.legacy, 'GET', '/api/orders/11070')).body).toBe(changed.body);
    await drained(world);
    expect((await world.banyan('verify', '--json')).code).toBe(0);
  }, 120_000);

  it('comes back: legacy is written directly again, a backfill brings V2 up to date', async () => {
    await banyan('entities', 'authority', 'order', '--to', 'legacy');
    const row = JSON.parse((await callLegacy(world.urls.legacy, 'GET', '/api/orders/11070')).body) as object;
    const direct = await patiently('PUT', '/api/orders/11070', {
      ...row,
      ShipName: 'Directly again',
    });
    expect(direct.status).toMatch(/^200/);
    expect((await world.banyan('verify', 'order', '--json')).code).toBe(3);
    await backfill();
    await drained(world);
    expect((await world.banyan('verify', '--json')).code).toBe(0);
  }, 180_000);

  /** Comes again where it is told to: 503 says that nothing was done, 504 that V2 has it and legacy not yet. */
  async function patiently(method: string, path: string, body: object): Promise<SeenAnswer> {
    const proxyUrl = world.urls['legacy-api-proxy'];
    return until(`${method} ${path}`, async () => {
      const answer = await callLegacy(proxyUrl, method, path, body);
      return /^50[34]/.test(answer.status) ? undefined : answer;
    });
  }

  async function banyan(...words: string[]): Promise<CliResult> {
    const result = await world.banyan(...words);
    if (result.code !== 0) throw new Error(`banyan ${words.join(' ')} ended with ${result.code}: ${result.stderr}`);
    return result;
  }

  async function backfill(): Promise<void> {
    const plan = json<{ hash: string }>(await world.banyan('backfill', 'plan', '--json'));
    await banyan('backfill', 'run', '--plan', plan.hash, '--json');
  }
});

function json<T>({ stdout, stderr, code }: CliResult): T {
  try {
    return JSON.parse(stdout) as T;
  } catch {
    throw new Error(`banyan ended with ${code}: ${stderr}`);
  }
}
