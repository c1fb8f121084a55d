import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { atMost } from '../at-most.js';
import { SHORT_RETRY } from '../kafkajs/client.js';
import { type FetchedRecord, fetchedRecord } from './fetched-record.js';
import { isFatal } from './session-errors.js';

/** How long a member may say nothing until its partitions are others'. Below 20 s all together, so that a member that hangs in a join still tries within what liveness allows (P12). */
export const SESSION_TIMEOUT_MS = 10_000;
const REBALANCE_TIMEOUT_MS = 12_000;
const HEARTBEAT_INTERVAL_MS = 1_000;
/** An idle fetch waits so long at the broker: as long as a resumed partition, or a stop, may have to wait. */
const MAX_WAIT_MS = 200;
/** kafkajs that is still on its way into the group by then hangs. */
const OPENED_MS = 20_000;

export interface SessionEvents {
  /** kafkajs is alive: it connects, joins or fetches. */
  tried(): void;
  joined(partitions: readonly number[]): void;
  rebalancing(): void;
  /** @returns false when the records must be fetched again (after a seek or a resume) */
  fetched(partition: number, records: readonly FetchedRecord[], high: bigint): boolean;
  /** The session is over; open another one. @param fatal trying again for ever makes no sense */
  ended(error: Error, fatal: boolean): void;
}

/**
 * One kafkajs consumer, from its connect to its end; never used again after a crash. kafkajs' own restart is off: it keeps the
 * broken client. Its `eachBatch` only passes records on, so heartbeats never wait for work.
 */
export class GroupSession {
  readonly #topic: string;
  readonly #consumer: Consumer;
  readonly #events: SessionEvents;
  readonly #opened: Promise<void>;
  #joining = false;
  #over = false;
  #retriable = false;

  constructor(kafka: Kafka, topic: string, group: string, events: SessionEvents) {
    this.#topic = topic;
    this.#events = events;
    this.#consumer = kafka.consumer({
      groupId: group,
      sessionTimeout: SESSION_TIMEOUT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_INTERVAL_MS,
      maxWaitTimeInMs: MAX_WAIT_MS,
      allowAutoTopicCreation: false,
      retry: {
        ...SHORT_RETRY,
        restartOnFailure: async () => {
          this.#retriable = true;
          return false;
        },
      },
    });
    this.#listen();
    this.#opened = this.#open();
  }

  seek(partition: number, offset: bigint): void {
    this.#whileRunning(() => this.#consumer.seek({ topic: this.#topic, partition, offset: String(offset) }));
  }

  pause(partition: number): void {
    this.#whileRunning(() => this.#consumer.pause([{ topic: this.#topic, partitions: [partition] }]));
  }

  resume(partition: number): void {
    this.#whileRunning(() => this.#consumer.resume([{ topic: this.#topic, partitions: [partition] }]));
  }

  /** Writes the group's offsets for people and tools; nothing is ever read from them here, so a failure is no failure. */
  async commit(positions: ReadonlyMap<number, bigint>): Promise<void> {
    if (this.#over || positions.size === 0) return;
    const offsets = [...positions].map(([partition, offset]) => ({
      topic: this.#topic,
      partition,
      offset: String(offset),
    }));
    await this.#consumer.commitOffsets(offsets).catch(() => undefined);
  }

  /**
   * Leaves the group. May hang with a dead connection: wait for it only so long.
   *
   * kafkajs that is still opening goes on behind a disconnect: it connects anew, and one that is joining becomes a member that nobody
   * can stop any more. So what is opening is waited for, and disconnected behind it.
   */
  async close(): Promise<void> {
    this.#over = true;
    if (!this.#joining) await this.#disconnect();
    await atMost(OPENED_MS, this.#opened);
    await this.#disconnect();
  }

  async #disconnect(): Promise<void> {
    await this.#consumer.disconnect().catch(() => undefined);
  }

  async #open(): Promise<void> {
    try {
      this.#events.tried();
      await this.#consumer.connect();
      if (this.#over) return;
      this.#events.tried();
      // fromBeginning always: with false a lost offset silently skips to the end of the log.
      await this.#consumer.subscribe({ topic: this.#topic, fromBeginning: true });
      if (this.#over) return;
      this.#events.tried();
      this.#joining = true;
      await this.#consumer.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        eachBatch: async (payload) => this.#onBatch(payload),
      });
    } catch (error) {
      this.#end(error, false);
    } finally {
      this.#joining = false;
    }
  }

  #listen(): void {
    const { GROUP_JOIN, REBALANCING, FETCH_START, CRASH } = this.#consumer.events;
    this.#consumer.on(FETCH_START, () => this.#events.tried());
    this.#consumer.on(REBALANCING, () => {
      if (!this.#over) this.#events.rebalancing();
    });
    this.#consumer.on(CRASH, ({ payload }) => this.#end(payload.error, isFatal(payload.error, this.#retriable)));
    // Called synchronously before the first fetch of the new generation: what is paused here is not fetched from a stale offset.
    this.#consumer.on(GROUP_JOIN, ({ payload }) => {
      if (this.#over) return;
      const partitions = payload.memberAssignment[this.#topic] ?? [];
      if (partitions.length > 0) this.#consumer.pause([{ topic: this.#topic, partitions: [...partitions] }]);
      this.#events.tried();
      this.#events.joined(partitions);
    });
  }

  #onBatch({ batch, resolveOffset, isStale, pause }: EachBatchPayload): void {
    // Resolving nothing would fetch the same batch again at once: what is over is paused.
    if (this.#over) return void pause();
    if (isStale()) return;
    const records = batch.messages.map((message) => fetchedRecord(this.#topic, batch.partition, message));
    if (this.#events.fetched(batch.partition, records, BigInt(batch.highWatermark))) resolveOffset(batch.lastOffset());
  }

  #end(error: unknown, fatal: boolean): void {
    if (this.#over) return;
    this.#events.ended(error instanceof Error ? error : new Error(String(error)), fatal);
  }

  /** kafkajs throws on control calls of a consumer that has crashed meanwhile; its end is told by the CRASH event. */
  #whileRunning(control: () => void): void {
    if (this.#over) return;
    try {
      control();
    } catch {
      // the session is ending
    }
  }
}
