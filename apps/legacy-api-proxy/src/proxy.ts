import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCodec } from '@banyan/contracts';
import { MismatchFound } from '@banyan/contracts/events/banyan.mismatch.v1';
import { CONTROL_TYPES, type Control, createControl, whenLost } from '@banyan/control';
import { type BanyanError, newId, systemClock } from '@banyan/core';
import { createKafkaEventLog, toldTo } from '@banyan/kafka';
import { entities as migrated } from '@banyan/migration';
import { atMost, type Log, logger, type RunningApp, runApp } from '@banyan/service';
import { findEntity } from '@banyan/transformer';
import type { DynamicModule } from '@nestjs/common';
import type { ProxyConfig } from './config.js';
import { tableFile } from './control/table-file.js';
import { type ControlledTraffic, controlledTraffic } from './controlled-traffic.js';
import { measureLoad, proxyMetrics } from './proxy-metrics.js';
import { type Mismatches, mismatchLog } from './reads/mismatches.js';
import { translateEntity } from './routing/translate-entity.js';
import type { TranslatedEntity } from './routing/translation.js';
import { type ProxyStatus, STATUS, StatusController } from './status.controller.js';
import { startTrafficServer, type TrafficServer } from './traffic-server.js';
import { type LegacyClient, legacyClient } from './upstream/legacy-client.js';
import { type NewApi, newApiClient } from './upstream/new-api-client.js';

const NAME = 'legacy-api-proxy';
/** Longest wait for open calls at a stop, milliseconds; with leaving and closing below the ten seconds a whole stop may take. */
const DRAIN_MS = 6_000;
const LEAVE_MS = 1_500;
const ADMIN_REQUESTS_MS = 500;
/** Connections for the proxy's own questions to legacy. */
const OWN_CONNECTIONS = 16;
const NEW_API_CONNECTIONS = 128;

export interface RunningProxy extends RunningApp {
  /** Legacy's new address. */
  readonly trafficUrl: string;
}

/** What the proxy stands on beside legacy and V2. */
export interface ProxyPlatform {
  readonly control: Control;
  readonly mismatches: Mismatches;
  close(): Promise<void>;
}

export interface ProxyParts {
  /** Default: those of `packages/migration`, or what `TRANSFORMERS` names of them. */
  readonly entities?: readonly TranslatedEntity[];
  /** Default: on Kafka and the registry of the configuration. */
  readonly platform?: ProxyPlatform;
}

/**
 * Starts the server at legacy's address, and beside it the shell with health, metrics and status. Serves at once by the last table on
 * the disk; Kafka and V2 may be away.
 */
export async function startProxy(config: ProxyConfig, parts: ProxyParts = {}): Promise<RunningProxy> {
  const log = logger(NAME);
  const named = config.TRANSFORMERS?.map((name) => findEntity(migrated, name)) ?? migrated;
  const platform = parts.platform ?? kafkaPlatform(config, log);
  const newApi = newApiClient(config.NEW_API_URL, NEW_API_CONNECTIONS);
  const legacy = legacyClient(config.LEGACY_URL, OWN_CONNECTIONS);
  let adminUrl: string | null = null;
  const controlled = controlledTraffic({
    ...settingsOf(config),
    entities: parts.entities ?? named.map(translateEntity),
    control: platform.control,
    mismatches: platform.mismatches,
    file: tableFile({
      path: config.TABLE_FILE ?? join(tmpdir(), 'banyan', `${config.TOPIC_PREFIX}${config.INSTANCE_NAME}.table.json`),
      environment: `${[...config.KAFKA_BROKERS].sort().join()}/${config.TOPIC_PREFIX}`,
      onUnreadable: (error) => log.warn({ err: error }, 'the table on the disk is not used'),
    }),
    newApi,
    legacy,
    adminUrl: () => adminUrl,
    log,
  });
  await controlled.loadTable();
  const server = await startServer(config, controlled, log);
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= stopAll({ server, controlled, platform, newApi, legacy });
    return stopped;
  };
  measureLoad(controlled.load);
  try {
    const shell = await runApp({
      name: NAME,
      module: proxyModule(controlled.status, stop),
      config: { ...config, PORT: config.ADMIN_PORT },
      health: [controlled.health],
      openRequestsMs: ADMIN_REQUESTS_MS,
    });
    adminUrl = shell.url;
    controlled.follow();
    log.info({ trafficUrl: server.url, legacy: config.LEGACY_URL }, 'standing at legacy\u2019s address');
    return { ...shell, trafficUrl: server.url };
  } catch (error) {
    await stop();
    throw error;
  }
}

function settingsOf(config: ProxyConfig) {
  return {
    instance: config.INSTANCE_NAME,
    pointer: config.GONE_POINTER_URL ?? `${config.NEW_API_URL.replace(/\/$/, '')}/docs`,
    holdMaxMs: config.HOLD_MAX_MS,
    heldMax: config.HELD_MAX,
    bodyIdleMs: config.BODY_IDLE_MS,
    deadlineMs: config.ROUND_TRIP_DEADLINE_MS,
    creationWindowMs: config.CREATION_WINDOW_S * 1_000,
    shadowConcurrency: config.SHADOW_CONCURRENCY,
    confirmAfterMs: config.CONFIRM_AFTER_MS,
  };
}

function startServer(config: ProxyConfig, controlled: ControlledTraffic, log: Log): Promise<TrafficServer> {
  const { answers, failures } = proxyMetrics();
  return startTrafficServer({
    legacyUrl: config.LEGACY_URL,
    host: config.HOST,
    port: config.PORT,
    connections: config.LEGACY_CONNECTIONS,
    timeoutMs: config.LEGACY_TIMEOUT_MS,
    handle: controlled.handle,
    onAnswer: ({ method, statusCode }) => answers.inc({ method, status: `${Math.floor(statusCode / 100)}xx` }),
    onFailure: (failure) => {
      failures.inc({ code: failure.code });
      log.warn(failure, 'legacy did not answer');
    },
  });
}

function kafkaPlatform(config: ProxyConfig, log: Log): ProxyPlatform {
  const eventLog = createKafkaEventLog({
    brokers: config.KAFKA_BROKERS,
    clientId: config.INSTANCE_NAME,
    ...toldTo(log),
  });
  // Banyan's own topics only: the proxy has no business in those of entities.
  const codec = createCodec({ registryUrl: config.SCHEMA_REGISTRY_URL, types: [...CONTROL_TYPES, MismatchFound] });
  const shared = {
    log: eventLog,
    codec,
    topicPrefix: config.TOPIC_PREFIX,
    instance: config.INSTANCE_NAME,
    newId,
    clock: systemClock,
  };
  // Whatever it knows, it stands before legacy: it goes on by the control log as it was, else by the table on the disk, and ends for neither.
  const giveUp = (_part: string, error: BanyanError) => log.error({ code: error.code, ...error.data }, error.message);
  const control = createControl({ ...shared, onLost: whenLost({ log, giveUp }) });
  return {
    control,
    mismatches: mismatchLog({ ...shared, onError: (error) => log.warn({ err: error }, 'a mismatch was not appended') }),
    async close() {
      await control.close();
      await eventLog.close();
    },
  };
}

interface Running {
  readonly server: TrafficServer;
  readonly controlled: ControlledTraffic;
  readonly platform: ProxyPlatform;
  readonly newApi: NewApi;
  readonly legacy: LegacyClient;
}

/** In this order: no new calls, the open ones end, then nothing of this proxy is under way and it may leave. */
async function stopAll({ server, controlled, platform, newApi, legacy }: Running): Promise<void> {
  const until = performance.now() + DRAIN_MS + LEAVE_MS;
  await server.close(DRAIN_MS);
  // With what the open calls did not need of their time: a proxy that goes without a word holds up the next move.
  await atMost(until - performance.now(), controlled.close());
  await Promise.all([atMost(LEAVE_MS, platform.close()), newApi.close(), legacy.close()]);
}

function proxyModule(status: ProxyStatus, stop: () => Promise<void>): DynamicModule {
  class ProxyModule {
    onApplicationShutdown(): Promise<void> {
      return stop();
    }
  }
  return {
    module: ProxyModule,
    controllers: [StatusController],
    providers: [{ provide: STATUS, useValue: status }],
  };
}
