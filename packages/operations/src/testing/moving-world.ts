import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { catalogue, createCodec, registerSchemas, topicName, topicSpecs } from '@banyan/contracts';
import { type Control, createControl } from '@banyan/control';
import { newId, systemClock } from '@banyan/core';
import { createKafkaEventLog, type EventLog } from '@banyan/kafka';
import { entities } from '@banyan/migration';
import { createPool, epochOf, migrate, type Pool, query, sinkMigrations } from '@banyan/postgres';
import { createPostgresSinkStore, createSink } from '@banyan/sink';
import { createDatabase, dropDatabase, randomPrefix, testStack } from '@banyan/stack/testing';
import { topicOf } from '@banyan/transformer';
import type { ControlSides } from '../control/sides.js';

export const order = entities.find(({ name }) => name === 'order') as (typeof entities)[number];

/** What the porter answers; a test changes it. */
export interface PorterWords {
  drained: boolean;
  open: readonly { consumer: string; key: string | null; what: string }[];
  work: number;
  parked: number;
  unlike: number;
  /** Records of each partition that no process of it has read, though the one that answers knows of none. */
  behind: number;
}

/** The real log and the real sink of the order entity; a porter that answers what the test says. */
export class MovingWorld {
  readonly porter: PorterWords = { drained: true, open: [], work: 0, parked: 0, unlike: 0, behind: 0 };
  private constructor(
    readonly prefix: string,
    readonly log: EventLog,
    readonly pool: Pool,
    private readonly server: Server,
    private readonly closers: (() => Promise<unknown>)[],
    private readonly registryUrl: string,
  ) {}

  static async open(): Promise<MovingWorld> {
    const prefix = randomPrefix();
    const stack = await testStack();
    const pool = createPool({
      url: await createDatabase(stack.databaseUrl, `${prefix}moves`),
      applicationName: 'operations-spec',
    });
    await registerSchemas({ registryUrl: stack.schemaRegistryUrl });
    const log = createKafkaEventLog({ brokers: stack.kafkaBrokers.split(','), clientId: 'operations-spec' });
    await log.createTopics(topicSpecs(prefix, entities.map(topicOf)));
    await migrate(pool, 'v2', sinkMigrations('v2'));
    const server = createServer();
    const world = new MovingWorld(prefix, log, pool, server, [], stack.schemaRegistryUrl);
    server.on('request', (request, response) => {
      response.setHeader('content-type', 'application/json');
      void world.answer(request.url ?? '').then((answer) => response.end(JSON.stringify(answer)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    await world.project();
    world.closers.push(
      () => log.close(),
      () => pool.end(),
      () => dropDatabase(stack.databaseUrl, `${prefix}moves`),
      async () => {
        server.close();
        server.closeAllConnections();
      },
    );
    return world;
  }

  /** As another process would: a control log of its own. */
  async control(instance: string): Promise<Control> {
    const codec = createCodec({ registryUrl: this.registryUrl, types: [...catalogue.values()] });
    const { log, prefix: topicPrefix } = this;
    const control = createControl({ log, codec, topicPrefix, instance, newId, clock: systemClock, pollMs: 50 });
    this.closers.unshift(() => control.close());
    await control.follow();
    return control;
  }

  /** A proxy that prepares when it is asked. */
  async proxy(name: string): Promise<Control> {
    const control = await this.control(name);
    await control.join({ app: 'legacy-api-proxy', url: null });
    control.onChange(() => control.prepared('order').catch(() => undefined));
    return control;
  }

  async sides(by: string): Promise<ControlSides> {
    return {
      control: await this.control(by),
      entities: [order],
      log: this.log,
      topicPrefix: this.prefix,
      v2: this.pool,
      banyan: this.pool,
      apps: [{ app: 'legacy-porter', url: this.porterUrl }],
      porterUrl: this.porterUrl,
      newId,
      clock: systemClock,
      by,
      reason: null,
    };
  }

  async close(): Promise<void> {
    for (const close of this.closers) await close();
  }

  private get porterUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  private async answer(url: string): Promise<object> {
    const { drained, open, work, parked, unlike } = this.porter;
    if (url.startsWith('/internal/drained')) {
      const epoch = await epochOf(this.pool, 'v2', 'order');
      return { drained, open, epoch };
    }
    const idle = { state: 'running', lagRecords: 0, lagSeconds: 0, waiting: 0, inDoubt: 0 };
    const positions = await query<{ partition: number; next: number }>(
      this.pool,
      `select partition, next_offset - $1::int as next from v2.sink_offset where consumer = 'order'`,
      [this.porter.behind],
    );
    const one = { consumer: 'order.backend', group: 'g', ...idle, work, parked, unlike, positions };
    const notConfigured = [{ consumer: 'order.billing', variable: 'LEGACY_BILLING_DATABASE_URL' }];
    return { app: 'legacy-porter', consumers: [one], notConfigured };
  }

  /** The projector's part: the fold with its authority, and no rows. */
  private async project(): Promise<void> {
    const codec = createCodec({ registryUrl: this.registryUrl, types: order.events });
    const apply = async () => undefined;
    const store = createPostgresSinkStore({ pool: this.pool, schema: 'v2', consumer: 'order' });
    const sink = createSink({ store, entity: order, codec, apply });
    await sink.prepare(12);
    await this.log.consume({
      topic: topicName(this.prefix, topicOf(order)),
      group: `${this.prefix}v2-projector.order`,
      handler: sink,
    });
  }
}
