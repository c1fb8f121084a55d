import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { callLegacy, callLegacyAgain, type SeenAnswer } from './legacy-client.js';
import { backfill, banyan } from './operator.js';
import { drained } from './testing/once-in-both.js';
import { testWorld } from './testing/test-world.js';
import type { World } from './world.js';

describe('writes of an entity move to V2 and come back', () => {
  let world: World;

  beforeAll(async () => {
    world = await testWorld('move');
    await backfill(world);
  }, 240_000);

  afterAll(() => world?.stop(), 60_000);

  it('moves forward: a legacy client orders through V2 and gets legacy\u2019s answer and id', async () => {
    await banyan(world, 'entities open order');
    await banyan(world, 'entities authority order --to new');
    const order = {
      CustomerID: 'ALFKI',
      PoNumber: 'MOVE-1',
      Details: [{ ProductID: 11, UnitPrice: 14, Quantity: 3, Discount: 0 }],
    };
    const answer = await patiently('POST', '/api/orders', order);
    expect(answer.status).toMatch(/^201/);
    const { OrderID } = JSON.parse(answer.body) as { OrderID: number };
    expect(await callLegacy(world.urls.legacy, 'GET', `/api/orders/${OrderID}`)).toMatchObject({ body: answer.body });
    const trace = await banyan<{ events: { origin: string; outcome: string }[] }>(world, `trace order ${OrderID}`);
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
    await banyan(world, 'verify');
  }, 120_000);

  it('comes back: legacy is written directly again, a backfill brings V2 up to date', async () => {
    await banyan(world, 'entities authority order --to legacy');
    const row = JSON.parse((await callLegacy(world.urls.legacy, 'GET', '/api/orders/11070')).body) as object;
    const direct = await patiently('PUT', '/api/orders/11070', {
      ...row,
      ShipName: 'Directly again',
    });
    expect(direct.status).toMatch(/^200/);
    await banyan(world, 'verify order', 3);
    await backfill(world);
    await drained(world);
    await banyan(world, 'verify');
  }, 180_000);

  function patiently(method: string, path: string, body: object): Promise<SeenAnswer> {
    return callLegacyAgain(world.urls['legacy-api-proxy'], method, path, body);
  }
});
