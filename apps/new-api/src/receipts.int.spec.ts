import { topicName } from '@banyan/contracts';
import { query } from '@banyan/postgres';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { AppProcess } from './testing/app-process.js';
import { type Answered, send, until } from './testing/client.js';
import { anEnvironment, type Environment } from './testing/environment.js';

let env: Environment;
let porter: AppProcess;
/** Two instances: what one promises the other one tells. */
let api: AppProcess;
let other: AppProcess;

beforeAll(async () => {
  env = await anEnvironment();
  porter = await env.startPorter();
  api = await env.startApi({ PORTER_URL: porter.url, INSTANCE_NAME: 'new-api-0' });
  other = await env.startApi({ PORTER_URL: porter.url, INSTANCE_NAME: 'new-api-1', RECEIPT_WAIT_MAX_S: '50' });
  // What orders name is adopted here, so that the tests are about orders alone.
  expect((await place()).status).toBe(201);
}, 240_000);

afterEach(async () => {
  env.projector.thaw();
  await send(env.legacy.adminUrl, 'POST', '/faults', { body: {} });
});

afterAll(async () => {
  await env?.close();
}, 60_000);

const ASYNC = { prefer: 'respond-async' };
const order = (over: Record<string, unknown> = {}) => ({
  customer: { legacyId: 'ALFKI' },
  lines: [{ product: { legacyId: '11' }, quantity: 2 }],
  ...over,
});
const place = (headers: Record<string, string> = {}, base = api.url) =>
  send(base, 'POST', '/v2/orders', { body: order(), headers });
const revise = (id: string, quantity: number, headers: Record<string, string> = {}) =>
  send(api.url, 'PUT', `/v2/orders/${id}`, {
    body: order({ lines: [{ product: { legacyId: '11' }, quantity }] }),
    headers,
  });
const receipt = (path: string, { wait, base = other.url }: { wait?: number; base?: string } = {}) =>
  send(base, 'GET', wait === undefined ? path : `${path}?wait=${wait}`);
/** As a caller would: asks with a wait, again and again, until nothing more will come. */
const done = (path: string) =>
  until(
    () => receipt(path, { wait: 20 }),
    ({ body }) => body.done,
  );
const locationOf = ({ headers }: Answered): string => headers.get('location') ?? '';

async function appended(): Promise<number> {
  const ends = await env.log.ends(topicName(env.prefix, 'northwind.order.v1'));
  return ends.reduce((sum, { high }) => sum + Number(high), 0);
}

/** The further port of orders, whose backend nobody named here: nothing is owed to it. */
const NO_BILLING = { port: 'billing', state: 'not-configured' };

describe('Prefer: respond-async', () => {
  it('is answered with 202 and a receipt, which any instance tells to its end: projected, ported, the legacy id', async () => {
    const accepted = await place(ASYNC);
    expect(accepted).toMatchObject({
      status: 202,
      body: { id: expect.any(String), eventId: expect.any(String), status: 'accepted' },
    });
    const { id, eventId, receipt: path } = accepted.body;
    expect(path).toBe(`/v2/receipts/${eventId}`);
    expect(locationOf(accepted)).toBe(path);
    expect(accepted.headers.get('preference-applied')).toBe('respond-async');
    expect(Number(accepted.headers.get('retry-after'))).toBeGreaterThan(0);
    const told = await done(path);
    expect(told.body).toMatchObject({
      eventId,
      entity: 'order',
      id,
      location: `/v2/orders/${id}`,
      state: 'projected',
      outcome: 'effective',
      version: 1,
      ports: [{ port: 'backend', state: 'ported', legacyId: expect.stringMatching(/^\d+$/) }, NO_BILLING],
      done: true,
    });
    expect((await send(other.url, 'GET', told.body.location)).body).toMatchObject({ id, version: 1, status: 'placed' });
    const { legacyId } = told.body.ports[0];
    expect((await send(env.legacy.url, 'GET', `/api/orders/${legacyId}`)).body).toMatchObject({ PoNumber: id });
  });

  it('does not wait for the projector, and tells who was first when two were decided on one version', async () => {
    const { body } = await place();
    env.projector.freeze();
    const first = await revise(body.id, 3, ASYNC);
    const second = await revise(body.id, 4, ASYNC);
    expect([first.status, second.status]).toEqual([202, 202]);
    expect((await receipt(locationOf(first))).body).toMatchObject({ state: 'accepted', outcome: null, done: false });
    const waiting = receipt(locationOf(first), { wait: 50 });
    env.projector.thaw();
    expect((await waiting).body).toMatchObject({ state: 'projected', outcome: 'effective', version: 2 });
    // The projector may have taken the first one without the second.
    expect((await done(locationOf(second))).body).toMatchObject({
      outcome: 'conflict',
      version: null,
      ports: [],
      done: true,
    });
    await done(locationOf(first));
    expect((await send(api.url, 'GET', `/v2/orders/${body.id}`)).body).toMatchObject({
      version: 2,
      lines: [{ quantity: 3 }],
    });
  });

  it('refuses at once what is refused, and gives no receipt', async () => {
    const before = await appended();
    const twice = { lines: [1, 2].map((quantity) => ({ product: { legacyId: '11' }, quantity })) };
    const refused = await send(api.url, 'POST', '/v2/orders', { body: order(twice), headers: ASYNC });
    expect(refused).toMatchObject({ status: 422, body: { code: 'ORDER_PRODUCT_TWICE' } });
    expect(refused.headers.get('location')).toBeNull();
    const { body } = await place();
    expect((await revise(body.id, 3, { ...ASYNC, 'if-match': '"7"' })).status).toBe(412);
    expect(await appended()).toBe(before + 1);
  });

  it('acts once under an Idempotency-Key: repeats get the same receipt, and without the preference the outcome', async () => {
    const before = await appended();
    const key = { 'idempotency-key': 'async-1' };
    const first = await place({ ...ASYNC, ...key });
    const second = await place({ ...ASYNC, ...key }, other.url);
    expect(second).toMatchObject({ status: 202, body: first.body });
    expect(locationOf(second)).toBe(locationOf(first));
    const outcome = await place(key, other.url);
    expect(outcome).toMatchObject({ status: 201, body: { id: first.body.id, version: 1 } });
    expect(await place({ ...ASYNC, ...key })).toMatchObject({ status: 201, body: outcome.body });
    expect(await appended()).toBe(before + 1);
  });

  it('with wait= is answered with the outcome where that comes in time, else with the receipt', async () => {
    const inTime = await place({ prefer: 'respond-async, wait=20' });
    expect(inTime.status).toBe(201);
    expect(inTime.headers.get('preference-applied')).toBe('wait=20');
    env.projector.freeze();
    const late = await place({ prefer: 'respond-async, wait=1' });
    expect(late.status).toBe(202);
    expect(late.headers.get('preference-applied')).toBe('respond-async, wait=1');
    env.projector.thaw();
    // Nothing of it is left to be sent when a test behind this one lets legacy fail.
    await done(locationOf(late));
  });

  it('waits for nothing of Banyan-Wait-For: the receipt tells; with wait= it waits for legacy, too', async () => {
    const ported = { 'banyan-wait-for': 'ported' };
    const accepted = await place({ ...ASYNC, ...ported });
    expect(accepted.status).toBe(202);
    expect(accepted.headers.get('banyan-ported')).toBeNull();
    expect((await done(locationOf(accepted))).body).toMatchObject({ ports: [{ state: 'ported' }, NO_BILLING] });
    const waited = await place({ prefer: 'respond-async, wait=20', ...ported, 'banyan-deadline-ms': '20000' });
    expect(waited).toMatchObject({ status: 201, body: { legacyId: expect.any(String) } });
    expect(waited.headers.get('banyan-ported')).toBe('yes');
    const link = /^<(\/v2\/receipts\/[^>]+)>; rel="status"$/.exec(waited.headers.get('link') ?? '');
    expect((await receipt(link?.[1] ?? '')).body).toMatchObject({ id: waited.body.id, done: true });
  });
});

describe('the 202 of a projector behind its deadline', () => {
  it('carries the same receipt, with and without an Idempotency-Key', async () => {
    const slow = await env.startApi({ OUTCOME_DEADLINE_MS: '300', PORTER_URL: porter.url, INSTANCE_NAME: 'new-api-2' });
    env.projector.freeze();
    const [keyed, keyless] = await Promise.all([
      place({ 'idempotency-key': 'behind-1' }, slow.url),
      place({}, slow.url),
    ]);
    // The process that promised is gone.
    await slow.kill();
    for (const accepted of [keyed, keyless]) {
      expect(accepted.status).toBe(202);
      expect(accepted.headers.get('preference-applied')).toBeNull();
      expect((await receipt(locationOf(accepted))).body).toMatchObject({ id: accepted.body.id, state: 'accepted' });
    }
    env.projector.thaw();
    for (const accepted of [keyed, keyless]) {
      expect((await done(locationOf(accepted))).body).toMatchObject({ outcome: 'effective', version: 1 });
    }
  });
});

describe('a receipt', () => {
  it('tells in legacy’s words what legacy refused, and that it is there after a person has let it go on', async () => {
    const faults = { errors: { status: 400, count: 1 }, only: { method: 'POST' } };
    await send(env.legacy.adminUrl, 'POST', '/faults', { body: faults });
    const accepted = await place(ASYNC);
    const path = locationOf(accepted);
    const refused = await until(
      () => receipt(path, { wait: 20 }),
      ({ body }) => body.ports[0]?.state === 'refused',
    );
    expect(refused.body).toMatchObject({
      outcome: 'effective',
      ports: [{ errorCode: 'PORTER_LEGACY_REJECTED', legacyStatus: 400, legacyWords: expect.any(String) }, NO_BILLING],
      done: false,
    });
    const replay = { entity: 'order', key: accepted.body.id };
    expect((await send(porter.url, 'POST', '/internal/parked/replay', { body: replay })).status).toBe(200);
    expect((await done(path)).body).toMatchObject({
      ports: [{ state: 'ported', legacyId: expect.any(String) }, NO_BILLING],
    });
  });

  it('answers 304 to a caller who has seen it, after the wait, and not before', async () => {
    const accepted = await place(ASYNC);
    const { headers } = await done(locationOf(accepted));
    const seen = { 'if-none-match': headers.get('etag') ?? '' };
    expect((await send(other.url, 'GET', locationOf(accepted), { headers: seen })).status).toBe(304);
  });

  it('keeps to what may be asked: 404, 400, and a preference as far as it goes', async () => {
    const unknown = '/v2/receipts/01900000-0000-7000-8000-000000000000';
    const notFound = await receipt(unknown, { wait: 20 });
    expect(notFound).toMatchObject({ status: 404, body: { code: 'API_RECEIPT_UNKNOWN' } });
    expect(notFound.headers.get('content-type')).toContain('application/problem+json');
    expect((await receipt('/v2/receipts/nothing')).status).toBe(404);
    const path = locationOf(await place(ASYNC));
    for (const wait of ['51', '-1', 'soon', '1.5']) {
      expect(await send(other.url, 'GET', `${path}?wait=${wait}`)).toMatchObject({
        status: 400,
        body: { code: 'API_QUERY_INVALID', errors: [{ path: 'wait', message: expect.stringContaining('0 to 50') }] },
      });
    }
    expect((await send(other.url, 'GET', `${path}?colour=red`)).status).toBe(400);
    await done(path);
    const preferred = await send(other.url, 'GET', path, { headers: { prefer: 'wait=999' } });
    expect(preferred.status).toBe(200);
    expect(preferred.headers.get('preference-applied')).toBe('wait=50');
    expect(preferred.headers.get('cache-control')).toBe('no-store');
  });

  it('survives everybody: the API that gave it, the projector, the porter', async () => {
    const doomed = await env.startApi({ PORTER_URL: porter.url, INSTANCE_NAME: 'new-api-3' });
    env.projector.freeze();
    porter.freeze();
    const accepted = await place(ASYNC, doomed.url);
    await doomed.kill();
    await env.projector.kill();
    await porter.kill();
    expect((await receipt(locationOf(accepted))).body).toMatchObject({ state: 'accepted', done: false });
    env.projector = await env.startProjector();
    const projected = await until(
      () => receipt(locationOf(accepted), { wait: 5 }),
      ({ body }) => body.outcome !== null,
    );
    expect(projected.body).toMatchObject({
      outcome: 'effective',
      ports: ['backend', 'billing'].map((port) => ({ port, state: 'unknown', errorCode: 'API_PORTER_AWAY' })),
      done: false,
    });
    porter = await env.startPorter(new URL(porter.url).port);
    expect((await done(locationOf(accepted))).body).toMatchObject({ ports: [{ state: 'ported' }, NO_BILLING] });
    expect(
      await query(env.pool, `select outcome from api.receipt where event_id = $1`, [accepted.body.eventId]),
    ).toEqual([{ outcome: 'effective' }]);
  });
});

describe('SIGTERM', () => {
  it('ends what waits with what is known, and the process with 0', async () => {
    const leaving = await env.startApi({
      PORTER_URL: porter.url,
      INSTANCE_NAME: 'new-api-4',
      OUTCOME_DEADLINE_MS: '60000',
    });
    env.projector.freeze();
    const accepted = await place(ASYNC, leaving.url);
    const before = await appended();
    const waiting = receipt(locationOf(accepted), { wait: 30, base: leaving.url });
    const command = place({ 'idempotency-key': 'leaving-1' }, leaving.url);
    const ported = place({ 'banyan-wait-for': 'ported', 'banyan-deadline-ms': '60000' }, leaving.url);
    while ((await appended()) < before + 2) await new Promise((resolve) => setTimeout(resolve, 25));
    await until(
      () => send(leaving.url, 'GET', '/health/live'),
      ({ status }) => status === 200,
    );
    const code = leaving.stop();
    expect(await waiting).toMatchObject({ status: 200, body: { state: 'accepted' } });
    expect(await command).toMatchObject({ status: 202, body: { receipt: expect.any(String) } });
    expect(await ported).toMatchObject({ status: 202, body: { receipt: expect.any(String) } });
    expect(await code).toBe(0);
  });
});

describe('OpenAPI', () => {
  it('shows the preference, the answers with their headers, and the receipts', async () => {
    const { body } = await send(api.url, 'GET', '/docs-json');
    const command = body.paths['/v2/orders'].post;
    const names = command.parameters.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['Prefer', 'Idempotency-Key', 'If-Match', 'Banyan-Wait-For']));
    expect(Object.keys(command.responses['202'].headers)).toEqual(
      expect.arrayContaining(['Location', 'Retry-After', 'Preference-Applied']),
    );
    expect(Object.keys(command.responses['201'].headers)).toEqual(expect.arrayContaining(['ETag', 'Location', 'Link']));
    const receipts = body.paths['/v2/receipts/{eventId}'].get;
    expect(receipts.parameters.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['eventId', 'wait', 'Prefer', 'If-None-Match']),
    );
    const schema = body.components.schemas.Receipt;
    const accepted = await place(ASYNC);
    expect(Object.keys(schema.properties)).toEqual(
      expect.arrayContaining(Object.keys((await receipt(locationOf(accepted))).body)),
    );
    expect(body.components.schemas.Problem.description).toContain('API_RECEIPT_UNKNOWN');
  });
});
