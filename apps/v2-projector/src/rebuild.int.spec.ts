import { setTimeout as delay } from 'node:timers/promises';
import { topicName } from '@banyan/contracts';
import { OrderPlaced } from '@banyan/contracts/events/northwind.order.v1';
import { consumerSubject, rebuildSubject } from '@banyan/control';
import { newId } from '@banyan/core';
import { createPool, inDatabase, type Pool, query } from '@banyan/postgres';
import { createDatabase, dropDatabase } from '@banyan/stack/testing';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig } from './config.js';
import type { RebuildReport } from './rebuilds.js';
import { type RunningProjector, startProjector } from './start-projector.js';
import { anEnvironment, type Environment } from './testing/environment.js';
import { anOrder, recordOf } from './testing/northwind.js';

const WHY = { by: 'ann', reason: 'the fold of orders was mended' };

let env: Environment;
let app: RunningProjector;
let next: string;
let nextPool: Pool;

beforeAll(async () => {
  env = await anEnvironment();
  await env.control.follow();
  next = `${env.prefix}v2_next`;
  nextPool = createPool({ url: inDatabase(env.databaseUrl, next), applicationName: 'rebuild-spec' });
  await placeOrders(30);
}, 180_000);

afterEach(() => app.close());

afterAll(async () => {
  await nextPool.end();
  await env.close();
  await dropDatabase(env.stack.databaseUrl, next);
});

async function start(variables: Readonly<Record<string, string>> = {}): Promise<void> {
  app = await startProjector(readConfig({ ...env.variables, TRANSFORMERS: 'customer,order', ...variables }));
  await app.projector.begun();
}

function say(what: 'RebuildStarted' | 'RebuildEnded') {
  return env.control.append({ type: `banyan.control.v1.${what}`, data: { subject: rebuildSubject(next) } }, WHY);
}

async function placeOrders(count: number): Promise<void> {
  const topic = topicName(env.prefix, 'northwind.order.v1');
  const records = Array.from({ length: count }, () =>
    recordOf(env.codec, topic, { key: newId(), type: OrderPlaced.name, on: 0, data: anOrder }),
  );
  await Promise.all(records.map((record) => env.appender.append(record)));
}

async function reported(): Promise<RebuildReport | null> {
  const answer = await fetch(new URL('/internal/status', app.url));
  return ((await answer.json()) as { rebuild: RebuildReport | null }).rebuild;
}

/** Asks until the report is so. */
async function until(isSo: (report: RebuildReport | null) => boolean): Promise<RebuildReport | null> {
  for (const end = Date.now() + 30_000; ; ) {
    const report = await reported();
    if (isSo(report)) return report;
    if (Date.now() > end) throw new Error(`waited in vain; the last report was ${JSON.stringify(report)}`);
    await delay(20);
  }
}

const caughtUp = () => until((report) => report?.caughtUp === true);
const running = () => app.projector.running('order')?.caughtUp({ timeoutMs: 30_000 });

/** What is measured of a V2 that is being made anew. */
async function lags(): Promise<readonly string[]> {
  const metrics = await (await fetch(new URL('/metrics', app.url))).text();
  return metrics.split('\n').filter((line) => line.startsWith('banyan_projector_rebuild_lag_records{'));
}

async function statesIn(pool: Pool): Promise<readonly unknown[]> {
  return query(pool, `select key, version::int, document from v2.state where consumer = 'order' order by key`);
}

async function health(): Promise<readonly number[]> {
  const asked = ['live', 'ready'].map((kind) => fetch(new URL(`/health/${kind}`, app.url)));
  return (await Promise.all(asked)).map(({ status }) => status);
}

describe('a projector that is asked by the control log to make V2 anew', () => {
  it('waits for its database while the running V2 goes on, then builds the same from the whole log', async () => {
    await start();
    expect(await reported()).toBeNull();
    expect(await say('RebuildStarted')).toMatchObject({ accepted: true });
    const waiting = await until((report) => report?.waitsFor?.includes('does not exist') === true);
    expect(waiting).toMatchObject({ database: next, ...WHY, caughtUp: false, consumers: [] });
    expect(waiting?.at).toMatch(/Z$/);
    await running();
    expect(await statesIn(env.pool)).toHaveLength(30);
    expect(await health()).toEqual([200, 200]);

    await createDatabase(env.stack.databaseUrl, next);
    const built = await caughtUp();
    expect(built?.consumers.map(({ consumer, group }) => [consumer, group])).toEqual(
      ['customer', 'order', 'receipts'].map((name) => [name, `${env.prefix}v2-projector.${name}.${next}`]),
    );
    expect(await statesIn(nextPool)).toEqual(await statesIn(env.pool));
    expect(await lags()).toContain(`banyan_projector_rebuild_lag_records{database="${next}",consumer="order"} 0`);
  });

  it('goes on with it behind a restart, and pauses it alone', async () => {
    await start();
    await caughtUp();
    const subject = consumerSubject(`v2-projector.order.${next}`);
    await env.control.append({ type: 'banyan.control.v1.ConsumerPaused', data: { subject } }, WHY);
    await until((report) => report?.consumers.find(({ consumer }) => consumer === 'order')?.state === 'paused');
    await placeOrders(5);
    await running();
    expect(await statesIn(env.pool)).toHaveLength(35);
    expect(await statesIn(nextPool)).toHaveLength(30);
    await env.control.append({ type: 'banyan.control.v1.ConsumerResumed', data: { subject } }, WHY);
    await caughtUp();
    expect(await statesIn(nextPool)).toHaveLength(35);
  });

  it('is the running one where it was given that database: it builds nothing beside itself', async () => {
    await start({ V2_DATABASE_URL: inDatabase(env.databaseUrl, next), GROUP_SUFFIX: `.${next}` });
    await placeOrders(5);
    await running();
    expect(await statesIn(nextPool)).toHaveLength(40);
    expect(await statesIn(env.pool)).toHaveLength(35);
    expect(await reported()).toBeNull();
  });

  it('leaves it when it is ended: what is there stays, and nothing is added', async () => {
    await start();
    await caughtUp();
    await running();
    const before = await statesIn(nextPool);
    expect(await say('RebuildEnded')).toMatchObject({ accepted: true });
    await until((report) => report === null);
    expect(await lags()).toEqual([]);
    // What it was at ends with the process.
    await app.close();
    await start();
    await placeOrders(5);
    await running();
    expect(await statesIn(env.pool)).toHaveLength(before.length + 5);
    expect(await reported()).toBeNull();
    expect(await statesIn(nextPool)).toEqual(before);
  });
});
