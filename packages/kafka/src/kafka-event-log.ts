import type { LogRecord } from '@banyan/contracts';
import { type Clock, systemClock } from '@banyan/core';
import type { Kafka } from 'kafkajs';
import { type AppenderState, KafkaAppender } from './appender/kafka-appender.js';
import { type AppenderSettings, DEFAULT_SETTINGS } from './appender/settings.js';
import type { ConsumerState } from './consumer/consumer-state.js';
import { KafkaConsumer } from './consumer/kafka-consumer.js';
import type { Appender, ConsumerOptions, EventLog, RunningConsumer, TopicSpec } from './event-log.js';
import { createClient, type LogLine } from './kafkajs/client.js';
import { createCluster, type OwnCluster } from './kafkajs/cluster.js';
import { Sockets } from './kafkajs/sockets.js';
import { AdminClient } from './topics/admin-client.js';
import { LogReader } from './topics/log-reader.js';
import { PartitionCounts } from './topics/partition-counts.js';
import { type PartitionEnds, TopicAdmin } from './topics/topic-admin.js';

/** For logs and metrics; nothing has to be done about any of it. */
export type LogStateChange =
  | ({ readonly part: 'appender' } & AppenderState)
  | {
      readonly part: 'consumer';
      readonly topic: string;
      readonly group: string;
      readonly state: ConsumerState;
      readonly error: Error | undefined;
    };

export interface KafkaEventLogOptions {
  /** `host:port` each; one that answers is enough to begin. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly onState?: (change: LogStateChange) => void;
  /** kafkajs' own warnings and errors; without it kafkajs is silent. */
  readonly onLog?: (line: LogLine) => void;
  readonly clock?: Clock;
  /** A request without an answer for so long is given up and sent again, milliseconds; default 5,000. */
  readonly requestTimeoutMs?: number;
  /** Bounds and time-outs of appenders that differ from the defaults of settings.ts. */
  readonly appender?: Partial<AppenderSettings>;
}

const CLOSE_MS = 5_000;

/** The log on a Kafka cluster. Connects when it is first used, and keeps trying: a service starts with Kafka down. */
export function createKafkaEventLog(options: KafkaEventLogOptions): EventLog {
  return new KafkaEventLog(options);
}

class KafkaEventLog implements EventLog {
  readonly #options: KafkaEventLogOptions;
  readonly #clock: Clock;
  readonly #sockets = new Sockets();
  readonly #kafka: Kafka;
  readonly #admin: AdminClient;
  readonly #topics: TopicAdmin;
  readonly #counts: PartitionCounts;
  readonly #reader: LogReader;
  readonly #appenders = new Set<KafkaAppender>();
  readonly #consumers = new Set<KafkaConsumer>();

  constructor(options: KafkaEventLogOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#kafka = createClient({ ...options, sockets: this.#sockets });
    this.#admin = new AdminClient(this.#kafka);
    this.#topics = new TopicAdmin(this.#admin);
    this.#counts = new PartitionCounts((topic) => this.#topics.partitionCount(topic));
    this.#reader = new LogReader(
      () => this.#newCluster(),
      (topic) => this.ends(topic),
    );
  }

  #newCluster(): OwnCluster {
    return createCluster({ ...this.#options, sockets: this.#sockets, logger: this.#kafka.logger() });
  }

  async appender(): Promise<Appender> {
    const appender = new KafkaAppender({
      newCluster: () => this.#newCluster(),
      counts: this.#counts,
      settings: { ...DEFAULT_SETTINGS, ...this.#options.appender },
      clock: this.#clock,
      onState: (state) => this.#tell({ part: 'appender', ...state }),
    });
    this.#appenders.add(appender);
    return appender;
  }

  async consume(options: ConsumerOptions): Promise<RunningConsumer> {
    const { topic, group } = options;
    const consumer = new KafkaConsumer({
      ...options,
      kafka: this.#kafka,
      clock: this.#clock,
      ends: (of) => this.ends(of),
      onState: (state, error) => this.#tell({ part: 'consumer', topic, group, state, error }),
    });
    this.#consumers.add(consumer);
    return consumer;
  }

  read(topic: string, partition: number, from: bigint, to: bigint): AsyncIterable<LogRecord> {
    return this.#reader.read(topic, partition, from, to);
  }

  ends(topic: string): Promise<readonly PartitionEnds[]> {
    return this.#topics.ends(topic);
  }

  createTopics(topics: readonly TopicSpec[]): Promise<void> {
    return this.#topics.createTopics(topics);
  }

  async close(): Promise<void> {
    await Promise.all([
      ...[...this.#consumers].map((consumer) => consumer.stop(CLOSE_MS)),
      ...[...this.#appenders].map((appender) => appender.close(CLOSE_MS)),
    ]);
    await Promise.all([this.#reader.close(), this.#admin.close()]);
    this.#sockets.end();
  }

  /** A listener that throws must not change what the log does. */
  #tell(change: LogStateChange): void {
    try {
      this.#options.onState?.(change);
    } catch {
      // its own fault
    }
  }
}
