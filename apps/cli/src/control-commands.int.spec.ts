import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { registerSchemas, topicSpecs } from '@banyan/contracts';
import { createKafkaEventLog } from '@banyan/kafka';
import { entities } from '@banyan/migration';
import { createPool, migrate, prepareOffsets, sinkMigrations } from '@banyan/postgres';
import { createDatabase, dropDatabase, randomPrefix, testStack } from '@banyan/stack/testing';
import { topicOf } from '@banyan/transformer';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const BANYAN = fileURLToPath(new URL('../bin/banyan.mjs', import.meta.url));
const NOWHERE = 'http://127.0.0.1:9';
const prefix = randomPrefix();
let environment: Record<string, string>;
let adminUrl: string;

interface Said {
  readonly code: number;
  readonly out: string;
  readonly talk: string;
}

/** The command as an operator runs it, with the projector and the porter away. */
function banyan(args: string, more: Record<string, string> = {}): Promise<Said> {
  return new Promise((resolve) => {
    const env = { ...environment, ...more };
    execFile(process.execPath, [BANYAN, ...args.split(' ')], { env }, (error, out, talk) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, out, talk }),
    );
  });
}

beforeAll(async () => {
  const stack = await testStack();
  adminUrl = stack.databaseUrl;
  const databaseUrl = await createDatabase(adminUrl, `${prefix}cli`);
  await registerSchemas({ registryUrl: stack.schemaRegistryUrl });
  const log = createKafkaEventLog({ brokers: stack.kafkaBrokers.split(','), clientId: 'cli-spec' });
  await log.createTopics(topicSpecs(prefix, entities.map(topicOf)));
  await log.close();
  const pool = createPool({ url: databaseUrl, applicationName: 'cli-spec' });
  await migrate(pool, 'v2', sinkMigrations('v2'));
  for (const { name } of entities) await prepareOffsets(pool, 'v2', name, 12);
  await pool.end();
  environment = {
    PATH: '',
    NODE_NO_WARNINGS: '1',
    KAFKA_BROKERS: stack.kafkaBrokers,
    SCHEMA_REGISTRY_URL: stack.schemaRegistryUrl,
    TOPIC_PREFIX: prefix,
    V2_DATABASE_URL: databaseUrl,
    BANYAN_DATABASE_URL: databaseUrl,
    LEGACY_URL: NOWHERE,
    PORTER_URL: NOWHERE,
    PROJECTOR_URL: NOWHERE,
    NEW_API_URL: NOWHERE,
    PROXY_ADMIN_URL: NOWHERE,
    OPERATOR: 'ann',
  };
}, 180_000);

afterAll(async () => {
  if (adminUrl !== undefined) await dropDatabase(adminUrl, `${prefix}cli`);
});

describe('the commands over the control log', () => {
  it('set a route for everybody, and keep who did it and why', async () => {
    expect(await banyan('routes set order.one shadow --reason look --json')).toMatchObject({ code: 0 });
    const { out } = await banyan('routes history order.one --json', { OPERATOR: 'bob' });
    expect(JSON.parse(out)).toMatchObject([{ type: 'ReadModeSet', by: 'ann', reason: 'look', accepted: true }]);
    const { out: list } = await banyan('routes list --json');
    expect(JSON.parse(list)).toContainEqual(expect.objectContaining({ route: 'order.one', mode: 'shadow', by: 'ann' }));
  });

  it.each([
    ['routes set order.one new', 4, 'OPERATIONS_REFUSED', 'banyan entities authority order --to new'],
    ['routes set order.one sideways', 2, 'OPERATIONS_UNKNOWN_MODE', 'legacy, shadow, new, gone'],
    ['routes set order.nothing shadow', 2, 'OPERATIONS_UNKNOWN_ROUTE', 'order.one'],
    ['routes set order.create gone', 2, 'OPERATIONS_UNKNOWN_ROUTE', 'writes move by entity'],
    ['ports off order.backend', 4, 'OPERATIONS_REFUSED', 'legacy still answers order.'],
    ['ports off order.nothing', 2, 'OPERATIONS_UNKNOWN_PORT', 'order.backend'],
    ['consumers pause order', 2, 'OPERATIONS_UNKNOWN_CONSUMER', 'legacy-porter.order.backend'],
    ['consumers resume v2-projector.order', 4, 'OPERATIONS_REFUSED', 'v2-projector.order is not paused'],
    ['consumers concurrency v2-projector.order 5', 4, 'OPERATIONS_REFUSED', 'only a port has a concurrency'],
    ['rebuild start Next', 4, 'OPERATIONS_REFUSED', 'a database is lower case letters'],
    ['rebuild end next', 4, 'OPERATIONS_REFUSED', 'V2 is being rebuilt in no database'],
    ['proxies forget nobody', 4, 'OPERATIONS_REFUSED', 'no party is called nobody'],
    ['entities open nothing', 2, 'OPERATIONS_UNKNOWN_ENTITY', 'order'],
    ['mismatches show 0-7', 2, 'OPERATIONS_MISMATCH_UNKNOWN', 'banyan mismatches list'],
    ['entities authority order --to gone', 4, 'OPERATIONS_REFUSED', 'only from new they go to gone'],
  ])('refuse with clear words: %s', async (args, code, errorCode, words) => {
    const said = await banyan(`${args} --json`);
    expect(said).toMatchObject({ code, talk: expect.stringContaining(words) });
    expect(JSON.parse(said.out).error.code).toBe(errorCode);
  });

  it('ask which way, and for the name of the environment', async () => {
    expect(await banyan('entities authority order')).toMatchObject({
      code: 2,
      talk: expect.stringContaining('--to new'),
    });
    expect(await banyan('entities authority order --to sideways')).toMatchObject({ code: 2 });
    const said = await banyan('entities open order', { ENVIRONMENT: 'production' });
    expect(said).toMatchObject({ code: 4, talk: expect.stringContaining('--confirm production') });
  });

  it('hold a consumer, tell the second who was first and why, and show it where nobody answers', async () => {
    const name = 'legacy-porter.order.backend';
    const settings = async () => JSON.parse((await banyan('consumers list --json')).out) as { consumer: string }[];
    const before = await settings();
    expect(before.map(({ consumer }) => consumer)).toEqual(
      expect.arrayContaining([name, 'v2-projector.order', 'v2-projector.receipts']),
    );
    const tried = await banyan(`consumers pause ${name} --dry-run --json`, { ENVIRONMENT: 'production' });
    expect({ code: tried.code, ...JSON.parse(tried.out) }).toMatchObject({
      code: 0,
      changed: false,
      paused: { by: 'ann' },
    });
    expect(await settings()).toEqual(before);
    expect(await banyan(`consumers pause ${name}`, { ENVIRONMENT: 'production' })).toMatchObject({ code: 4 });

    const paused = await banyan(`consumers pause ${name} --reason backup --json`);
    const held = { by: 'ann', at: expect.stringMatching(/Z$/), reason: 'backup' };
    expect({ code: paused.code, ...JSON.parse(paused.out) }).toEqual({
      code: 0,
      consumer: name,
      paused: held,
      sends: null,
      changed: true,
    });
    const second = await banyan(`consumers pause ${name}`, { OPERATOR: 'bob' });
    expect(second).toMatchObject({ code: 4, talk: expect.stringContaining(`${name} is paused already, by ann at `) });
    expect(await banyan(`consumers pause ${name} --dry-run`)).toMatchObject({ code: 4 });
    const { out: status } = await banyan('status --json');
    expect(JSON.parse(status).paused).toEqual([{ consumer: name, ...held }]);
    expect((await banyan('status')).out).toMatch(new RegExp(`${name} +ann +\\S+Z +backup`));
    expect(await banyan('entities authority order --to new --dry-run')).toMatchObject({
      code: 4,
      out: expect.stringContaining(`${name} is paused`),
    });

    expect(await banyan(`consumers concurrency ${name} 40`)).toMatchObject({
      code: 0,
      out: `${name} is at 40 sends in flight at most, in each process\n`,
    });
    expect(await settings()).toContainEqual({ consumer: name, paused: held, sends: 40 });
    expect(await banyan(`consumers concurrency ${name} default`)).toMatchObject({ code: 0 });
    expect(await banyan(`consumers concurrency ${name} 1001`)).toMatchObject({ code: 2 });
    expect(await banyan(`consumers resume ${name}`, { OPERATOR: 'bob' })).toMatchObject({ code: 0 });
    expect(await settings()).toContainEqual({ consumer: name, paused: null, sends: null });
    const { out: history } = await banyan(`routes history ${name} --json`);
    expect(
      JSON.parse(history).map(({ type, by, accepted }: Record<string, unknown>) => `${type} ${by} ${accepted}`),
    ).toEqual([
      'ConsumerPaused ann true',
      'ConsumerPaused bob false',
      'ConcurrencySet ann true',
      'ConcurrencySet ann true',
      'ConsumerResumed bob true',
    ]);
  });

  it('ask for states to be made anew, one request at a time, and call it off', async () => {
    const asked = await banyan('reproject order --older --dry-run --json', { ENVIRONMENT: 'production' });
    const plan = { consumer: 'v2-projector.order', key: null, unlike: false, olderThan: 1, unlikeKeys: null };
    expect({ code: asked.code, ...JSON.parse(asked.out) }).toEqual({
      code: 0,
      ...plan,
      paused: false,
      requested: false,
    });
    expect(await banyan('reproject order', { ENVIRONMENT: 'production' })).toMatchObject({ code: 4 });
    expect(await banyan('reproject order --cancel')).toMatchObject({
      code: 4,
      talk: expect.stringContaining('nothing under way'),
    });
    const done = await banyan('reproject order --older --reason mapping --json');
    expect({ code: done.code, ...JSON.parse(done.out) }).toMatchObject({
      code: 0,
      ...plan,
      requested: true,
      request: 1,
    });
    expect(await banyan('reproject order --unlike', { OPERATOR: 'bob' })).toMatchObject({
      code: 4,
      talk: expect.stringContaining('one of v2-projector.order is under way, asked for by ann at '),
    });
    const port = await banyan('re-port order.backend --unlike --key 95462b67-86f7-5871-889d-f59ca90f9c53');
    expect(port).toMatchObject({ code: 0, out: expect.stringContaining('legacy-porter.order.backend: key 95462b67') });
    expect(await banyan('re-port order.nothing')).toMatchObject({
      code: 2,
      talk: expect.stringContaining('order.backend'),
    });
    expect(await banyan('reproject nothing')).toMatchObject({ code: 2 });
    expect(await banyan('reproject order --cancel', { OPERATOR: 'bob' })).toMatchObject({ code: 0 });
    const { out: history } = await banyan('routes history v2-projector.order --json');
    // The consumer's history has what else was asked of it, too.
    const resyncs = (JSON.parse(history) as { type: string }[]).filter(({ type }) => type.startsWith('Resync'));
    expect(resyncs).toMatchObject([
      { type: 'ResyncRequested', by: 'ann', reason: 'mapping', accepted: true },
      { type: 'ResyncRequested', by: 'bob', accepted: false },
      { type: 'ResyncEnded', by: 'bob', accepted: true },
    ]);
  });

  it('let V2 be made anew in a database that is ready for it, one at a time, and end it', async () => {
    const next = `${prefix}next`;
    const start = `rebuild start ${next} --reason fold`;
    expect(await banyan(start)).toMatchObject({
      code: 4,
      talk: expect.stringMatching(new RegExp(`${next} is not there: createdb ${next}, then .banyan provision`)),
    });
    const url = await createDatabase(adminUrl, next);
    try {
      expect(await banyan(start)).toMatchObject({ code: 4, talk: expect.stringContaining('has no schema v2') });
      const pool = createPool({ url, applicationName: 'cli-spec' });
      await pool.query('create schema v2');
      await pool.end();
      expect(await banyan(`${start} --dry-run`, { ENVIRONMENT: 'production' })).toMatchObject({
        code: 0,
        out: `V2 would be made anew in ${next}, from the beginning of the log\n`,
      });
      expect(await banyan(start, { ENVIRONMENT: 'production' })).toMatchObject({ code: 4 });
      expect(await banyan(`rebuild start ${prefix}cli`)).toMatchObject({
        code: 4,
        talk: expect.stringContaining("the running V2's own database"),
      });
      expect(JSON.parse((await banyan('rebuild list --json')).out)).toEqual([]);

      const started = await banyan(`${start} --json`);
      expect({ code: started.code, ...JSON.parse(started.out) }).toEqual({
        ...{ code: 0, started: true },
        ...{ database: next, keys: 0 },
      });
      const asked = { database: next, by: 'ann', at: expect.stringMatching(/Z$/), reason: 'fold' };
      expect(JSON.parse((await banyan('status --json')).out).rebuild).toEqual(asked);
      expect((await banyan('status')).out).toMatch(
        new RegExp(`${next} .*no projector that was asked is at it +ann +\\S+Z +fold`),
      );
      expect(await banyan('rebuild start another', { OPERATOR: 'bob' })).toMatchObject({
        code: 4,
        talk: expect.stringContaining(`V2 is being rebuilt in ${next} already, asked for by ann at `),
      });
      expect(await banyan('rebuild end another')).toMatchObject({ code: 4, talk: expect.stringContaining(next) });
      expect(await banyan(`rebuild end ${next} --dry-run`)).toMatchObject({ code: 0 });
      expect(await banyan(`rebuild end ${next} --reason done`, { OPERATOR: 'bob' })).toMatchObject({ code: 0 });
      expect(JSON.parse((await banyan('rebuild list --json')).out)).toEqual([
        { ...asked, ended: { by: 'bob', at: expect.stringMatching(/Z$/), reason: 'done' } },
      ]);
      expect(JSON.parse((await banyan('status --json')).out).rebuild).toBeNull();
      const { out: history } = await banyan(`routes history ${next} --json`);
      expect(JSON.parse(history)).toMatchObject([
        { type: 'RebuildStarted', by: 'ann', reason: 'fold' },
        { type: 'RebuildEnded', by: 'bob', reason: 'done' },
      ]);
    } finally {
      await dropDatabase(adminUrl, next);
    }
  });

  it('describe a move without making it', async () => {
    const { code, out } = await banyan('entities authority order --to new --dry-run --json');
    expect({ code, ...JSON.parse(out) }).toMatchObject({
      code: 0,
      possible: true,
      writes: 'legacy',
      next: 'write EntityOpened',
    });
    expect(JSON.parse((await banyan('entities list --json')).out)).toContainEqual(
      expect.objectContaining({ entity: 'order', opened: false, lastEpoch: 0 }),
    );
  });

  it('say that there is nothing to abort where no move is open', async () => {
    const { code, out } = await banyan('entities authority order --abort');
    expect({ code, out }).toEqual({
      code: 0,
      out: 'order: no move is open, so there is nothing to abort; writes are legacy in epoch 0\n',
    });
  });

  it('leave a move open where the apps are away, name what it waits for, and tell how to go on', async () => {
    const said = await banyan('entities authority order --to new --patience 1');
    expect(said.code).toBe(5);
    expect(said.talk).toContain('v2-projector order (at epoch 0)');
    expect(said.talk).toContain('go on with: banyan entities authority order --to new');
    const { out } = await banyan('entities list --json');
    expect(JSON.parse(out)).toContainEqual(
      expect.objectContaining({
        entity: 'order',
        opened: true,
        move: expect.objectContaining({ step: 'fenced', by: 'ann' }),
      }),
    );
    const other = await banyan('entities authority order --abort', { OPERATOR: 'bob' });
    expect(other).toMatchObject({
      code: 4,
      talk: expect.stringContaining('its fence is decided; finish it with --to new'),
    });
  });

  it('say what is left before legacy can go, and that nothing was found to differ', async () => {
    const { code, out } = await banyan('readiness --json');
    expect(code).toBe(3);
    const left = JSON.parse(out).items.filter(
      ({ ok, entity }: { ok: boolean; entity: string }) => !ok && entity === 'order',
    );
    expect(left.map(({ what }: { what: string }) => what)).toEqual(['writes', 'reads', 'ports', 'settled', 'verified']);
    expect(await banyan('mismatches list')).toMatchObject({ code: 0, out: 'no mismatch was found\n' });
  });

  it('say that Kafka is away instead of waiting for ever', async () => {
    const said = await banyan('routes list', { KAFKA_BROKERS: '127.0.0.1:9' });
    expect(said).toMatchObject({ code: 1, talk: expect.stringContaining('CONTROL_UNAVAILABLE') });
  });
});
