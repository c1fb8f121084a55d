import { createCodec, TOPIC_PARTITIONS } from '@banyan/contracts';
import { CONTROL_TYPES, type Control, createControl, whenLost } from '@banyan/control';
import { newId, systemClock } from '@banyan/core';
import { createPorterClient, followProjection, observeStates, type PorterApi } from '@banyan/importing';
import { createKafkaEventLog, type EventLog, requirePartitions, toldTo } from '@banyan/kafka';
import { createHttpReader, createLegacyApi } from '@banyan/legacy';
import { createPool, type Pool, query } from '@banyan/postgres';
import { atMost, createCounter, createGauge, type GiveUp, type Log } from '@banyan/service';
import type { AnyEntity } from '@banyan/transformer';
import { type Adoption, createAdoption } from './adoption/adoption.js';
import { knownByLegacyId } from './adoption/known.js';
import { MOVE_PATIENCE_MS } from './commands/move-patience.js';
import type { NewApiConfig } from './config.js';
import { createDrain, type Drain, unless } from './drain.js';
import { type Forgetful, Forgetting } from './housekeeping/forgetting.js';
import { forgettingMetrics } from './housekeeping/forgetting-metrics.js';
import type { ApiTools } from './http/api-routes.js';
import { IdempotencyStore } from './idempotency/idempotency-store.js';
import { type AcksReadBack, readAcksBack } from './log/acks-read-back.js';
import { LogWriter } from './log/log-writer.js';
import { createPorterSends } from './ported/porter-sends.js';
import type { AwaitTools } from './receipts/await-receipt.js';
import { ReceiptStore } from './receipts/receipt-store.js';
import { Waits } from './receipts/waits.js';
import { Pulse } from './store/pulse.js';
import { V2Store } from './store/v2-store.js';

/** With the open requests before it below the 10 s after which the process is ended. */
const CLOSE_LOG_MS = 3_500;
const CLOSE_MS = 1_500;

/** What the app is made of. */
export interface Parts {
  readonly tools: ApiTools & AwaitTools;
  readonly drain: Drain;
  readonly forgetting: Forgetting;
  readonly store: V2Store;
  readonly writer: LogWriter;
  /** Tries to get the writer ready; throws what is missing. To be called again until it resolves. */
  prepareWriter(): Promise<void>;
  /** undefined = it is switched off. */
  readonly acks: AcksReadBack | undefined;
  readonly control: Control;
  readonly apiPool: Pool;
  readonly pulses: readonly Pulse[];
  close(): Promise<void>;
}

export interface AssembleOptions {
  /** The app's name: with the instance's it is the source of events. */
  readonly app: string;
  readonly config: NewApiConfig;
  /** All that are migrated. */
  readonly known: readonly AnyEntity[];
  readonly log: Log;
  /** Hears of what cannot go on. */
  readonly gaveUp: GiveUp;
}

export function assemble({ app, config, known, log, gaveUp }: AssembleOptions): Parts {
  const pool = (url: string, max = 10) =>
    createPool({
      url,
      max,
      // Callers wait for seconds at most, then come again: more in line than this are not served in time.
      maxWaiting: 10 * max,
      byIndex: true,
      applicationName: config.INSTANCE_NAME,
      onIdleError: (error) => log.warn({ code: 'POSTGRES_UNAVAILABLE' }, `an idle connection broke: ${error.message}`),
    });
  const v2Pool = pool(config.V2_DATABASE_URL);
  const apiPool = pool(config.API_DATABASE_URL);
  const pulsePools = [...new Set([config.V2_DATABASE_URL, config.API_DATABASE_URL])].map((url) => pool(url, 1));
  const brokers = config.KAFKA_BROKERS;
  const eventLog = createKafkaEventLog({ brokers, clientId: config.INSTANCE_NAME, ...toldTo(log) });
  // Silent: that Kafka is away is told by the other one.
  const ackReader = createKafkaEventLog({ brokers, clientId: `${config.INSTANCE_NAME}-acks` });
  const types = [...known.flatMap((entity) => entity.events), ...CONTROL_TYPES];
  const codec = createCodec({ registryUrl: config.SCHEMA_REGISTRY_URL, types });
  const control = createControl({
    log: eventLog,
    codec,
    topicPrefix: config.TOPIC_PREFIX,
    instance: config.INSTANCE_NAME,
    newId,
    clock: systemClock,
    onLost: whenLost({ log, giveUp: gaveUp.say }),
  });
  const drain = createDrain();
  const waits = new Waits(config.RECEIPT_WAITS_MAX);
  drain.begun.addEventListener('abort', () => waits.end(), { once: true });
  const acks = acksOf(config, { log: eventLog, reader: ackReader, logger: log });
  const writer = new LogWriter(acks?.log ?? eventLog, codec, config.TOPIC_PREFIX, known, drain.due);
  measure(writer, waits);
  const store = new V2Store(v2Pool);
  const receipts = new ReceiptStore(apiPool);
  const idempotency = new IdempotencyStore(apiPool, newId);
  const projection = followProjection({
    pool: v2Pool,
    url: config.V2_DATABASE_URL,
    applicationName: config.INSTANCE_NAME,
  });
  // Who still waits when the process has to end is told that nobody knows yet.
  const progress = {
    ...projection,
    reached: (...asked: Parameters<typeof projection.reached>) =>
      unless(drain.due, projection.reached(...asked), () => false),
  };
  const shared = {
    source: `${app}/${config.INSTANCE_NAME}`,
    newId,
    clock: systemClock,
    appendDeadlineMs: config.APPEND_DEADLINE_MS,
    outcomeDeadlineMs: config.OUTCOME_DEADLINE_MS,
    movePatienceMs: MOVE_PATIENCE_MS,
    entities: known,
    log: writer,
    progress,
  };
  const legacy = legacyOf(config);
  const adoption: Adoption | undefined =
    legacy &&
    createAdoption({
      ...shared,
      topicPrefix: config.TOPIC_PREFIX,
      observer: observeStates(v2Pool),
      porter: legacy.porter,
      readerOf: legacy.readerOf,
      known: (entity, legacyIds) => knownByLegacyId(store, entity, legacyIds),
    });
  return {
    tools: {
      ...shared,
      store,
      adoption,
      porter: legacy?.porter,
      control,
      sends: config.PORTER_URL === undefined ? undefined : createPorterSends(config.PORTER_URL),
      portedDeadlineMs: config.PORTED_DEADLINE_MS,
      idempotency,
      receipts,
      waits,
      due: drain.due,
      logger: log,
    },
    drain,
    forgetting: new Forgetting({
      of: [forgetful('keys', idempotency), forgetful('receipts', receipts)],
      metrics: forgettingMetrics(),
      logger: log,
    }),
    store,
    writer,
    prepareWriter: async () => {
      await Promise.all(known.map((entity) => requirePartitions(eventLog, writer.topicOf(entity), TOPIC_PARTITIONS)));
      await writer.prepare();
    },
    acks,
    control,
    apiPool,
    pulses: pulsePools.map(
      (own, index) => new Pulse(index === 0 ? 'v2 database' : 'api database', () => query(own, 'select 1')),
    ),
    close: async () => {
      // The log first, so that what was taken is sent while everything else still stands. Each bounded: what is away is not waited for.
      await closeAll(log, CLOSE_LOG_MS, [control, eventLog, ackReader]);
      const pools = [v2Pool, apiPool, ...pulsePools].map((one) => ({ close: () => one.end() }));
      await closeAll(log, CLOSE_MS, [projection, ...(legacy === undefined ? [] : [legacy]), ...pools]);
    },
  };
}

function acksOf(
  { CANARY_READS_PER_MINUTE }: NewApiConfig,
  parts: { readonly log: EventLog; readonly reader: EventLog; readonly logger: Log },
): AcksReadBack | undefined {
  if (CANARY_READS_PER_MINUTE === 0) return undefined;
  const reads = createCounter({
    name: 'banyan_api_canary_reads_total',
    help: 'Acknowledged records that were read back, by what lay there.',
    labels: ['verdict'],
  });
  return readAcksBack({
    ...parts,
    readsPerMinute: CANARY_READS_PER_MINUTE,
    onRead: (verdict) => reads.inc({ verdict }),
  });
}

interface Legacy {
  readonly porter: PorterApi;
  readonly readerOf: (entity: AnyEntity) => ReturnType<typeof createHttpReader>;
  close(): Promise<void>;
}

/** undefined = there is no legacy to adopt from. */
function legacyOf({ LEGACY_URL, PORTER_URL }: NewApiConfig): Legacy | undefined {
  if (LEGACY_URL === undefined || PORTER_URL === undefined) return undefined;
  const api = createLegacyApi({ baseUrl: LEGACY_URL });
  return {
    porter: createPorterClient({ url: PORTER_URL }),
    readerOf: (entity) => createHttpReader(entity.legacy, api),
    close: () => api.close(),
  };
}

async function closeAll(log: Log, timeoutMs: number, open: readonly { close(): Promise<unknown> }[]): Promise<void> {
  const close = async (one: { close(): Promise<unknown> }): Promise<void> => {
    await atMost(timeoutMs, one.close()).catch((error: unknown) => {
      log.warn({ err: error }, 'closing a connection failed');
    });
  };
  await Promise.all(open.map(close));
}

function forgetful(kind: string, store: Pick<Forgetful, 'forgetOld' | 'oldestSeconds'>): Forgetful {
  return {
    kind,
    forgetOld: (limit) => store.forgetOld(limit),
    oldestSeconds: () => store.oldestSeconds(),
  };
}

function measure(writer: LogWriter, waits: Waits): void {
  createGauge({
    name: 'banyan_api_oldest_unacknowledged_seconds',
    help: 'Age of the oldest record that Kafka has not acknowledged yet.',
    collect: (gauge) => gauge.set(writer.oldestUnacknowledgedMs() / 1000),
  });
  createGauge({
    name: 'banyan_api_receipt_waits',
    help: 'Questions for receipts that wait for news.',
    collect: (gauge) => gauge.set(waits.count()),
  });
}
