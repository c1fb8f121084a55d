import { type LogRecord, topicName } from '@banyan/contracts';
import { isBanyanError } from '@banyan/core';
import { query } from '@banyan/postgres';
import { type Stack, startStack } from '@banyan/stack';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AppProcess } from './testing/app-process.js';
import { type Answered, send, until } from './testing/client.js';
import { anEnvironment, type Environment } from './testing/environment.js';

// A stack of its own: here Kafka is stopped.
let stack: Stack;
let env: Environment;
let survivor: AppProcess;

beforeAll(async () => {
  stack = await startStack({ ephemeral: true, own: true });
  env = await anEnvironment(stack);
  survivor = await env.startApi({ INSTANCE_NAME: 'new-api-0' });
  // What orders name is adopted here.
  expect((await place(survivor, 'first')).status).toBe(201);
}, 300_000);

afterAll(async () => {
  await env?.close();
  await stack?.stop();
}, 60_000);

const place = (api: AppProcess, key: string, prefer?: string): Promise<Answered> =>
  send(api.url, 'POST', '/v2/orders', {
    body: { customer: { legacyId: 'ALFKI' }, lines: [{ product: { legacyId: '11' }, quantity: 2 }], poNumber: key },
    headers: { 'idempotency-key': key, ...(prefer === undefined ? {} : { prefer }) },
  });

/** As a careful client: what is 409 or 503 is asked again, with the same key, until it is answered otherwise. */
const finished = (api: AppProcess, key: string): Promise<Answered> =>
  until(
    () => place(api, key),
    ({ status }) => ![202, 409, 503].includes(status),
  );

/** Resolves once the bytes of the event are stored under each key; gives their ids. */
async function noted(keys: readonly string[]): Promise<readonly string[]> {
  for (;;) {
    const rows = await query<{ event_id: string }>(
      env.pool,
      'select event_id from api.idempotency where key = any($1) and event_id is not null',
      [keys],
    );
    if (rows.length === keys.length) return rows.map(({ event_id }) => event_id);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** The records of these events, from the whole log; a Kafka that has just come up is asked again. */
async function recordsOf(eventIds: readonly string[]): Promise<readonly LogRecord[]> {
  const topic = topicName(env.prefix, 'northwind.order.v1');
  for (;;) {
    try {
      const records: LogRecord[] = [];
      for (const { partition, low, high } of await env.log.ends(topic)) {
        for await (const record of env.log.read(topic, partition, low, high)) records.push(record);
      }
      return records.filter(({ headers }) => eventIds.includes(headers.ce_id ?? ''));
    } catch (error) {
      if (!isBanyanError(error) || !error.retryable) throw error;
    }
  }
}

async function ordersNamed(keys: readonly string[]): Promise<readonly string[]> {
  const rows = await query<{ po: string }>(
    env.pool,
    `select document ->> 'poNumber' as po from v2.state where consumer = 'order' and document ->> 'poNumber' = any($1)`,
    [keys],
  );
  return rows.map(({ po }) => po).sort();
}

const KEYS = ['a', 'b', 'c'] as const;
const named = (what: string) => KEYS.map((key) => `${what}-${key}`);

describe('an instance that is killed', () => {
  it('after Kafka has the event, before its answer: another one finishes it, and nothing is appended again', async () => {
    const doomed = await env.startApi({ INSTANCE_NAME: 'new-api-1' });
    const keys = named('appended');
    env.projector.freeze();
    const lost = Promise.allSettled(keys.map((key) => place(doomed, key)));
    const eventIds = await noted(keys);
    while ((await recordsOf(eventIds)).length < keys.length);
    await doomed.kill();
    expect((await lost).map(({ status }) => status)).toEqual(keys.map(() => 'rejected'));
    // A twin is told to wait while the dead one's lease runs.
    const twin = await place(survivor, 'appended-a');
    expect(twin).toMatchObject({ status: 409, body: { code: 'API_IDEMPOTENCY_IN_FLIGHT' } });
    expect(Number(twin.headers.get('retry-after'))).toBeGreaterThan(0);
    env.projector.thaw();
    const answers = await Promise.all(keys.map((key) => finished(survivor, key)));
    expect(answers.map(({ status, body }) => [status, body.version])).toEqual(keys.map(() => [201, 1]));
    // The same bytes may lie there twice; they count once.
    const records = await recordsOf(eventIds);
    expect(new Set(records.map(({ headers }) => headers.ce_id)).size).toBe(keys.length);
    expect(await ordersNamed(keys)).toEqual(keys);
    const again = await Promise.all(keys.map((key) => place(survivor, key)));
    expect(again.map(({ body }) => body)).toEqual(answers.map(({ body }) => body));
  }, 120_000);
});

describe('once Kafka is back', () => {
  const keys = named('stored');
  let eventIds: readonly string[];
  let stored: readonly string[];
  let unknown: Answered;
  let later: Answered;

  beforeAll(async () => {
    const doomed = await env.startApi({ INSTANCE_NAME: 'new-api-2', APPEND_DEADLINE_MS: '60000' });
    const impatient = await env.startApi({ INSTANCE_NAME: 'new-api-3', APPEND_DEADLINE_MS: '300' });
    await stack.services.kafka.stop();
    const lost = Promise.allSettled(keys.map((key) => place(doomed, key)));
    eventIds = await noted(keys);
    const rows = await query<{ value: Buffer }>(env.pool, 'select value from api.idempotency where key = any($1)', [
      keys,
    ]);
    stored = rows.map(({ value }) => value.toString('hex')).sort();
    await doomed.kill();
    await lost;
    unknown = await place(impatient, 'unknown-1');
    later = await place(impatient, 'unknown-2', 'respond-async');
    for (const { body } of [unknown, later]) {
      const receipt = await send(survivor.url, 'GET', body.receipt);
      expect(receipt.body).toMatchObject({ eventId: body.eventId, state: 'unknown', outcome: null, done: false });
    }
    await stack.services.kafka.start();
  }, 180_000);

  it('what a killed instance had only stored is appended by another one: the same bytes, and no others', async () => {
    expect(await recordsOf(eventIds)).toEqual([]);
    const answers = await Promise.all(keys.map((key) => finished(survivor, key)));
    expect(answers.map(({ status }) => status)).toEqual(keys.map(() => 201));
    const records = await recordsOf(eventIds);
    expect(records.map(({ value }) => value?.toString('hex')).sort()).toEqual(stored);
    expect(await ordersNamed(keys)).toEqual(keys);
  }, 120_000);

  it('what was answered with 503 is found out under its key, at another instance, and by its receipt; it counts once', async () => {
    for (const { status, body, headers } of [unknown, later]) {
      expect({ status, code: body.code }).toEqual({ status: 503, code: 'API_OUTCOME_UNKNOWN' });
      expect(headers.get('retry-after')).toBe('1');
    }
    const done = await finished(survivor, 'unknown-1');
    expect(done).toMatchObject({ status: 201, body: { id: unknown.body.id } });
    // With the preference the repeat is accepted now: with the receipt that the 503 named.
    const accepted = await until(
      () => place(survivor, 'unknown-2', 'respond-async'),
      ({ status }) => status === 202,
    );
    expect(accepted.body).toMatchObject({ id: later.body.id, receipt: later.body.receipt });
    for (const { body } of [unknown, later]) {
      const told = await until(
        () => send(survivor.url, 'GET', `${body.receipt}?wait=10`),
        (one) => one.body.outcome,
      );
      expect(told.body).toMatchObject({ outcome: 'effective', version: 1 });
    }
    expect(await ordersNamed(['unknown-1', 'unknown-2'])).toEqual(['unknown-1', 'unknown-2']);
  }, 120_000);
});
