import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { Stack } from './stack.js';
import { startStack } from './start-stack.js';
import { createDatabase, dropDatabase } from './testing/databases.js';
import { createTopic, leadersOf } from './testing/kafka-topics.js';
import { randomPrefix } from './testing/random-prefix.js';
import { waitUntil } from './wait-until.js';

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

describe('a stack of its own', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ ephemeral: true, own: true });
  }, 300_000);

  afterAll(() => stack?.stop());

  it('creates no topic by itself', async () => {
    const topic = `${randomPrefix()}unknown`;
    expect(await leadersOf(stack.kafkaBrokers, topic)).toBe(0);
    expect(await leadersOf(stack.kafkaBrokers, topic)).toBe(0);
  });

  it('keeps topics and its address through kill -9 and a restart of Kafka', async () => {
    const topic = `${randomPrefix()}kept`;
    await createTopic(stack.kafkaBrokers, topic, 12);
    await stack.services.kafka.kill();
    expect(stack.services.kafka.running).toBe(false);
    await expect(leadersOf(stack.kafkaBrokers, topic)).rejects.toThrow('ECONNREFUSED');
    await stack.services.kafka.start();
    const led = async (): Promise<boolean> => (await leadersOf(stack.kafkaBrokers, topic)) === 12;
    expect(await waitUntil(led, { timeoutMs: 60_000 })).toBe(true);
  });

  it('keeps schemas and their ids through kill -9 and a restart of the registry', async () => {
    const subject = `${stack.schemaRegistryUrl}/subjects/${randomPrefix()}Kept/versions`;
    const registered = await fetch(subject, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ schema: '{"type":"record","name":"Kept","fields":[]}' }),
    });
    const { id } = (await registered.json()) as { id: number };
    await stack.services.registry.kill();
    await expect(fetch(subject)).rejects.toThrow();
    await stack.services.registry.start();
    const found = await fetch(`${subject}/1`);
    expect(await found.json()).toMatchObject({ id });
  });

  it('keeps committed rows through kill -9 and a restart of PostgreSQL', async () => {
    const name = randomPrefix();
    const url = await createDatabase(stack.databaseUrl, name);
    await query(url, 'create table kept as select 1 as n');
    // Each has a process of the server, which outlives a killed postmaster for a moment.
    const clients = Array.from({ length: 60 }, () => new pg.Client({ connectionString: url }));
    for (const client of clients) client.on('error', () => undefined);
    await Promise.all(clients.map((client) => client.connect()));
    await stack.services.postgres.kill();
    await expect(query(url, 'select 1')).rejects.toThrow();
    await stack.services.postgres.start();
    expect(await query(url, 'select n from kept')).toEqual([{ n: 1 }]);
    await stack.services.postgres.stop();
    await stack.services.postgres.start();
    await dropDatabase(stack.databaseUrl, name);
    await expect(query(url, 'select 1')).rejects.toThrow('does not exist');
  });

  it('says in one line what was chosen and why, without the password', () => {
    expect(stack.describe).toMatch(/^stack: (local|docker), because .+; .*kafka .+/);
    expect(stack.describe).not.toContain(new URL(stack.databaseUrl).password);
  });
});

describe('a stack that keeps its data', () => {
  // Below a folder that only its owner may enter, as a checkout of root's may be: PostgreSQL runs as another account there.
  let folder: string;
  const options = (): Parameters<typeof startStack>[0] => ({
    dataDir: join(folder, 'data'),
    only: ['postgres'],
    own: true,
  });

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'banyan-dev-'));
  });

  afterAll(() => rmSync(folder, { recursive: true }));

  it('serves the same data at the same address after a restart', async () => {
    const first = await startStack(options());
    const url = first.databaseUrl;
    try {
      await query(url, 'create table kept as select 1 as n');
    } finally {
      await first.stop();
    }
    const second = await startStack(options());
    try {
      expect(second.databaseUrl).toBe(url);
      expect(await query(url, 'select n from kept')).toEqual([{ n: 1 }]);
      const [{ data_directory } = { data_directory: '' }] = (await query(url, 'show data_directory')) as {
        data_directory: string;
      }[];
      // Where it is not below `folder`, it is a temporary directory made for it.
      if (!data_directory.startsWith(folder)) rmOnExit.push(dirname(dirname(data_directory)));
    } finally {
      await second.stop();
    }
  });

  it('is not started twice at once', async () => {
    const first = await startStack(options());
    try {
      await expect(startStack(options())).rejects.toMatchObject({
        code: 'STACK_ALREADY_RUNNING',
        message: expect.stringContaining(`Process ${process.pid} `),
      });
      expect(await query(first.databaseUrl, 'select 1 as n')).toEqual([{ n: 1 }]);
    } finally {
      await first.stop();
    }
  });

  it('has no address for a part that was left out', async () => {
    const stack = await startStack(options());
    try {
      expect(() => stack.kafkaBrokers).toThrow('started without kafka');
    } finally {
      await stack.stop();
    }
  });

  const rmOnExit: string[] = [];
  afterAll(() => {
    for (const directory of rmOnExit) if (existsSync(directory)) rmSync(directory, { recursive: true });
  });
});
