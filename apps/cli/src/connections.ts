import { userInfo } from 'node:os';
import { type Codec, catalogue, createCodec } from '@banyan/contracts';
import { type Control, createControl, followWithin } from '@banyan/control';
import { newId, systemClock } from '@banyan/core';
import { createKafkaEventLog, type EventLog } from '@banyan/kafka';
import { createHttpReader, createLegacyApi, createSqlReader, type LegacyReader } from '@banyan/legacy';
import { entities } from '@banyan/migration';
import type { AppAddress, BothSides, ControlSides, RebuildSides, Repairer } from '@banyan/operations';
import { createPool, databaseOf, inDatabase, type Pool } from '@banyan/postgres';
import type { AnyEntity } from '@banyan/transformer';
import type { CliConfig } from './config.js';

/** How long a command waits for the control log, milliseconds. */
const CONTROL_MS = 10_000;

/** What commands talk to; each is opened when it is first needed, all are closed at the end. */
export class Connections {
  private readonly closers: (() => Promise<unknown>)[] = [];
  private readonly opened = new Map<string, unknown>();

  constructor(readonly config: CliConfig) {}

  get consumers(): readonly AppAddress[] {
    const { PROJECTOR_URL, PORTER_URL } = this.config;
    return [
      ...PROJECTOR_URL.map((url) => ({ app: 'v2-projector', url })),
      ...PORTER_URL.map((url) => ({ app: 'legacy-porter', url })),
    ];
  }

  /** Any porter answers for the journal of all. */
  get porterUrl(): string {
    return this.config.PORTER_URL[0] ?? '';
  }

  get v2(): Pool {
    return this.pool('v2', this.config.V2_DATABASE_URL);
  }

  get banyan(): Pool {
    return this.pool('banyan', this.config.BANYAN_DATABASE_URL);
  }

  get log(): EventLog {
    return this.once('log', () => {
      const log = createKafkaEventLog({ brokers: this.config.KAFKA_BROKERS, clientId: 'banyan-cli' });
      return [log, () => log.close()];
    });
  }

  get codec(): Codec {
    return this.once('codec', () => [
      createCodec({ registryUrl: this.config.SCHEMA_REGISTRY_URL, types: [...catalogue.values()] }),
      async () => undefined,
    ]);
  }

  /** Who repairs parked keys, and why. */
  repairer(reason: string): Repairer {
    return { token: this.config.OPERATOR_TOKEN, by: this.operator, reason };
  }

  /** Followed; throws `CONTROL_UNAVAILABLE` (retryable). */
  async control(timeoutMs = CONTROL_MS): Promise<Control> {
    const { log, codec, config } = this;
    const control = this.once('control', () => {
      const made = createControl({
        log,
        codec,
        topicPrefix: config.TOPIC_PREFIX,
        instance: `banyan-cli/${this.operator}`,
        newId,
        clock: systemClock,
      });
      return [made, () => made.close()];
    });
    await followWithin(control, timeoutMs);
    return control;
  }

  /** @param options of a command that changes something */
  async controlSides({ reason, by }: { reason?: string; by?: string } = {}): Promise<ControlSides> {
    const { config, log, v2, banyan } = this;
    return {
      control: await this.control(),
      entities,
      log,
      topicPrefix: config.TOPIC_PREFIX,
      v2,
      banyan,
      apps: this.consumers,
      porterUrl: this.porterUrl,
      newId,
      clock: systemClock,
      by: by ?? this.operator,
      reason: reason ?? null,
    };
  }

  /** As `controlSides`, with the databases beside that of V2. */
  async rebuildSides(options: { reason?: string }): Promise<RebuildSides> {
    const { V2_DATABASE_URL } = this.config;
    return {
      ...(await this.controlSides(options)),
      running: databaseOf(V2_DATABASE_URL),
      v2In: (database) => this.pool(`v2 in ${database}`, inDatabase(V2_DATABASE_URL, database)),
    };
  }

  /** Who gives the command. */
  get operator(): string {
    return this.config.OPERATOR ?? userInfo().username;
  }

  /** Over SQL where legacy's database may be read, else over its HTTP API. */
  readerOf(entity: AnyEntity): LegacyReader {
    const { LEGACY_DATABASE_URL, LEGACY_URL } = this.config;
    return this.once(`reader of ${entity.name}`, () => {
      if (LEGACY_DATABASE_URL !== undefined) {
        return [createSqlReader(entity.legacy, this.pool('legacy', LEGACY_DATABASE_URL)), async () => undefined];
      }
      const api = createLegacyApi({ baseUrl: LEGACY_URL });
      return [createHttpReader(entity.legacy, api), () => api.close()];
    });
  }

  bothSides(wanted: readonly AnyEntity[] = entities): BothSides {
    const { log, v2, consumers: apps, config } = this;
    return {
      entities: wanted,
      v2,
      readerOf: (entity) => this.readerOf(entity),
      apps,
      log,
      topicPrefix: config.TOPIC_PREFIX,
    };
  }

  async close(): Promise<void> {
    for (const close of this.closers.splice(0).reverse()) await close();
  }

  private pool(name: string, url: string): Pool {
    return this.once(`pool of ${name}`, () => {
      const pool = createPool({ url, applicationName: 'banyan-cli', max: 4 });
      return [pool, () => pool.end()];
    });
  }

  private once<T>(name: string, open: () => [T, () => Promise<unknown>]): T {
    if (!this.opened.has(name)) {
      const [value, close] = open();
      this.opened.set(name, value);
      this.closers.push(close);
    }
    return this.opened.get(name) as T;
  }
}
