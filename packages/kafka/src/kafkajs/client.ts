import kafkajs, { type Kafka } from 'kafkajs';
import { patchKafkajs } from './patches.js';
import type { Sockets } from './sockets.js';
import { registerZstd } from './zstd.js';

export interface LogLine {
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface ClientOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** Receives kafkajs' own log, warnings and errors; without it kafkajs is silent. */
  readonly onLog?: ((line: LogLine) => void) | undefined;
  /** A request without an answer for so long is given up, milliseconds; default 5,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Default: sockets that nobody ends but kafkajs. */
  readonly sockets?: Sockets;
}

/**
 * kafkajs' own retry stays short on both levels; the endless loops are ours. "Retry for ever" inside kafkajs is dead code for
 * the producer, does not govern reconnecting, and hides what is going on.
 */
export const SHORT_RETRY = {
  retries: 2,
  initialRetryTime: 100,
  maxRetryTime: 1000,
  factor: 0.2,
  multiplier: 2,
} as const;

export const REQUEST_TIMEOUT_MS = 5_000;

export const CONNECTION = {
  connectionTimeout: 3_000,
  authenticationTimeout: 5_000,
  requestTimeout: REQUEST_TIMEOUT_MS,
  enforceRequestTimeout: true,
  retry: SHORT_RETRY,
} as const;

export function createClient(options: ClientOptions): Kafka {
  patchKafkajs();
  registerZstd();
  return new kafkajs.Kafka({
    ...CONNECTION,
    requestTimeout: options.requestTimeoutMs ?? CONNECTION.requestTimeout,
    brokers: [...options.brokers],
    clientId: options.clientId,
    ...(options.sockets === undefined ? {} : { socketFactory: options.sockets.factory }),
    logLevel: options.onLog === undefined ? kafkajs.logLevel.NOTHING : kafkajs.logLevel.WARN,
    logCreator: () => (entry) => {
      const { message, timestamp: _timestamp, logger: _logger, ...data } = entry.log;
      // The endless loop that it misses is ours, outside of kafkajs.
      if (message.startsWith('Limiting retries for the idempotent producer')) return;
      options.onLog?.({ level: levelName(entry.level), message: `${entry.namespace}: ${message}`, data });
    },
  });
}

function levelName(level: number): LogLine['level'] {
  if (level <= kafkajs.logLevel.ERROR) return 'error';
  if (level === kafkajs.logLevel.WARN) return 'warn';
  return level === kafkajs.logLevel.INFO ? 'info' : 'debug';
}
