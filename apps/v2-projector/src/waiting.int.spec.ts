import { setTimeout as delay } from 'node:timers/promises';
import { topicName } from '@banyan/contracts';
import { OrderPlaced } from '@banyan/contracts/events/northwind.order.v1';
import { newId } from '@banyan/core';
import { query } from '@banyan/postgres';
import { logger } from '@banyan/service';
import { FaultyLink } from '@banyan/stack/testing';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { readConfig } from './config.js';
import { type RunningProjector, startProjector } from './start-projector.js';
import { anEnvironment, type Environment } from './testing/environment.js';
import { anOrder, recordOf } from './testing/northwind.js';

let env: Environment;
let kafka: FaultyLink;
let registry: FaultyLink;
let postgres: FaultyLink;
let app: RunningProjector;

beforeAll(async () => {
  env = await anEnvironment();
  const { kafkaBrokers, schemaRegistryUrl } = env.stack;
  kafka = await FaultyLink.to(kafkaBrokers);
  registry = await FaultyLink.to(schemaRegistryUrl);
  postgres = await FaultyLink.to(env.databaseUrl);
  const variables = {
    KAFKA_BROKERS: kafka.through(kafkaBrokers),
    SCHEMA_REGISTRY_URL: registry.through(schemaRegistryUrl),
    V2_DATABASE_URL: postgres.through(env.databaseUrl),
  };
  app = await startProjector(readConfig({ ...env.variables, ...variables, TRANSFORMERS: 'order', LOG_LEVEL: 'error' }));
}, 180_000);

afterAll(async () => {
  await app.close();
  await Promise.all([kafka.down(), registry.down(), postgres.down()]);
  await env.close();
});

async function health(kind: 'live' | 'ready'): Promise<{ status: number; reason: string }> {
  const answer = await fetch(new URL(`/health/${kind}`, app.url));
  const { checks } = (await answer.json()) as { checks: { reason?: string }[] };
  return { status: answer.status, reason: checks.map(({ reason }) => reason ?? '').join() };
}

/** Looks until readiness says so; a start or a heal takes at most some back-offs of 5 s. */
async function untilReady(what: { status: number; reason?: RegExp }): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    const now = await health('ready');
    expect((await health('live')).status).toBe(200);
    if (now.status === what.status && (what.reason ?? /.*/).test(now.reason)) return;
    if (tries > 1_200)
      throw new Error(`waited in vain for ${what.status} ${what.reason}; it is ${now.status} ${now.reason}`);
    await delay(100);
  }
}

async function place(): Promise<string> {
  const key = newId();
  const topic = topicName(env.prefix, 'northwind.order.v1');
  await env.appender.append(recordOf(env.codec, topic, { key, type: OrderPlaced.name, on: 0, data: anOrder }));
  return key;
}

async function projected(key: string): Promise<void> {
  await app.projector.running('order')?.caughtUp({ timeoutMs: 90_000 });
  expect(await query(env.pool, 'select version::int, parked from v2.state where key = $1', [key])).toEqual([
    { version: 1, parked: false },
  ]);
}

describe('a projector whose surroundings are away', () => {
  it('starts, lives, says what it waits for, and goes on as they come back one by one', async () => {
    const warn = jest.spyOn(logger('v2-projector'), 'warn');
    const key = await place();
    await untilReady({ status: 503, reason: /migrate schema v2.*PostgreSQL does not answer/ });
    expect((await fetch(new URL('/internal/status', app.url))).status).toBe(503);
    await postgres.up();
    await untilReady({ status: 503, reason: /v2-projector\.order is (starting|rebalancing)/ });
    const warned = (line: RegExp) => warn.mock.calls.some(([, message]) => line.test(String(message)));
    while (!warned(/^consumer .*v2-projector\.order is starting: /) || !warned(/^Connection: /)) await delay(50);
    await kafka.up();
    await untilReady({ status: 503, reason: /registry/ });
    await registry.up();
    await projected(key);
    await untilReady({ status: 200 });
  });

  it('goes on where it was after PostgreSQL broke off every connection', async () => {
    await postgres.down();
    const key = await place();
    await untilReady({ status: 503, reason: /PostgreSQL does not answer/ });
    await postgres.up();
    await projected(key);
    await untilReady({ status: 200 });
  });
});
