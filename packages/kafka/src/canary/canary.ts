import { HEADER } from '@banyan/contracts';
import { pause } from '../back-off.js';
import type { Appender, EventLog } from '../event-log.js';
import { ackLost } from '../log-errors.js';
import { AckSample } from './ack-sample.js';
import { type AckVerdict, checkAck } from './check-ack.js';

export interface CanaryOptions {
  /** Where acknowledged records are read back: one of its own, so that no request waits behind it. */
  readonly log: Pick<EventLog, 'read'>;
  /** From one reading to the next, milliseconds. */
  readonly everyMs: number;
  /** For metrics: of every reading. */
  onRead(kind: AckVerdict['kind']): void;
  /** `LOG_ACK_LOST`, once for each record: somebody has to look. */
  onLost(error: Error): void;
  readonly random?: () => number;
  /** See `checkAck`. */
  readonly missingPauseMs?: number;
}

/**
 * Reads a sample of what Kafka has acknowledged back, and compares event ids. Offsets alone show nothing: where a producer's sequence
 * numbers go wrong, Kafka acknowledges a record with a plausible offset, and another record lies there.
 */
export class Canary {
  readonly #options: CanaryOptions;
  readonly #sample: AckSample;
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;

  constructor(options: CanaryOptions) {
    this.#options = options;
    this.#sample = new AckSample(options.random ?? Math.random);
  }

  /** The same appender, whose acknowledgements are seen here. */
  over(appender: Appender): Appender {
    return {
      append: async (record, options) => {
        const position = await appender.append(record, options);
        const id = record.headers[HEADER.id];
        // Markers have none: nothing tells them apart.
        if (id !== undefined) this.#sample.note({ topic: record.topic, id, ...position });
        return position;
      },
      oldestUnacknowledgedMs: () => appender.oldestUnacknowledgedMs(),
      partitionOf: (topic, key) => appender.partitionOf(topic, key),
      close: (timeoutMs) => appender.close(timeoutMs),
    };
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** Resolves when the reading under way has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  /** One reading, of an acknowledgement since the last one where there is any. */
  async look(): Promise<void> {
    const { log, missingPauseMs, onRead, onLost } = this.#options;
    const ack = this.#sample.pick();
    if (ack === undefined) return;
    const { signal } = this.#stopping;
    const verdict = await checkAck(log, ack, {
      signal,
      ...(missingPauseMs === undefined ? {} : { pauseMs: missingPauseMs }),
    });
    onRead(verdict.kind);
    if (verdict.kind === 'same' || verdict.kind === 'unread') return;
    this.#sample.drop(ack);
    onLost(ackLost(ack, verdict.kind === 'other' ? verdict.found : undefined));
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await pause(this.#options.everyMs, signal);
      if (!signal.aborted) await this.look();
    }
  }
}
