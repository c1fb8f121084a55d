import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createCodec, MISMATCHES_TOPIC, registerSchemas, topicName, topicSpecs } from '@banyan/contracts';
import { MismatchFound } from '@banyan/contracts/events/banyan.mismatch.v1';
import { CONTROL_TYPES, type Control, createControl, entityControl } from '@banyan/control';
import { newId, systemClock } from '@banyan/core';
import { createKafkaEventLog } from '@banyan/kafka';
import { randomPrefix, testStack } from '@banyan/stack/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig } from './config.js';
import { type RunningProxy, startProxy } from './proxy.js';

const prefix = randomPrefix();
let legacy: Server;
let v2: Server;
let proxy: RunningProxy;
let operator: Control;
let log: ReturnType<typeof createKafkaEventLog>;
let registryUrl: string;
let holdLegacy: Promise<void> | undefined;

async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const json = { 'content-type': 'application/json; charset=utf-8' };

beforeAll(async () => {
  const stack = await testStack();
  registryUrl = stack.schemaRegistryUrl;
  await registerSchemas({ registryUrl });
  log = createKafkaEventLog({ brokers: stack.kafkaBrokers.split(','), clientId: 'operator' });
  await log.createTopics(topicSpecs(prefix, []));
  legacy = createServer(async (request, response) => {
    await holdLegacy;
    response.writeHead(200, json).end(JSON.stringify({ OrderID: 10248, seen: request.method }));
  });
  v2 = createServer((request, response) => {
    const owner = request.url?.startsWith('/internal/owner/') === true;
    response
      .writeHead(200, json)
      .end(JSON.stringify(owner ? { key: 'k', owner: 'legacy', held: false } : { rows: [], total: 0 }));
  });
  const shared = { log, topicPrefix: prefix, newId, clock: systemClock };
  operator = createControl({
    ...shared,
    codec: createCodec({ registryUrl, types: CONTROL_TYPES }),
    instance: 'operator',
  });
  await operator.follow();
  proxy = await startProxy(
    readConfig({
      PORT: '0',
      ADMIN_PORT: '0',
      LOG_LEVEL: 'silent',
      INSTANCE_NAME: 'proxy-0',
      KAFKA_BROKERS: stack.kafkaBrokers,
      SCHEMA_REGISTRY_URL: registryUrl,
      TOPIC_PREFIX: prefix,
      LEGACY_URL: await listening(legacy),
      NEW_API_URL: await listening(v2),
      TABLE_FILE: join(tmpdir(), `banyan-proxy-int-${randomUUID()}.json`),
      CONFIRM_AFTER_MS: '50',
    }),
  );
}, 240_000);

afterAll(async () => {
  await proxy?.close();
  await operator?.close();
  await log?.close();
  for (const server of [legacy, v2]) {
    server?.closeAllConnections();
    server?.close();
  }
}, 60_000);

describe('the proxy on a real log', () => {
  it('registers, and is ready when it has', async () => {
    await operator.until((state) => state.parties['proxy-0']?.url === proxy.url, 30_000);
    expect((await fetch(`${proxy.url}/health/ready`)).status).toBe(200);
  });

  it('acknowledges a move forward behind the last direct write, and begins none after', async () => {
    const subject = 'entity:order';
    await operator.append({ type: 'banyan.control.v1.EntityOpened', data: { subject } });
    const { promise, resolve } = Promise.withResolvers<void>();
    holdLegacy = promise;
    const open = fetch(`${proxy.trafficUrl}/api/orders/10248`, { method: 'DELETE' });
    await until(async () => (await status()).openWrites.order === 1);
    const planned = { subject, direction: 'forward' as const, epoch: 1, share: 100, toMode: 'new' as const };
    expect(await operator.append({ type: 'banyan.control.v1.MovePlanned', data: planned })).toMatchObject({
      accepted: true,
    });
    await until(async () => (await status()).entities.order.gate === 'hold');
    expect(entityControl(operator.state(), 'order').move?.prepared).toEqual([]);
    resolve();
    expect((await open).status).toBe(200);
    await operator.until((state) => entityControl(state, 'order').move?.prepared.includes('proxy-0') === true, 30_000);
    expect((await fetch(`${proxy.trafficUrl}/api/orders/10248`, { method: 'DELETE' })).status).toBe(503);
    await operator.append({ type: 'banyan.control.v1.MoveAborted', data: { subject, epoch: null } });
    await until(async () => (await status()).entities.order.gate === 'asked');
    expect((await fetch(`${proxy.trafficUrl}/api/orders/10248`, { method: 'DELETE' })).status).toBe(200);
  }, 180_000);

  it('writes a confirmed difference to the log', async () => {
    await operator.append({
      type: 'banyan.control.v1.ReadModeSet',
      data: { subject: 'route:order.one', mode: 'shadow' },
    });
    await until(async () => (await status()).reads['order.one'] === 'shadow');
    const answer = await fetch(`${proxy.trafficUrl}/api/orders/10248`);
    expect(await answer.json()).toEqual({ OrderID: 10248, seen: 'GET' });
    const topic = topicName(prefix, MISMATCHES_TOPIC);
    // A comparison that V2 is too slow for is dropped: it is asked again until one was made.
    await until(async () => {
      await (await fetch(`${proxy.trafficUrl}/api/orders/10248`)).text();
      return (await log.ends(topic)).some(({ high }) => high > 0n);
    });
    const at = (await log.ends(topic)).find(({ high }) => high > 0n);
    const codec = createCodec({ registryUrl, types: [MismatchFound] });
    for await (const record of log.read(topic, at?.partition ?? 0, 0n, 1n)) {
      expect(await codec.decode(MismatchFound.name, record.value)).toMatchObject({
        entity: 'order',
        route: 'one',
        request: 'GET /api/orders/10248',
        answeredBy: 'legacy',
        legacyStatus: 200,
        newStatus: 404,
      });
    }
  }, 180_000);

  it('leaves in order', async () => {
    await proxy.close();
    await operator.until((state) => state.parties['proxy-0'] === undefined, 30_000);
  });
});

interface Status {
  readonly entities: { readonly order: { readonly gate: string } };
  readonly reads: Readonly<Record<string, string>>;
  readonly openWrites: { readonly order: number };
}

async function status(): Promise<Status> {
  return (await (await fetch(`${proxy.url}/internal/status`)).json()) as Status;
}

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let at = 0; at < 1_800; at += 1) {
    if (await holds()) return;
    await delay(50);
  }
  throw new Error('it did not come to that');
}
