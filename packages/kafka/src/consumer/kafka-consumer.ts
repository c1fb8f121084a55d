import { type BanyanError, type Clock, isBanyanError } from '@banyan/core';
import type { Kafka } from 'kafkajs';
import { atMost } from '../at-most.js';
import { type BackOff, backOffMs, pause } from '../back-off.js';
import type { ConsumerOptions, PartitionLag, RunningConsumer } from '../event-log.js';
import { errorType } from '../kafkajs/error-type.js';
import { consumerRefused, topicMissing } from '../log-errors.js';
import type { PartitionEnds } from '../topics/topic-admin.js';
import { Assignment } from './assignment.js';
import { type ConsumerState, moveTo } from './consumer-state.js';
import { EndsTracker } from './ends-tracker.js';
import { GroupSession } from './group-session.js';

export interface KafkaConsumerOptions extends ConsumerOptions {
  readonly kafka: Kafka;
  readonly clock: Clock;
  ends(topic: string): Promise<readonly PartitionEnds[]>;
  onState(state: ConsumerState, error: Error | undefined): void;
}

const HANDLE_BACK_OFF: BackOff = { firstMs: 50, maxMs: 5_000 };
const SESSION_BACK_OFF: BackOff = { firstMs: 200, maxMs: 3_000 };
/** Of a partition: what is fetched ahead. */
const BUFFER = { maxRecords: 4_000, maxBytes: 4 * 1024 * 1024 };
const COMMIT_EVERY_MS = 1_000;
const ENDS_EVERY_MS = 3_000;
/** kafkajs that tries nothing for so long hangs; a new client is tried before liveness gives the process up at 20 s. */
const HANGING_MS = 14_000;
/** A session that kafkajs gives up for good is tried again so often; one that held for a minute starts the count anew. */
const FATAL_TIMES = 3;
const HELD_MS = 60_000;

/** A member of a consumer group that outlives its kafkajs clients: brokers may be away at the start and at any time after. */
export class KafkaConsumer implements RunningConsumer {
  readonly topic: string;
  readonly group: string;
  readonly #options: KafkaConsumerOptions;
  readonly #assignment: Assignment;
  readonly #ends: EndsTracker;
  readonly #stopping = new AbortController();
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #toCommit = new Map<number, bigint>();
  #state: ConsumerState = 'starting';
  #session: GroupSession | undefined;
  #endSession: (error: Error, fatal: boolean) => void = () => undefined;
  #groupError: Error | undefined;
  #triedAtMs: number;
  /** Sessions that are over and still leave: a stop waits for them, too. */
  readonly #leaving = new Set<Promise<void>>();
  #committing = false;
  #stopped: Promise<void> | undefined;

  constructor(options: KafkaConsumerOptions) {
    this.topic = options.topic;
    this.group = options.group;
    this.#options = options;
    this.#triedAtMs = options.clock.monotonic();
    this.#ends = new EndsTracker(() => options.ends(options.topic));
    this.#assignment = new Assignment({
      ...options,
      ends: this.#ends,
      limits: { ...BUFFER, maxRecords: Math.max(BUFFER.maxRecords, 2 * (options.maxSliceRecords ?? 0)) },
      backOff: HANDLE_BACK_OFF,
      feed: {
        seek: (partition, offset) => this.#session?.seek(partition, offset),
        pause: (partition) => this.#session?.pause(partition),
        resume: (partition) => this.#session?.resume(partition),
      },
      onHandled: (partition, position) => this.#toCommit.set(partition, position),
      onGap: (error) => this.#crash(error),
    });
    this.#every(ENDS_EVERY_MS, () => this.#refreshEnds());
    this.#every(COMMIT_EVERY_MS, () => this.#commit());
    this.#every(1_000, async () => this.#watch());
    void this.#live();
  }

  state(): ReturnType<RunningConsumer['state']> {
    if (this.#state !== 'running') return this.#state;
    if (!this.#assignment.known()) return 'rebalancing';
    return this.#assignment.stands ? 'paused' : 'running';
  }

  pause(): void {
    this.#assignment.pause();
  }

  resume(): void {
    this.#assignment.resume();
  }

  lag(): readonly PartitionLag[] {
    return this.#assignment.lag();
  }

  sinceFetchTriedMs(): number {
    return this.#options.clock.monotonic() - this.#triedAtMs;
  }

  lastError(): Error | undefined {
    return this.#groupError ?? this.#assignment.lastError();
  }

  caughtUp({ timeoutMs }: { timeoutMs: number }): Promise<void> {
    return this.#assignment.caughtUp(timeoutMs);
  }

  stop(timeoutMs: number): Promise<void> {
    this.#stopped ??= this.#stop(timeoutMs);
    return this.#stopped;
  }

  /** One session after the other, until somebody stops it or it makes no sense to go on. */
  async #live(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#stopping;
    let failures = 0;
    let fatals = 0;
    while (!signal.aborted) {
      const openedAtMs = clock.monotonic();
      const { error, fatal } = await this.#runSession();
      if (signal.aborted) return;
      this.#groupError = this.#translate(error);
      if (clock.monotonic() - openedAtMs > HELD_MS) failures = fatals = 0;
      if (fatal) fatals += 1;
      if (fatals >= FATAL_TIMES) return this.#crash(consumerRefused(this.topic, this.group, fatals, error));
      this.#move('rebalancing', this.#groupError);
      await pause(backOffMs(failures, SESSION_BACK_OFF), signal);
      failures += 1;
    }
  }

  async #runSession(): Promise<{ error: Error; fatal: boolean }> {
    const { promise, resolve } = Promise.withResolvers<{ error: Error; fatal: boolean }>();
    const { kafka, topic, group } = this.#options;
    this.#endSession = (error, fatal) => resolve({ error, fatal });
    const session: GroupSession = new GroupSession(kafka, topic, group, {
      tried: () => this.#tried(),
      joined: (partitions) => this.#joined(partitions),
      rebalancing: () => this.#move('rebalancing'),
      fetched: (partition, records, high) => {
        this.#ends.raise(partition, high);
        const worker = this.#assignment.worker(partition);
        // Not ours any more, or we are stopping; not resolved and not paused, it would be fetched again at once, for ever.
        if (worker === undefined) session.pause(partition);
        return worker?.offer(records) ?? false;
      },
      ended: this.#endSession,
    });
    this.#session = session;
    const end = await promise;
    this.#session = undefined;
    this.#toCommit.clear();
    this.#assignment.assign([]);
    // Not awaited: it may hang, and a client that is over says nothing any more.
    this.#leave(session);
    return end;
  }

  #leave(session: GroupSession): void {
    const left: Promise<void> = session.close().finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  #joined(partitions: readonly number[]): void {
    if (this.#stopping.signal.aborted) return;
    this.#groupError = undefined;
    this.#toCommit.clear();
    this.#move('running');
    this.#assignment.assign(partitions);
  }

  #tried(): void {
    this.#triedAtMs = this.#options.clock.monotonic();
  }

  #watch(): void {
    if (this.#session === undefined || this.sinceFetchTriedMs() < HANGING_MS) return;
    this.#endSession(new Error(`kafkajs has tried nothing for ${Math.round(this.sinceFetchTriedMs())} ms`), false);
  }

  async #refreshEnds(): Promise<void> {
    if (this.#session === undefined) return;
    await this.#assignment.refreshEnds();
  }

  async #commit(): Promise<void> {
    if (this.#committing || this.#toCommit.size === 0 || this.#session === undefined) return;
    this.#committing = true;
    try {
      const positions = new Map(this.#toCommit);
      this.#toCommit.clear();
      await this.#session.commit(positions);
    } finally {
      this.#committing = false;
    }
  }

  #crash(error: BanyanError): void {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    this.#groupError = error;
    this.#move('crashed', error);
    this.#clearTimers();
    void this.#assignment.drain();
    if (this.#session !== undefined) this.#leave(this.#session);
    this.#options.onCrash?.(error);
  }

  async #stop(timeoutMs: number): Promise<void> {
    if (this.#state === 'crashed') return atMost(timeoutMs, Promise.all(this.#leaving));
    const { clock } = this.#options;
    const until = clock.monotonic() + timeoutMs;
    const left = () => Math.max(0, until - clock.monotonic());
    this.#move('stopping');
    this.#stopping.abort();
    const session = this.#session;
    await atMost(left(), this.#finishAndCommit(session));
    if (session !== undefined) this.#leave(session);
    await atMost(Math.max(left(), 500), Promise.all(this.#leaving));
    this.#clearTimers();
    this.#move('stopped');
  }

  async #finishAndCommit(session: GroupSession | undefined): Promise<void> {
    await session?.commit(await this.#assignment.drain());
  }

  #move(to: ConsumerState, error?: Error): void {
    const before = this.#state;
    this.#state = moveTo(before, to);
    if (this.#state !== before || error !== undefined) this.#options.onState(this.#state, error);
  }

  #translate(error: Error): Error {
    if (isBanyanError(error)) return error;
    return errorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION' ? topicMissing(this.topic, error) : error;
  }

  /** The timers keep no process alive, and none of them may throw: what they miss comes with the next round. */
  #every(ms: number, work: () => Promise<void>): void {
    const timer = setInterval(() => void work().catch(() => undefined), ms);
    timer.unref();
    this.#timers.push(timer);
  }

  #clearTimers(): void {
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
  }
}
