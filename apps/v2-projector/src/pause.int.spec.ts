import { setTimeout as delay } from 'node:timers/promises';
import { topicName } from '@banyan/contracts';
import { CustomerImported } from '@banyan/contracts/events/northwind.customer.v1';
import { OrderPlaced } from '@banyan/contracts/events/northwind.order.v1';
import { consumerSubject } from '@banyan/control';
import { newId } from '@banyan/core';
import { query } from '@banyan/postgres';
import { lagOf } from '@banyan/sink';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { readConfig } from './config.js';
import type { ConsumerReport } from './projector-consumer.js';
import { type RunningProjector, startProjector } from './start-projector.js';
import { anEnvironment, type Environment } from './testing/environment.js';
import { aCustomer, anOrder, recordOf } from './testing/northwind.js';

const WHY = { by: 'ann', reason: 'a backup of V2' };

let env: Environment;
let app: RunningProjector;

beforeAll(async () => {
  env = await anEnvironment();
  await env.control.follow();
}, 180_000);

beforeEach(() => start());

afterEach(() => app.close());

afterAll(() => env.close());

async function start(): Promise<void> {
  app = await startProjector(readConfig({ ...env.variables, TRANSFORMERS: 'customer,order' }));
  await app.projector.begun();
}

function say(what: 'ConsumerPaused' | 'ConsumerResumed', consumer: string) {
  return env.control.append({ type: `banyan.control.v1.${what}`, data: { subject: consumerSubject(consumer) } }, WHY);
}

async function placeOrders(count: number): Promise<void> {
  const topic = topicName(env.prefix, 'northwind.order.v1');
  const records = Array.from({ length: count }, () =>
    recordOf(env.codec, topic, { key: newId(), type: OrderPlaced.name, on: 0, data: anOrder }),
  );
  await Promise.all(records.map((record) => env.appender.append(record)));
}

async function orders(): Promise<number> {
  const [row] = await query<{ count: number }>(env.pool, `select count(*) from v2.state where consumer = 'order'`);
  return row?.count ?? 0;
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (const end = Date.now() + 30_000; !isSo(); ) {
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await delay(20);
  }
}

const lag = (consumer: string) => lagOf(app.projector.running(consumer)).lagRecords;
const state = (consumer: string) => app.projector.running(consumer)?.state();
const caughtUp = async (consumer: string) => app.projector.running(consumer)?.caughtUp({ timeoutMs: 30_000 });

async function reported(consumer: string): Promise<ConsumerReport | undefined> {
  const answer = await fetch(new URL('/internal/status', app.url));
  return ((await answer.json()) as { consumers: ConsumerReport[] }).consumers.find((one) => one.consumer === consumer);
}

/** The sum of a metric of orders, over partitions. */
async function measured(name: string, label = ''): Promise<number> {
  const lines = (await (await fetch(new URL('/metrics', app.url))).text()).split('\n');
  const its = lines.filter((line) => line.startsWith(`${name}{consumer="order"`) && line.includes(label));
  return its.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}

describe('a projector whose consumer is paused in the control log', () => {
  it('stands while its lag grows, the others go on; it stays so over a restart, and drains when it is resumed', async () => {
    await placeOrders(10);
    await caughtUp('order');
    expect(await orders()).toBe(10);

    expect(await say('ConsumerPaused', 'v2-projector.order')).toMatchObject({ accepted: true });
    await until(() => state('order') === 'paused', 'the pause');
    await placeOrders(25);
    await until(() => lag('order') === 25, 'the lag to grow');
    const topic = topicName(env.prefix, 'northwind.customer.v1');
    const customer = { key: newId(), type: CustomerImported.name, on: 0, origin: 'backfill', data: aCustomer } as const;
    await env.appender.append(recordOf(env.codec, topic, customer));
    await caughtUp('customer');
    expect(await orders()).toBe(10);
    expect(await reported('order')).toMatchObject({
      state: 'paused',
      paused: { ...WHY, at: expect.stringMatching(/Z$/) },
      lagRecords: 25,
      lastError: null,
    });
    expect(await reported('customer')).toMatchObject({ state: 'running', paused: null, lagRecords: 0 });
    for (const kind of ['live', 'ready']) expect((await fetch(new URL(`/health/${kind}`, app.url))).status).toBe(200);

    await app.close();
    await start();
    await until(() => state('order') === 'paused' && lag('order') === 25, 'the pause behind the restart');
    await caughtUp('customer');
    expect(await orders()).toBe(10);

    await say('ConsumerResumed', 'v2-projector.order');
    await caughtUp('order');
    expect(await orders()).toBe(35);
    expect(await reported('order')).toMatchObject({
      ...{ state: 'running', paused: null, lagRecords: 0 },
      books: { balanced: true, problems: [], total: { records: 35, effective: 35, applied: 35, parked: 0 } },
    });
    expect((await reported('order'))?.books.partitions).toHaveLength(12);
    // Looked at every few seconds.
    while ((await measured('banyan_projector_records', 'outcome="effective"')) !== 35) await delay(100);
    expect(await measured('banyan_projector_effects', 'state="applied"')).toBe(35);
    expect(await measured('banyan_projector_unaccounted_records')).toBe(0);
    expect(await measured('banyan_projector_paused')).toBe(0);
  });

  it('handles nothing of what came while it was down, when the pause was said then', async () => {
    await caughtUp('order');
    const before = await orders();
    await app.close();
    await say('ConsumerPaused', 'v2-projector.order');
    await placeOrders(5);
    await start();
    await until(() => state('order') === 'paused' && lag('order') === 5, 'the pause');
    await caughtUp('receipts');
    expect(await orders()).toBe(before);
    await say('ConsumerResumed', 'v2-projector.order');
    await caughtUp('order');
    expect(await orders()).toBe(before + 5);
  });
});
