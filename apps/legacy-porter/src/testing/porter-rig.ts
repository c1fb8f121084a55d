import { setTimeout as delay } from 'node:timers/promises';
import { rowHash } from '@banyan/compare';
import {
  type Codec,
  createCodec,
  type DomainEvent,
  eventHeaders,
  markerHeaders,
  RECEIPTS_TOPIC,
  registerSchemas,
  topicName,
  topicSpecs,
} from '@banyan/contracts';
import { EventHandled, type EventHandledData } from '@banyan/contracts/events/banyan.receipt.v1';
import { CONTROL_TYPES, type Control, createControl } from '@banyan/control';
import { importedId, type Liveness, type Marker, newId, type Origin, systemClock } from '@banyan/core';
import { type Appender, createKafkaEventLog, type EventLog } from '@banyan/kafka';
import { createHttpReader, createLegacyApi, type LegacyApi, MARKER_DDL } from '@banyan/legacy';
import { makeTables } from '@banyan/legacy-billing';
import { type FaultSettings, type Legacy, loadNorthwind, startLegacy } from '@banyan/legacy-northwind';
import { entities, entityNamed } from '@banyan/migration';
import { createPool, type Pool, query } from '@banyan/postgres';
import { createDatabase, dropDatabase, randomPrefix, type TestStack, testStack } from '@banyan/stack/testing';
import { type LegacyRow, topicOf } from '@banyan/transformer';
import { readConfig } from '../config.js';
import { type RunningPorter, startPorter } from '../start-porter.js';

export interface Append {
  readonly key: string;
  /** The version the event is decided on. */
  readonly on: number;
  readonly liveness?: Liveness;
  readonly origin?: Origin;
  readonly contentHash?: string;
  readonly epoch?: number;
  readonly hops?: number;
  readonly correlationId?: string;
}

/** The second legacy system's database, where a rig has one. */
export interface BillingDatabase {
  readonly url: string;
  readonly pool: Pool;
}

/** Kafka, registry, PostgreSQL, the legacy system with all Northwind rows, and porters on them; everything is this rig's alone. */
export class PorterRig {
  readonly prefix = randomPrefix();
  private readonly porters: RunningPorter[] = [];
  private operator: Control | undefined;

  private constructor(
    readonly stack: TestStack,
    readonly porterUrl: string,
    readonly legacyDatabaseUrl: string,
    readonly legacy: Legacy,
    readonly pool: Pool,
    readonly legacyPool: Pool,
    readonly log: EventLog,
    readonly codec: Codec,
    readonly appender: Appender,
    readonly legacyApi: LegacyApi,
    prefix: string,
    private readonly billingDatabase: BillingDatabase | undefined,
  ) {
    this.prefix = prefix;
  }

  /** @param billing a second legacy system beside it, `order.billing` on it; default: its port is not configured */
  static async start({ billing = false } = {}): Promise<PorterRig> {
    const stack = await testStack();
    const prefix = randomPrefix();
    const porterUrl = await createDatabase(stack.databaseUrl, `${prefix}porter`);
    const legacyUrl = await createDatabase(stack.databaseUrl, `${prefix}legacy`);
    await loadNorthwind(legacyUrl);
    // Legacy's own limit is another test's: it must not end a write that a test holds on a busy machine.
    const legacy = await startLegacy({ databaseUrl: legacyUrl, port: 0, adminPort: 0, requestLimitMs: 30_000 });
    await registerSchemas({ registryUrl: stack.schemaRegistryUrl });
    const log = createKafkaEventLog({ brokers: stack.kafkaBrokers.split(','), clientId: 'porter-spec' });
    await log.createTopics(topicSpecs(prefix, entities.map(topicOf)));
    const types = [...entities.flatMap((entity) => entity.events), EventHandled, ...CONTROL_TYPES];
    const codec = createCodec({ registryUrl: stack.schemaRegistryUrl, types });
    await codec.prepare();
    return new PorterRig(
      stack,
      porterUrl,
      legacyUrl,
      legacy,
      createPool({ url: porterUrl, applicationName: 'porter-spec', max: 4 }),
      createPool({ url: legacyUrl, applicationName: 'porter-spec', max: 4 }),
      log,
      codec,
      await log.appender(),
      createLegacyApi({ baseUrl: legacy.url }),
      prefix,
      billing ? await billingDatabase(stack.databaseUrl, `${prefix}billing`) : undefined,
    );
  }

  /** Throws in a rig without one. */
  get billing(): BillingDatabase {
    if (this.billingDatabase === undefined) throw new Error('this rig has no billing');
    return this.billingDatabase;
  }

  env(name = 'porter-0'): Record<string, string> {
    return {
      KAFKA_BROKERS: this.stack.kafkaBrokers,
      SCHEMA_REGISTRY_URL: this.stack.schemaRegistryUrl,
      PORTER_DATABASE_URL: this.porterUrl,
      LEGACY_URL: this.legacy.url,
      ...(this.billingDatabase === undefined ? {} : { LEGACY_BILLING_DATABASE_URL: this.billingDatabase.url }),
      TOPIC_PREFIX: this.prefix,
      INSTANCE_NAME: name,
      PORT: '0',
      LOG_LEVEL: 'error',
    };
  }

  /** A porter in this process. */
  async porter(name?: string, env: Record<string, string> = {}): Promise<RunningPorter> {
    const porter = await startPorter(readConfig({ ...this.env(name), ...env }));
    this.porters.push(porter);
    return porter;
  }

  async stopPorters(): Promise<void> {
    for (const porter of this.porters.splice(0)) await porter.close();
  }

  async append(
    entity: string,
    event: DomainEvent,
    { key, on, liveness, origin, contentHash, epoch, hops, correlationId }: Append,
  ): Promise<string> {
    const id = newId();
    const headers = eventHeaders({
      id,
      type: event.type,
      source: 'porter-spec',
      timeMs: Date.now(),
      subject: key,
      origin: origin ?? 'api',
      expectedVersion: on,
      epoch: epoch ?? 0,
      liveness: liveness ?? 'live',
      contentHash,
      hops,
      correlationId,
    });
    const topic = topicName(this.prefix, topicOf(entityNamed(entity)));
    await this.appender.append({ topic, key, value: this.codec.encode(event.type, event.data), headers });
    return id;
  }

  async readRow(entity: string, legacyId: string): Promise<LegacyRow> {
    const row = await createHttpReader(entityNamed(entity).legacy, this.legacyApi).one(legacyId);
    if (row === undefined) throw new Error(`legacy has no ${entity} ${legacyId}`);
    return row;
  }

  /** Imports a row as a backfill would; answers its key. @param as another key, what it is imported on, a row that was read before */
  async importRow(
    entity: string,
    legacyId: string,
    as: Partial<Pick<Append, 'key' | 'on' | 'epoch'>> & { readonly row?: LegacyRow } = {},
  ): Promise<string> {
    const { legacy } = entityNamed(entity);
    const row = as.row ?? (await this.readRow(entity, legacyId));
    const { key = importedId(entity, legacyId), on = 0, epoch = 0 } = as;
    const event = legacy.importRow(row, { id: key, idOf: importedId });
    await this.append(entity, event, { key, on, epoch, origin: 'backfill', contentHash: rowHash(row) });
    return key;
  }

  /** Appends a marker to every partition of an entity's topic. */
  async mark(entity: string, marker: Marker): Promise<void> {
    const subject = topicOf(entityNamed(entity));
    const topic = topicName(this.prefix, subject);
    for (const { partition } of await this.log.ends(topic)) {
      const headers = markerHeaders(marker, { id: newId(), source: 'porter-spec', timeMs: Date.now(), subject });
      await this.appender.append({ topic, partition, key: null, value: null, headers });
    }
  }

  /** An operator's hand on the control log. */
  async control(): Promise<Control> {
    this.operator ??= createControl({
      log: this.log,
      codec: this.codec,
      topicPrefix: this.prefix,
      instance: 'porter-spec',
      newId,
      clock: systemClock,
    });
    await this.operator.follow();
    return this.operator;
  }

  faults(settings: FaultSettings): Promise<void> {
    return this.admin('POST', '/faults', settings).then(() => undefined);
  }

  async requests(): Promise<readonly { method: string; route: string; received: number; committed: number }[]> {
    return ((await this.admin('GET', '/requests')) as { requests: [] }).requests;
  }

  /** No faults, no counts. Legacy's rows stay: an id that it gave once it never gives again. */
  async reset(): Promise<void> {
    await this.admin('DELETE', '/faults');
    await this.admin('DELETE', '/requests');
  }

  private async admin(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(new URL(path, this.legacy.adminUrl), {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`admin: ${answer.status} ${text}`);
    return text === '' ? undefined : JSON.parse(text);
  }

  sql<R extends Record<string, unknown>>(text: string, values: readonly unknown[] = []): Promise<readonly R[]> {
    return query<R>(this.pool, text, values);
  }

  legacySql<R extends Record<string, unknown>>(text: string, values: readonly unknown[] = []): Promise<readonly R[]> {
    return query<R>(this.legacyPool, text, values);
  }

  billingSql<R extends Record<string, unknown>>(text: string, values: readonly unknown[] = []): Promise<readonly R[]> {
    return query<R>(this.billing.pool, text, values);
  }

  /** Holds every write of an order inside legacy's database, after it was read, until the answered function is called. */
  holdOrders(): Promise<() => Promise<void>> {
    return hold(this.legacyPool, 'orders');
  }

  /** Once a write is held, in legacy's database unless said otherwise. */
  async writeHeld(pool = this.legacyPool): Promise<void> {
    const held = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    await until(async () => ((await query(pool, held)).length > 0 ? true : undefined), 'a write that is held');
  }

  /** All receipts about a key that are in the log, in its order. */
  async receipts(key: string): Promise<readonly EventHandledData[]> {
    const topic = topicName(this.prefix, RECEIPTS_TOPIC);
    const found: EventHandledData[] = [];
    for (const { partition, low, high } of await this.log.ends(topic)) {
      if (low === high) continue;
      for await (const record of this.log.read(topic, partition, low, high)) {
        if (record.key !== key) continue;
        found.push((await this.codec.decode(EventHandled.name, record.value)) as EventHandledData);
      }
    }
    return found;
  }

  /** The first receipts about a key, once there are so many. */
  async receiptsOnce(key: string, count = 1): Promise<readonly EventHandledData[]> {
    return until(async () => {
      const receipts = await this.receipts(key);
      return receipts.length >= count ? receipts : undefined;
    }, `${count} receipt(s) about ${key}`);
  }

  /** The work row of a key at the head of its line, once it is in this state. */
  async workIn(key: string, state: string): Promise<Record<string, unknown>> {
    return until(async () => {
      const rows = await this.sql('select * from porter.work where key = $1 order by version limit 1', [key]);
      return rows[0]?.state === state ? rows[0] : undefined;
    }, `the work of ${key} to be ${state}`);
  }

  async stop(): Promise<void> {
    await this.stopPorters();
    await this.legacyApi.close();
    await this.operator?.close();
    await this.log.close();
    await this.legacy.stop();
    await this.pool.end();
    await this.legacyPool.end();
    await dropDatabase(this.stack.databaseUrl, `${this.prefix}porter`);
    await dropDatabase(this.stack.databaseUrl, `${this.prefix}legacy`);
    await this.billingDatabase?.pool.end();
    await dropDatabase(this.stack.databaseUrl, `${this.prefix}billing`);
  }
}

/** Holds every write of a table inside its database until the answered function is called. */
export async function hold(pool: Pool, table: string): Promise<() => Promise<void>> {
  const connection = await pool.connect();
  await connection.query('begin');
  await connection.query(`lock table ${table} in exclusive mode`);
  return async () => {
    await connection.query('rollback');
    connection.release();
  };
}

async function billingDatabase(serverUrl: string, name: string): Promise<BillingDatabase> {
  const url = await createDatabase(serverUrl, name);
  await makeTables(url);
  const pool = createPool({ url, applicationName: 'porter-spec', max: 4 });
  await pool.query(MARKER_DDL);
  return { url, pool };
}

/** Asks until there is an answer; rejects after `timeoutMs`, saying what for. */
export async function until<T>(ask: () => Promise<T | undefined>, what: string, timeoutMs = 90_000): Promise<T> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; await delay(50)) {
    const found = await ask().catch((error: unknown) => {
      if (Date.now() + 100 > deadline) throw error;
      return undefined;
    });
    if (found !== undefined) return found;
  }
  throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
}
