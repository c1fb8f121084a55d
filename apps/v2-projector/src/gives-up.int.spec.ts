import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { topicName, topicSpecs } from '@banyan/contracts';
import { CustomerImported } from '@banyan/contracts/events/northwind.customer.v1';
import { OrderPlaced } from '@banyan/contracts/events/northwind.order.v1';
import { newId } from '@banyan/core';
import { entities } from '@banyan/migration';
import { query } from '@banyan/postgres';
import { createDatabase, dropDatabase, fatalOf, randomPrefix, untilItEnds } from '@banyan/stack/testing';
import { topicOf } from '@banyan/transformer';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readConfig } from './config.js';
import { startProjector } from './start-projector.js';
import { anEnvironment, type Environment } from './testing/environment.js';
import { aCustomer, anOrder, recordOf } from './testing/northwind.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const INFO = { LOG_LEVEL: 'info', TRANSFORMERS: 'customer,order' };

let env: Environment;

beforeAll(async () => {
  env = await anEnvironment();
}, 180_000);
afterAll(() => env?.close());

async function place(): Promise<void> {
  const topic = topicName(env.prefix, 'northwind.order.v1');
  await env.appender.append(recordOf(env.codec, topic, { key: newId(), type: OrderPlaced.name, on: 0, data: anOrder }));
}

async function importCustomer(): Promise<string> {
  const key = newId();
  const topic = topicName(env.prefix, 'northwind.customer.v1');
  const given = { key, type: CustomerImported.name, on: 0, data: aCustomer, origin: 'backfill' } as const;
  await env.appender.append(recordOf(env.codec, topic, given));
  return key;
}

const stored = async (key: string) => (await query(env.pool, 'select 1 from v2.state where key = $1', [key])).length;

async function until(what: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 60_000; !(await what().catch(() => false)); await delay(50))
    if (Date.now() > deadline) throw new Error(`it never became so: ${what}`);
}

/** As if the log had lost what the store has: behind the next slice the position is read anew, and is beyond the end. */
async function loseHistory(): Promise<void> {
  await query(env.pool, "update v2.sink_offset set next_offset = next_offset + 1000 where consumer = 'order'");
  for (let times = 0; times < 24; times += 1) await place();
}

describe('a projector with a consumer that cannot go on', () => {
  it('lets the others finish and leave, and ends with a code, one fatal line, its last, that says what to do', async () => {
    const ready = async (url: string) => (await fetch(new URL('/health/ready', url))).status === 200;
    let customer = '';
    const ended = await untilItEnds(MAIN, {
      env: { ...env.variables, ...INFO },
      listening: async (url) => {
        await until(() => ready(url));
        customer = await importCustomer();
        await until(async () => (await stored(customer)) === 1);
        await loseHistory();
      },
    });
    expect(ended.code).toBe(1);
    expect(fatalOf(ended)).toEqual([ended.lines.at(-1)]);
    expect(fatalOf(ended)[0]).toMatchObject({
      part: `consumer ${env.prefix}v2-projector.order`,
      code: 'LOG_OFFSET_GAP',
      msg: expect.stringMatching(
        /cannot go on: Partition \d+ of \S+ does not continue .* Restore the topic, or rebuild/,
      ),
    });
    const stopped = ended.lines.map(({ msg }) => msg).filter((msg) => msg.endsWith(' is stopped'));
    expect(stopped.toSorted()).toEqual(
      ['customer', 'receipts'].map((name) => `consumer ${env.prefix}v2-projector.${name} is stopped`),
    );
  });

  it('fails liveness at once with the reason, while the others go on until it is ended', async () => {
    // The gap is still there: a new start does not mend it, and says so again.
    const app = await startProjector(readConfig({ ...env.variables, ...INFO, LOG_LEVEL: 'error' }));
    try {
      await app.gaveUp?.told;
      const live = await fetch(new URL('/health/live', app.url));
      expect(live.status).toBe(503);
      expect(await live.text()).toContain('v2-projector.order cannot go on: Partition');
      const customer = await importCustomer();
      await until(async () => (await stored(customer)) === 1);
    } finally {
      await app.close();
    }
  });

  it('does so where a topic has another number of partitions than keys were folded by', async () => {
    const prefix = randomPrefix();
    const database = await createDatabase(env.stack.databaseUrl, `${prefix}v2`);
    const topics = topicSpecs(prefix, entities.map(topicOf));
    const order = topicName(prefix, 'northwind.order.v1');
    await env.log.createTopics(topics.map((topic) => (topic.name === order ? { ...topic, partitions: 5 } : topic)));
    const own = { TOPIC_PREFIX: prefix, V2_DATABASE_URL: database };
    const ended = await untilItEnds(MAIN, { env: { ...env.variables, ...INFO, ...own } });
    expect([ended.code, fatalOf(ended).length]).toEqual([1, 1]);
    expect(ended.lines.at(-1)).toMatchObject({
      code: 'LOG_PARTITION_COUNT',
      msg: expect.stringContaining('Declare 5'),
    });
    await dropDatabase(env.stack.databaseUrl, `${prefix}v2`);
  });

  it('does so where another build has migrated its store', async () => {
    const [{ checksum } = { checksum: '' }] = await query<{ checksum: string }>(
      env.pool,
      "select checksum from v2.migration where name = 'sink/1-tables'",
    );
    const set = (to: string) =>
      query(env.pool, "update v2.migration set checksum = $1 where name = 'sink/1-tables'", [to]);
    await set('another');
    try {
      const ended = await untilItEnds(MAIN, { env: { ...env.variables, ...INFO } });
      expect([ended.code, fatalOf(ended).length]).toEqual([1, 1]);
      expect(ended.lines.at(-1)).toMatchObject({ part: 'schema v2', code: 'POSTGRES_MIGRATION_CHANGED' });
    } finally {
      await set(checksum);
    }
  });
});

describe('a projector at whose port something else listens', () => {
  it('ends all that it has begun, and says that', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    try {
      const started = startProjector(readConfig({ ...env.variables, LOG_LEVEL: 'silent', PORT: String(port) }));
      await expect(started).rejects.toMatchObject({
        code: 'SERVICE_PORT_TAKEN',
        message: expect.stringContaining(`:${port}`),
      });
    } finally {
      other.close();
    }
  });
});
