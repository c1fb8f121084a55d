import type { LogRecord, NewRecord } from '@banyan/contracts';
import type { BanyanError } from '@banyan/core';

/*
 * Topic names are full names everywhere in this port: the caller has put the environment's prefix in front (`topicName()` of
 * @banyan/contracts), to groups as well.
 */

/** Where a record lies. */
export interface Position {
  readonly partition: number;
  readonly offset: bigint;
}

/**
 * Appends records so that an acknowledged record is in the log, once, in the order of acknowledgement per partition.
 *
 * - Repeatable: appending the same record again may put it there twice; consumers de-duplicate by event id.
 * - `append` rejects with `LOG_NOT_WRITTEN` (certainly not in the log; `data.reason` is `queue-full`, `too-large`, `stopping`,
 *   `topic-missing`, `no-such-partition` or `refused` by the broker), or with `LOG_UNKNOWN` once `deadlineMs` has passed (the
 *   record stays queued and may still be written, also hours later; append the same bytes again to find out).
 * - With Kafka away nothing is refused at once: records wait, up to 50,000 or 64 MB of them, each caller up to its deadline.
 * - The record's value is copied; the caller may use its buffer again.
 */
export interface Appender {
  /**
   * @param options.deadlineMs how long the caller waits, default 10,000; it does not take the record back. Infinity = until its fate
   * is known, at the latest when the appender is closed: for who would otherwise append the same again while it is still queued
   */
  append(record: NewRecord, options?: { deadlineMs?: number }): Promise<Position>;
  /** Age of the oldest record not yet acknowledged, milliseconds; 0 when there is none. Above 10 s readiness goes off. */
  oldestUnacknowledgedMs(): number;
  /** Where `append` puts a record with this key. Throws `LOG_TOPIC_MISSING`, or `LOG_UNAVAILABLE` until Kafka was seen once. */
  partitionOf(topic: string, key: string): Promise<number>;
  /** Refuses what comes from now on, sends what is queued, waits at most `timeoutMs`, and tells how many records are still unknown. */
  close(timeoutMs: number): Promise<{ unknown: number }>;
}

/**
 * What a consumer does with the log. The runtime calls it with one slice per partition at a time, in offset order.
 */
export interface SliceHandler {
  /**
   * The offset to read next, from the handler's own store: the truth. The group's committed offset is a hint for people.
   * undefined = this partition was never read: start at 0. Asked at every (re)join of the group and after `POSITION_TAKEN`; what
   * it throws is tried again with back-off. Also asked by `caughtUp` for partitions that other members own.
   */
  position(partition: number): Promise<bigint | undefined>;
  /**
   * Takes effect and position in one transaction, then resolves. Anything thrown is retried in place, with back-off, in slices of
   * half the size, and nothing else of that partition is handled meanwhile; so throw only what may heal (a database that is away), never for
   * a bad record. A `POSITION_TAKEN` error means that another member has moved the stored position: the runtime drops its
   * buffer and reads the position anew.
   * Never called twice at once for a partition by one process. A process that was paused or cut off may call it after another
   * took over, so the store must guard: the effect counts only where the stored position is the slice's first offset.
   */
  handle(slice: Slice): Promise<void>;
}

export interface Slice {
  readonly topic: string;
  readonly partition: number;
  /** Never empty; offsets rise, the first is the stored position. */
  readonly records: readonly LogRecord[];
}

export interface ConsumerOptions {
  readonly topic: string;
  readonly group: string;
  readonly handler: SliceHandler;
  /**
   * How many partitions the topic was declared with; default: as many as it has when it is first seen. Another number, at the start or
   * later, ends the consumer (`LOG_PARTITION_COUNT`): keys would be in other partitions than those their store has folded.
   */
  readonly partitions?: number;
  /**
   * Largest slice handed to the handler. Default 1,000. Slices begin at 250 and double while full ones are handled quickly; they are halved
   * when one takes longer than `slowSliceMs` and its size is the reason, and, down to single records, when one fails.
   */
  readonly maxSliceRecords?: number;
  /** How many of the largest slices are handled at once, over all partitions; of smaller ones as many more. Default 4. */
  readonly slicesAtOnce?: number;
  /** How long handling a slice should take at most, milliseconds. Default 500. */
  readonly slowSliceMs?: number;
  /** Begins paused, as by `pause()`. Default false. */
  readonly paused?: boolean;
  /**
   * It has crashed, see `RunningConsumer`: told once, with a code and a remedy. Whoever runs it drains what runs beside it and ends the
   * process; nothing here does. Must not throw.
   */
  readonly onCrash?: (error: BanyanError) => void;
}

export interface PartitionLag {
  readonly partition: number;
  /** Position of the handler's store, as far as this process knows. */
  readonly position: bigint;
  readonly end: bigint;
  /** Age of the oldest record not yet handled, milliseconds; 0 when there is none. */
  readonly behindMs: number;
}

/**
 * A consumer that runs. Lifecycle: starting -> running <-> rebalancing -> stopping -> stopped, or crashed.
 * `starting` lasts while Kafka is away or the topic is missing, and heals; `rebalancing` is also a lost broker, and heals.
 * `paused` is `running` while somebody holds it: it stays in the group, keeps its partitions over rebalances, is alive and ready, knows its
 * lag, and handles nothing.
 * `crashed` does not heal: history is lost (`LOG_OFFSET_GAP`), the topic has another number of partitions, or the broker refuses this member (`LOG_CONSUMER_REFUSED`); `onCrash` hears of it, and the process should exit.
 */
export interface RunningConsumer {
  readonly topic: string;
  readonly group: string;
  /**
   * `running`: in the group, and of each of its partitions it is known how far it is; before that its lag would read as none.
   */
  state(): 'starting' | 'running' | 'paused' | 'rebalancing' | 'stopping' | 'stopped' | 'crashed';
  /**
   * Begins no further slice, in no partition, until `resume()`; what is being handled ends first, then the state is `paused`. What
   * the handler refused is kept, and not tried again meanwhile. What is fetched stays in the bounded buffers. Fetches go on being tried, so that a
   * paused consumer that hangs is found as any other. Repeatable.
   */
  pause(): void;
  /** Goes on where it stands. Repeatable. */
  resume(): void;
  /** Partitions this member owns now, and how far each is; the ends of idle ones are some seconds old at most. */
  lag(): readonly PartitionLag[];
  /** Milliseconds since a fetch, or a connection for it, was last tried; the liveness check (P12) fails above 20,000. */
  sinceFetchTriedMs(): number;
  /** What keeps it from going on: why it is not in the group, else the error that the handler keeps throwing. */
  lastError(): Error | undefined;
  /**
   * Resolves when everything that was in the topic at the call is handled, by this member or by others (whose positions are read
   * from the handler's store); rejects with `LOG_NOT_CAUGHT_UP` after `timeoutMs`, as it does when it is paused all the while.
   */
  caughtUp(options: { timeoutMs: number }): Promise<void>;
  /** Finishes the slices under way within `timeoutMs`, drops what is only fetched, commits, leaves the group. */
  stop(timeoutMs: number): Promise<void>;
}

/** The log itself. One adapter over kafkajs, one twin in memory; both pass `event-log.contract.ts`. */
export interface EventLog {
  /** A new one at each call, with a producer of its own; order holds within one appender, so take one per process. */
  appender(): Promise<Appender>;
  /** Resolves at once, in state `starting`: Kafka may be away. */
  consume(options: ConsumerOptions): Promise<RunningConsumer>;
  /**
   * Reads `[from, to)` of a partition, outside any group: for traces and for learning the outcome of one's own event.
   * Throws `LOG_OUT_OF_RANGE` before the first record when the log does not hold the whole range, `LOG_UNAVAILABLE` when Kafka
   * does not answer.
   */
  read(topic: string, partition: number, from: bigint, to: bigint): AsyncIterable<LogRecord>;
  /** First and next offset of every partition, by partition; throws `LOG_TOPIC_MISSING`, `LOG_UNAVAILABLE`. */
  ends(topic: string): Promise<readonly { partition: number; low: bigint; high: bigint }[]>;
  /**
   * Creates what is missing, with three copies where there are three brokers; refuses a topic whose partition count is another
   * (`LOG_PARTITION_COUNT`). Any number of processes may do it at once. Throws `LOG_UNAVAILABLE` when Kafka is away.
   */
  createTopics(topics: readonly TopicSpec[]): Promise<void>;
  /** Stops consumers and appenders that still run, within some seconds, and disconnects. */
  close(): Promise<void>;
}

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** Topic configuration, e.g. `{ 'retention.ms': '-1' }`. Without `min.insync.replicas` it is 2 with three copies, else 1. */
  readonly config?: Readonly<Record<string, string>>;
}
