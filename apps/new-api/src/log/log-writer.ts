import { type Codec, type LogRecord, type NewRecord, topicName } from '@banyan/contracts';
import { BanyanError, isBanyanError } from '@banyan/core';
import type { Appender, Position } from '@banyan/kafka';
import { type AnyEntity, topicOf } from '@banyan/transformer';
import { unless } from '../drain.js';
import { problem } from '../problems.js';
import type { WriterLog } from './acks-read-back.js';

/** A head of the queue older than this says that Kafka is away: more is refused early, and readiness goes off. Milliseconds. */
const TOO_OLD_MS = 10_000;

/**
 * The way into the log. Before Kafka and the registry have answered once it refuses (`API_LOG_AWAY`), so an API that starts without them
 * serves reads.
 */
export class LogWriter implements Pick<Appender, 'append' | 'partitionOf'> {
  private made: Promise<Appender> | undefined;
  private appender: Appender | undefined;
  private notReady: unknown;

  constructor(
    private readonly log: WriterLog,
    private readonly codec: Codec,
    private readonly prefix: string,
    private readonly entities: readonly AnyEntity[],
    /** Aborted when nobody can be answered any later. */
    private readonly due: AbortSignal = new AbortController().signal,
  ) {}

  /** Tries to get ready; throws what is missing. To be called again until it resolves. */
  async prepare(): Promise<void> {
    try {
      await this.codec.prepare();
      this.made ??= this.log.appender();
      const appender = await this.made;
      // Partition counts are kept from now on, so choosing one never waits for Kafka again.
      await Promise.all(this.entities.map((entity) => appender.partitionOf(this.topicOf(entity), '')));
      this.appender = appender;
      this.notReady = undefined;
    } catch (error) {
      this.notReady = error;
      throw error;
    }
  }

  /** undefined = appends are taken; else why not. */
  away(): string | undefined {
    if (this.appender === undefined) return messageOf(this.notReady);
    const ageMs = this.appender.oldestUnacknowledgedMs();
    return ageMs > TOO_OLD_MS ? `a record waits for Kafka since ${Math.round(ageMs / 1000)} s` : undefined;
  }

  oldestUnacknowledgedMs(): number {
    return this.appender?.oldestUnacknowledgedMs() ?? 0;
  }

  /** Throws `API_LOG_AWAY` (503): nothing was appended. */
  requireReady(): void {
    const away = this.away();
    if (away !== undefined) throw logAway(away, this.notReady);
  }

  topicOf(entity: AnyEntity): string {
    return topicName(this.prefix, topicOf(entity));
  }

  encode(type: string, data: unknown): Buffer {
    return this.codec.encode(type, data);
  }

  /** As every consumer will read it. */
  decode(type: string, value: Buffer): Promise<unknown> {
    return this.codec.decode(type, value);
  }

  async partitionOf(topic: string, key: string): Promise<number> {
    return this.connected().partitionOf(topic, key);
  }

  async append(record: NewRecord, options?: { deadlineMs?: number }): Promise<Position> {
    return unless(this.due, this.connected().append(record, options), () => {
      throw new BanyanError('LOG_UNKNOWN', 'This process stops before Kafka has said whether it has the record.', {
        retryable: true,
      });
    });
  }

  read(topic: string, partition: number, from: bigint, to: bigint): AsyncIterable<LogRecord> {
    return this.log.read(topic, partition, from, to);
  }

  private connected(): Appender {
    if (this.appender === undefined) throw logAway(messageOf(this.notReady), this.notReady);
    return this.appender;
  }
}

export function logAway(why: string, cause: unknown): BanyanError {
  return problem('API_LOG_AWAY', `Changes cannot be recorded now (${why}); nothing was done, come again.`, { cause });
}

function messageOf(error: unknown): string {
  if (error === undefined) return 'not connected yet';
  if (isBanyanError(error)) return `${error.code}: ${error.message}`;
  return error instanceof Error ? error.message : String(error);
}
