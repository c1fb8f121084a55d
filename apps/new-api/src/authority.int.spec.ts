import { importedId } from '@banyan/core';
import type { RunningApp } from '@banyan/service';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AppProcess } from './testing/app-process.js';
import { type Answered, until } from './testing/client.js';
import { anEnvironment, type Environment } from './testing/environment.js';
import { aMover, type Mover } from './testing/mover.js';

let env: Environment;
let porter: AppProcess;
let api: RunningApp;
let mover: Mover;

beforeAll(async () => {
  env = await anEnvironment();
  porter = await env.startPorter();
  api = await env.api({ PORTER_URL: porter.url });
  mover = await aMover({ log: env.log, prefix: env.prefix, schemaRegistryUrl: env.stack.schemaRegistryUrl }, 'order');
}, 240_000);

afterAll(async () => {
  await mover?.close();
  await api?.close();
  await env?.close();
}, 60_000);

async function send(base: string, method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(new URL(path, base), {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, text };
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
  base = api.url,
): Promise<Answered> {
  const { text, ...answer } = await send(base, method, path, body, headers);
  return { ...answer, body: text === '' ? undefined : JSON.parse(text) };
}

const PORTED = { 'banyan-wait-for': 'ported', 'banyan-deadline-ms': '60000' };
const order = { customer: { legacyId: 'ALFKI' }, lines: [{ product: { legacyId: '11' }, quantity: 2 }] };
const ship = (id: string, headers: Record<string, string> = {}) =>
  call('POST', `/v2/orders/${id}/ship`, { shippedOn: '2026-03-04', shipperId: 1 }, headers);

/** What a client of legacy does and sees. */
const inLegacy = async (id: string) => {
  const { status, text } = await send(env.legacy.url, 'GET', `/api/orders/${id}`);
  return status === 200 ? (JSON.parse(text) as Record<string, unknown>) : undefined;
};
const changedInLegacy = async (id: string, change: Record<string, unknown>) => {
  const { status } = await send(env.legacy.url, 'PUT', `/api/orders/${id}`, { ...(await inLegacy(id)), ...change });
  expect(status).toBe(200);
};
const faults = (settings: unknown) => send(env.legacy.adminUrl, 'POST', '/faults', settings);

/** What new-api says of a thing that moves to V2 before it has heard of the plan, and before it has heard of the end. */
const NOT_HEARD_YET = { forward: ['ENTITY_HELD_BY_LEGACY', 'API_AUTHORITY_MOVING'], back: ['API_AUTHORITY_MOVING'] };

/** A move is done when new-api has heard of it: until then it begins nothing. */
async function settled<T extends Answered>(move: 'forward' | 'back', ask: () => Promise<T>): Promise<T> {
  for (const end = performance.now() + 60_000; ; ) {
    const answer = await ask();
    if (!NOT_HEARD_YET[move].includes(answer.body?.code) || performance.now() > end) return answer;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

describe('before writes have moved', () => {
  it('an order of legacy is 409, whether V2 knows it or not, and 404 when it is nowhere', async () => {
    expect(await ship('legacy:11070')).toMatchObject({ status: 409, body: { code: 'ENTITY_HELD_BY_LEGACY' } });
    expect(await ship(importedId('order', '11070'))).toMatchObject({ status: 409 });
    expect(await ship('legacy:999999')).toMatchObject({ status: 404, body: { code: 'API_NOT_FOUND' } });
    expect(await ship('legacy:x')).toMatchObject({ status: 400, body: { code: 'API_ID_INVALID' } });
    expect((await call('GET', '/v2/orders/legacy:011071')).body).toMatchObject({
      id: importedId('order', '11071'),
      legacyId: '11071',
      status: 'placed',
    });
  });
});

describe('once writes have moved', () => {
  beforeAll(async () => {
    // Known to V2 from before the move; then legacy changes one and deletes another.
    for (const id of ['11072', '11073']) await call('GET', `/v2/orders/legacy:${id}`);
    await mover.move('forward');
    await changedInLegacy('11072', { Freight: 77.5 });
    expect((await send(env.legacy.url, 'DELETE', '/api/orders/11073')).status).toBe(204);
  });

  it('an order that V2 never saw is adopted, changed, and in legacy when the answer comes', async () => {
    const shipped = await settled('forward', () => ship('legacy:11074', PORTED));
    expect(shipped).toMatchObject({
      status: 200,
      body: { id: importedId('order', '11074'), legacyId: '11074', status: 'shipped', version: 2 },
    });
    expect(shipped.headers.get('banyan-ported')).toBe('yes');
    expect(await inLegacy('11074')).toMatchObject({ ShippedDate: expect.stringContaining('2026-03-04'), ShipVia: 1 });
  });

  it('an order that legacy changed since V2 read it keeps legacy’s change', async () => {
    const shipped = await ship(importedId('order', '11072'), PORTED);
    expect(shipped).toMatchObject({ status: 200, body: { freight: { cents: 7750 }, status: 'shipped' } });
    expect(await inLegacy('11072')).toMatchObject({ Freight: 77.5, ShipVia: 1 });
  });

  it('an order that legacy deleted since V2 read it is cancelled in V2, and nowhere by its legacy id', async () => {
    const cancelled = { status: 422, body: { code: 'ORDER_CANCELLED' } };
    expect(await ship(importedId('order', '11073'))).toMatchObject(cancelled);
    expect(await ship('legacy:11073')).toMatchObject({ status: 404 });
    expect((await call('GET', '/v2/orders/legacy:11073')).status).toBe(404);
  });
});

describe('Banyan-Wait-For: ported', () => {
  it('answers a create with the id that legacy gave, and a repeat with the same', async () => {
    const headers = { ...PORTED, 'idempotency-key': 'ported-1' };
    const placed = await call('POST', '/v2/orders', order, headers);
    expect(placed).toMatchObject({ status: 201, body: { version: 1, legacyId: expect.stringMatching(/^\d+$/) } });
    expect(await inLegacy(placed.body.legacyId)).toMatchObject({ CustomerID: 'ALFKI', PoNumber: placed.body.id });
    const again = await call('POST', '/v2/orders', order, headers);
    expect(again.body).toEqual(placed.body);
    expect(again.headers.get('banyan-ported')).toBe('yes');
    // By legacy's own id it is the one that V2 made.
    expect((await call('GET', `/v2/orders/legacy:${placed.body.legacyId}`)).body).toMatchObject({ id: placed.body.id });
    expect(await ship(`legacy:${placed.body.legacyId}`, PORTED)).toMatchObject({ status: 200, body: { version: 2 } });
  });

  it('is not yes while the porter stands; V2’s answer comes at the deadline, and the repeat waits anew', async () => {
    const headers = (ms: string) => ({ ...PORTED, 'banyan-deadline-ms': ms, 'idempotency-key': 'ported-2' });
    await call('GET', '/v2/customers?legacyId=ALFKI');
    porter.freeze();
    let placed: Answered;
    try {
      placed = await call('POST', '/v2/orders', order, headers('5000'));
    } finally {
      porter.thaw();
    }
    expect(placed.status).toBe(201);
    expect(placed.body).not.toHaveProperty('legacyId');
    expect(placed.headers.get('banyan-ported')).toBe('no');
    expect(placed.headers.get('banyan-port-state')).toBe('unknown');
    const again = await call('POST', '/v2/orders', order, headers('60000'));
    expect(again.headers.get('banyan-ported')).toBe('yes');
    expect(again.body).toMatchObject({ id: placed.body.id, legacyId: expect.any(String) });
  });

  it('is 424 with legacy’s own words when legacy refuses what V2 has accepted', async () => {
    await faults({ errors: { status: 400, count: 1 }, only: { method: 'POST' } });
    const headers = { ...PORTED, 'idempotency-key': 'ported-3' };
    const refused = await call('POST', '/v2/orders', order, headers);
    await faults({});
    expect(refused).toMatchObject({
      status: 424,
      body: { code: 'API_LEGACY_REFUSED', version: 1, legacyStatus: 400, legacyWords: expect.any(String) },
    });
    expect((await call('GET', `/v2/orders/${refused.body.id}`)).body).toMatchObject({ status: 'placed' });
    const replay = { entity: 'order', key: refused.body.id };
    expect((await send(porter.url, 'POST', '/internal/parked/replay', replay)).status).toBe(200);
    // What a person mended is told to whoever asks again.
    expect(await call('POST', '/v2/orders', order, headers)).toMatchObject({
      status: 201,
      body: { id: refused.body.id, legacyId: expect.any(String) },
    });
  });
});

describe('as writes go back and come again', () => {
  it('nothing is begun from the plan on; behind the turn the order is legacy’s, and after the next move V2 has what legacy made of it', async () => {
    const { body } = await call('POST', '/v2/orders', order, PORTED);
    const { id, legacyId } = body as { id: string; legacyId: string };
    await mover.plan('back');
    // New-api hears of it within its poll of the control log.
    const moving = await until(
      () => call('POST', '/v2/orders', order),
      ({ status }) => status !== 201,
    );
    expect(moving).toMatchObject({ status: 503, body: { code: 'API_AUTHORITY_MOVING' } });
    await mover.fence();
    await until(
      () => call('GET', '/internal/drained?entity=order&epoch=2', undefined, {}, porter.url),
      ({ body }) => body.drained,
    );
    expect((await ship(id)).body).toMatchObject({ code: 'API_AUTHORITY_MOVING' });
    await mover.turn();
    await mover.announce();
    expect(await settled('back', () => ship(id))).toMatchObject({
      status: 409,
      body: { code: 'ENTITY_HELD_BY_LEGACY' },
    });

    await changedInLegacy(legacyId, { Freight: 12.25 });
    await mover.move('forward');
    const shipped = await settled('forward', () => ship(id, PORTED));
    expect(shipped).toMatchObject({
      status: 200,
      body: { id, legacyId, freight: { cents: 1225 }, status: 'shipped', version: 3 },
    });
    expect(await inLegacy(legacyId)).toMatchObject({ Freight: 12.25, ShipVia: 1 });
  });
});
