import { topicName, topicSpecs } from '@banyan/contracts';
import { importedId } from '@banyan/core';
import { entities } from '@banyan/migration';
import { query } from '@banyan/postgres';
import type { RunningApp } from '@banyan/service';
import { topicOf } from '@banyan/transformer';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig } from './config.js';
import { startNewApi } from './start-new-api.js';
import { until } from './testing/client.js';
import { anEnvironment, type Environment } from './testing/environment.js';

let env: Environment;
let api: RunningApp;

beforeAll(async () => {
  env = await anEnvironment();
  api = await env.api();
}, 240_000);

afterAll(async () => {
  await api?.close();
  await env?.close();
}, 60_000);

interface Answered {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: specs look into bodies of every shape
  readonly body: any;
}

async function call(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answered> {
  const answer = await fetch(`${api.url}${path}`, {
    method,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text === '' ? undefined : JSON.parse(text) };
}

const order = (over: Record<string, unknown> = {}) => ({
  customer: { legacyId: 'ALFKI' },
  lines: [{ product: { legacyId: '11' }, quantity: 2 }],
  ...over,
});
const place = (over: Record<string, unknown> = {}, headers: Record<string, string> = {}) =>
  call('POST', '/v2/orders', order(over), headers);

async function appended(entity: string): Promise<number> {
  const ends = await env.log.ends(topicName(env.prefix, `northwind.${entity}.v1`));
  return ends.reduce((sum, { high }) => sum + Number(high), 0);
}

describe('placing an order', () => {
  it('adopts customer and products from legacy, and answers with the state, its ETag and its place', async () => {
    const placed = await place({
      customer: { legacyId: 'anatr' },
      lines: [
        { product: { legacyId: '42' }, quantity: 5, discountBasisPoints: 500 },
        { product: { legacyId: '072' }, quantity: 1 },
      ],
    });
    expect(placed).toMatchObject({
      status: 201,
      body: {
        version: 1,
        status: 'placed',
        customerId: importedId('customer', 'ANATR'),
        lines: [{ productId: importedId('product', '42'), quantity: 5 }, { productId: importedId('product', '72') }],
      },
    });
    expect(placed.headers.get('etag')).toBe('"1"');
    expect(placed.headers.get('location')).toBe(`/v2/orders/${placed.body.id}`);
    const read = await call('GET', `/v2/orders/${placed.body.id}`);
    expect(read.body).toEqual(placed.body);
    expect(read.headers.get('etag')).toBe('"1"');
    const customer = await call('GET', `/v2/customers/${placed.body.customerId}`);
    expect(customer.body).toMatchObject({ code: 'ANATR', legacyId: 'ANATR', version: 1 });
  });

  it('adopts each row once: a second order appends nothing about its customer', async () => {
    await place();
    const before = await appended('customer');
    expect((await place()).status).toBe(201);
    expect(await appended('customer')).toBe(before);
  });

  it('names every thing that is neither in V2 nor in legacy, and appends nothing', async () => {
    const before = await appended('order');
    const refused = await place({
      customer: { id: '01900000-0000-7000-8000-000000000000' },
      lines: [
        { product: { legacyId: '4711' }, quantity: 1 },
        { product: { legacyId: 'x' }, quantity: 1 },
      ],
    });
    expect(refused).toMatchObject({
      status: 422,
      body: {
        code: 'API_REFERENCE_UNKNOWN',
        errors: expect.arrayContaining([
          expect.objectContaining({ path: 'customer', value: { id: '01900000-0000-7000-8000-000000000000' } }),
          expect.objectContaining({ path: 'lines[0].product', value: { legacyId: '4711' } }),
          expect.objectContaining({ path: 'lines[1].product', value: { legacyId: 'x' } }),
        ]),
      },
    });
    expect(await appended('order')).toBe(before);
    expect(
      await query(env.pool, `select 1 from v2.state where consumer = 'product' and key = $1`, [
        importedId('product', '4711'),
      ]),
    ).toEqual([]);
  });

  it('is refused while a send in doubt may have made the product it names', async () => {
    env.porter.intents = [
      {
        entity: 'product',
        key: '01900000-0000-7000-8000-00000000000a',
        eventId: 'e',
        operation: 'create',
        highWaterMark: '76',
        state: 'in-doubt',
        legacyId: null,
      },
    ];
    const held = await place({ lines: [{ product: { legacyId: '77' }, quantity: 1 }] });
    env.porter.intents = [];
    expect(held).toMatchObject({ status: 503, body: { code: 'API_ADOPTION_HELD' } });
    expect(held.headers.get('retry-after')).toBe('1');
    expect((await place({ lines: [{ product: { legacyId: '77' }, quantity: 1 }] })).status).toBe(201);
  });
});

describe('bad input', () => {
  it('is refused with all paths: unknown fields, wrong types, missing ones', async () => {
    const refused = await call('POST', '/v2/orders', {
      customer: { legacyId: 7 },
      lines: [{ product: { legacyId: '1' }, quantity: 'two', colour: 'red' }],
      orderedOn: '1996-02-30',
      extra: true,
    });
    expect(refused).toMatchObject({ status: 422, body: { code: 'API_BODY_INVALID' } });
    expect(refused.headers.get('content-type')).toContain('application/problem+json');
    expect(refused.body.errors.map((error: { path: string }) => error.path).sort()).toEqual([
      'customer',
      'extra',
      'lines[0].colour',
      'lines[0].quantity',
      'orderedOn',
    ]);
  });

  it.each([
    ['malformed JSON', '{"customer":', 400, 'HTTP_MALFORMED'],
    ['a body of null', 'null', 422, 'API_BODY_INVALID'],
    ['a body that is a list', '[]', 422, 'API_BODY_INVALID'],
    ['a body of 2 MB', JSON.stringify({ poNumber: 'x'.repeat(2_000_000) }), 413, 'HTTP_BODY_TOO_LARGE'],
  ])('is a problem, not a failure: %s', async (_what, body, status, code) => {
    expect(await call('POST', '/v2/orders', body)).toMatchObject({ status, body: { status, code } });
  });

  it('is told for ids, queries, keys and tags too', async () => {
    expect(await call('GET', '/v2/orders/10248')).toMatchObject({ status: 400, body: { code: 'API_ID_INVALID' } });
    expect(await call('GET', '/v2/orders?limit=0&colour=red')).toMatchObject({
      status: 400,
      body: { code: 'API_QUERY_INVALID', errors: [{ path: 'limit' }, { path: 'colour' }] },
    });
    expect(await place({}, { 'idempotency-key': 'a b' })).toMatchObject({
      status: 400,
      body: { code: 'API_IDEMPOTENCY_KEY_INVALID' },
    });
    expect(await place({}, { 'if-match': '3' })).toMatchObject({ status: 400, body: { code: 'API_IF_MATCH_INVALID' } });
    expect(await call('GET', '/v2/orders/01900000-0000-7000-8000-000000000000')).toMatchObject({
      status: 404,
      body: { code: 'API_NOT_FOUND' },
    });
    expect(await call('POST', '/v2/orders/01900000-0000-7000-8000-000000000000/ship', {})).toMatchObject({
      status: 404,
    });
  });

  it('refuses what the business forbids with the command\u2019s own code', async () => {
    const twice = await place({
      lines: [
        { product: { legacyId: '11' }, quantity: 1 },
        { product: { legacyId: '011' }, quantity: 1 },
      ],
    });
    expect(twice).toMatchObject({ status: 422, body: { code: 'ORDER_PRODUCT_TWICE' } });
  });
});

describe('changing an order', () => {
  it('takes If-Match, and answers 412 with the present version when it is another', async () => {
    const { body } = await place();
    const ship = (tag: string) => call('POST', `/v2/orders/${body.id}/ship`, { shipperId: 1 }, { 'if-match': tag });
    const stale = await ship('"7"');
    expect(stale).toMatchObject({ status: 412, body: { code: 'API_PRECONDITION_FAILED', version: 1 } });
    expect(stale.headers.get('etag')).toBe('"1"');
    expect(await ship('"1"')).toMatchObject({ status: 200, body: { status: 'shipped', version: 2 } });
  });

  it('decides again without If-Match, so that every one of several writers gets through or is told', async () => {
    const { body } = await place();
    const revise = (quantity: number) =>
      call('PUT', `/v2/orders/${body.id}`, order({ lines: [{ product: { legacyId: '11' }, quantity }] }));
    const answers = await Promise.all([3, 4, 5].map(revise));
    const done = answers.filter((answer) => answer.status === 200);
    expect(done.length).toBeGreaterThan(0);
    for (const answer of answers) expect([200, 409]).toContain(answer.status);
    // Each acknowledged change is a version of its own.
    const versions = done.map((answer) => answer.body.version).sort();
    expect(new Set(versions).size).toBe(versions.length);
    const { body: last } = await call('GET', `/v2/orders/${body.id}`);
    expect(last.version).toBe(1 + done.length);
    const winner = done.find((answer) => answer.body.version === last.version);
    expect(last.lines).toEqual(winner?.body.lines);
  });

  it('appends nothing when it is so already', async () => {
    const { body } = await place();
    const before = await appended('order');
    const again = await call('PUT', `/v2/orders/${body.id}`, order({ orderedOn: body.orderedOn }));
    expect(again).toMatchObject({ status: 200, body: { version: 1 } });
    expect(await appended('order')).toBe(before);
  });
});

describe('what legacy holds', () => {
  it('is not changed in V2: 409, and nothing is appended', async () => {
    const { body } = await call('GET', '/v2/customers?legacyId=BERGS');
    const [customer] = body.items;
    expect(customer).toMatchObject({ code: 'BERGS', legacyId: 'BERGS', version: 1 });
    const before = await appended('customer');
    const refused = await call('DELETE', `/v2/customers/${customer.id}`);
    expect(refused).toMatchObject({ status: 409, body: { code: 'ENTITY_HELD_BY_LEGACY', id: customer.id } });
    expect(await appended('customer')).toBe(before);
  });

  it('is found before a create of the same natural key: no second customer', async () => {
    const register = (code: string) => call('POST', '/v2/customers', { code, companyName: 'Again' });
    expect(await register('blonp')).toMatchObject({ status: 422, body: { code: 'CUSTOMER_EXISTS' } });
    expect(await register('ZZZZZ')).toMatchObject({
      status: 201,
      body: { id: importedId('customer', 'ZZZZZ'), code: 'ZZZZZ' },
    });
    expect(await register('zzzzz')).toMatchObject({ status: 422, body: { code: 'CUSTOMER_EXISTS' } });
  });

  it('is found by legacy id, with all it names; nothing is invented for an id that is nowhere', async () => {
    const { body } = await call('GET', '/v2/orders?legacyId=010248');
    expect(body.items).toHaveLength(1);
    const [found] = body.items;
    expect(found).toMatchObject({ id: importedId('order', '10248'), legacyId: '10248' });
    expect((await call('GET', `/v2/customers/${found.customerId}`)).body).toMatchObject({ code: 'VINET' });
    for (const line of found.lines) expect((await call('GET', `/v2/products/${line.productId}`)).status).toBe(200);
    expect((await call('GET', '/v2/orders?legacyId=999999')).body).toMatchObject({ items: [], next: null });
    expect(await call('GET', '/v2/orders?legacyId=x')).toMatchObject({
      status: 400,
      body: { code: 'API_QUERY_INVALID' },
    });
  });
});

describe('Idempotency-Key', () => {
  it('acts once: the same request gets the same answer, byte for byte', async () => {
    const before = await appended('order');
    const send = () =>
      fetch(`${api.url}/v2/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'replay-1' },
        body: JSON.stringify(order()),
      });
    const first = await send();
    const second = await send();
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(await second.text()).toBe(await first.text());
    expect(second.headers.get('etag')).toBe(first.headers.get('etag'));
    expect(await appended('order')).toBe(before + 1);
  });

  it('refuses another request under the same key', async () => {
    await place({}, { 'idempotency-key': 'reused-1' });
    expect(await place({ poNumber: 'other' }, { 'idempotency-key': 'reused-1' })).toMatchObject({
      status: 422,
      body: { code: 'API_IDEMPOTENCY_KEY_REUSED' },
    });
  });

  it('repeats a refusal, and forgets what only could not be done now', async () => {
    const headers = { 'idempotency-key': 'refused-1' };
    const twice = { lines: [1, 2].map((quantity) => ({ product: { legacyId: '11' }, quantity })) };
    const first = await place(twice, headers);
    expect(first.status).toBe(422);
    expect((await place(twice, headers)).body).toEqual(first.body);
    const unknown = { customer: { legacyId: 'NOONE' } };
    expect((await place(unknown, { 'idempotency-key': 'unknown-1' })).status).toBe(422);
    await call('POST', '/v2/customers', { code: 'NOONE', companyName: 'Somebody now' });
    expect((await place(unknown, { 'idempotency-key': 'unknown-1' })).status).toBe(201);
  });

  it('is known to the proxy where something was made under it, not where it was refused', async () => {
    const knows = async (...keys: string[]) =>
      (
        await call(
          'GET',
          `/internal/creations?${new URLSearchParams(keys.map((key): [string, string] => ['key', key]))}`,
        )
      ).body;
    await place({}, { 'idempotency-key': 'known-1' });
    const twice = { lines: [1, 2].map((quantity) => ({ product: { legacyId: '11' }, quantity })) };
    const refused = await place(twice, { 'idempotency-key': 'known-2' });
    expect(refused.status).toBe(422);
    expect(await knows('known-1')).toEqual({ known: true });
    expect(await knows('known-2', 'known-3')).toEqual({ known: false });
    expect(await knows('known-3', 'known-1')).toEqual({ known: true });
    expect(await place({}, { 'idempotency-key': 'known-2' })).toMatchObject({ body: { firstStatus: 422 } });
    expect((await call('GET', '/internal/creations')).status).toBe(400);
  });

  it('of a twin in flight is 409 with Retry-After; the projector behind its deadline is 202, and the next try ends it', async () => {
    const slow = await env.api({ OUTCOME_DEADLINE_MS: '8000', INSTANCE_NAME: 'new-api-1' });
    const send = () =>
      fetch(`${slow.url}/v2/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'twin-1' },
        body: JSON.stringify(order()),
      });
    try {
      await place();
      const before = await appended('order');
      env.projector.freeze();
      const first = send();
      // In flight once its bytes are stored.
      for (;;) {
        const rows = await query(
          env.pool,
          `select 1 from api.idempotency where key = 'twin-1' and event_id is not null`,
        );
        if (rows.length === 1) break;
      }
      const twin = await send();
      expect(twin.status).toBe(409);
      expect(Number(twin.headers.get('retry-after'))).toBeGreaterThan(0);
      const accepted = await first;
      expect(accepted.status).toBe(202);
      const { id, eventId } = (await accepted.json()) as { id: string; eventId: string };
      expect(eventId).toEqual(expect.any(String));
      env.projector.thaw();
      // A frozen member has lost its place in the group, and comes into it anew.
      let done = await send();
      while (done.status === 202) done = await send();
      expect(done.status).toBe(201);
      expect(await done.json()).toMatchObject({ id, version: 1 });
      expect(await appended('order')).toBe(before + 1);
    } finally {
      env.projector.thaw();
      await slow.close();
    }
  });
});

describe('lists', () => {
  it('are paged by key, with legacy ids', async () => {
    const first = await call('GET', '/v2/products?limit=2');
    expect(first.body.items).toHaveLength(2);
    expect(first.body.items[0]).toMatchObject({ id: expect.any(String), legacyId: expect.stringMatching(/^\d+$/) });
    const second = await call('GET', `/v2/products?limit=2&after=${first.body.next}`);
    expect(second.body.items[0].id > first.body.next).toBe(true);
  });
});

describe('OpenAPI', () => {
  it('describes every route with the schema that is checked', async () => {
    const { body } = await call('GET', '/docs-json');
    expect(Object.keys(body.paths)).toEqual(
      expect.arrayContaining([
        '/v2/orders',
        '/v2/orders/{id}',
        '/v2/orders/{id}/ship',
        '/v2/customers',
        '/v2/products/{id}',
      ]),
    );
    const schema = body.paths['/v2/orders'].post.requestBody.content['application/json'].schema;
    expect(schema).toMatchObject({
      additionalProperties: false,
      required: expect.arrayContaining(['customer', 'lines']),
    });
    expect((await fetch(`${api.url}/docs`)).headers.get('content-type')).toContain('text/html');
  });
});

describe('without legacy', () => {
  it('adopts nothing and says so', async () => {
    const alone = await env.api({ LEGACY_URL: '', PORTER_URL: '', INSTANCE_NAME: 'new-api-2' });
    try {
      const refused = await fetch(`${alone.url}/v2/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(order({ customer: { legacyId: 'WOLZA' } })),
      });
      expect(refused.status).toBe(422);
      expect(await refused.json()).toMatchObject({
        code: 'API_REFERENCE_UNKNOWN',
        detail: expect.stringContaining('no LEGACY_URL is configured'),
      });
    } finally {
      await alone.close();
    }
  });
});

describe('what Kafka has acknowledged', () => {
  it('is read back, a sample of it, and counted', async () => {
    const own = await env.api({ INSTANCE_NAME: 'new-api-4', CANARY_READS_PER_MINUTE: '600' });
    try {
      const placed = await fetch(`${own.url}/v2/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(order()),
      });
      expect(placed.status).toBe(201);
      let metrics = '';
      while (!metrics.includes('banyan_api_canary_reads_total{verdict="same"}')) {
        metrics = await (await fetch(`${own.url}/metrics`)).text();
      }
      expect(metrics).not.toMatch(/banyan_api_canary_reads_total\{verdict="(other|missing)"/);
    } finally {
      await own.close();
    }
  });
});

describe('topics with another number of partitions', () => {
  it('are not written: their keys would leave the partitions they are in', async () => {
    const prefix = `${env.prefix}narrow_`;
    const specs = topicSpecs(prefix, entities.map(topicOf)).map((spec) => ({ ...spec, partitions: 1 }));
    await env.log.createTopics(specs);
    const refusing = await startNewApi(
      readConfig({ ...env.variables, TOPIC_PREFIX: prefix, INSTANCE_NAME: 'new-api-5' }),
    );
    try {
      let reason = '';
      while (!reason.includes('1 partitions, 12 are declared')) {
        reason = await (await fetch(`${refusing.url}/health/ready`)).text();
      }
      const refused = await fetch(`${refusing.url}/v2/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(order()),
      });
      expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([503, 'API_LOG_AWAY']);
    } finally {
      await refusing.close();
    }
  });
});

describe('where something else listens at its port', () => {
  it('ends all that it has begun, and says that', async () => {
    const { port } = new URL(api.url);
    const second = startNewApi(readConfig({ ...env.variables, PORT: port, INSTANCE_NAME: 'new-api-6' }));
    await expect(second).rejects.toMatchObject({ code: 'SERVICE_PORT_TAKEN', message: expect.stringContaining(port) });
  });
});

describe('when something is away', () => {
  it('starts without Kafka: reads are served, writes are 503 with Retry-After, it is live and not ready', async () => {
    const { body } = await place();
    const away = await startNewApi(
      readConfig({ ...env.variables, KAFKA_BROKERS: '127.0.0.1:1', INSTANCE_NAME: 'new-api-3' }),
    );
    try {
      expect((await fetch(`${away.url}/v2/orders/${body.id}`)).status).toBe(200);
      const refused = await fetch(`${away.url}/v2/orders`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': 'away-1' },
        body: JSON.stringify(order()),
      });
      expect(refused.status).toBe(503);
      expect(refused.headers.get('retry-after')).toBe('1');
      expect(await refused.json()).toMatchObject({ code: 'API_LOG_AWAY' });
      expect((await fetch(`${away.url}/health/live`)).status).toBe(200);
      const ready = await fetch(`${away.url}/health/ready`);
      expect(ready.status).toBe(503);
      expect(await ready.json()).toMatchObject({
        checks: expect.arrayContaining([expect.objectContaining({ name: 'log', ok: false })]),
      });
    } finally {
      await away.close();
    }
    // Nothing was done, so the key is as good as new.
    expect((await place({}, { 'idempotency-key': 'away-1' })).status).toBe(201);
  });

  it('goes on by itself after PostgreSQL has cut all its connections', async () => {
    await query(
      env.pool,
      `select pg_terminate_backend(pid, 10000) from pg_stat_activity
       where application_name = 'new-api-0' and datname = current_database()`,
    );
    const answers = await Promise.all([place(), place(), place()]);
    for (const answer of answers) expect([201, 503]).toContain(answer.status);
    // The pool hears of each of them by itself.
    const again = await until(
      () => place(),
      ({ status }) => status !== 503,
    );
    expect(again.status).toBe(201);
  });
});
