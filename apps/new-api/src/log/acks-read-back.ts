import { isBanyanError } from '@banyan/core';
import { Canary, type EventLog } from '@banyan/kafka';
import type { Log } from '@banyan/service';

/** What a writer needs of the log. */
export type WriterLog = Pick<EventLog, 'appender' | 'read'>;

export interface AcksReadBackOptions {
  readonly log: WriterLog;
  /** Reads what was acknowledged: with connections of its own, so that no request waits behind it. */
  readonly reader: Pick<EventLog, 'read'>;
  /** More than 0. */
  readonly readsPerMinute: number;
  readonly logger: Pick<Log, 'error'>;
  /** For the metric. */
  onRead(verdict: string): void;
}

/** A sample of what Kafka has acknowledged to this process, read back off the path of requests. A mismatch is told once, as an error. */
export interface AcksReadBack {
  /** The log to write by. */
  readonly log: WriterLog;
  start(): void;
  stop(): Promise<void>;
}

export function readAcksBack({ log, reader, readsPerMinute, logger, onRead }: AcksReadBackOptions): AcksReadBack {
  const canary = new Canary({
    log: reader,
    everyMs: 60_000 / readsPerMinute,
    onRead,
    onLost: (error) => logger.error({ code: isBanyanError(error) ? error.code : undefined }, error.message),
  });
  return {
    log: {
      appender: async () => canary.over(await log.appender()),
      read: (...range) => log.read(...range),
    },
    start: () => canary.start(),
    stop: () => canary.stop(),
  };
}
