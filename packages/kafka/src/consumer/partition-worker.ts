import type { LogRecord } from '@banyan/contracts';
import { type BanyanError, type Clock, isBanyanError } from '@banyan/core';
import { type BackOff, backOffMs, pause } from '../back-off.js';
import type { SliceHandler } from '../event-log.js';
import { offsetGap } from '../log-errors.js';
import type { FetchedRecord } from './fetched-record.js';
import { Signal } from './signal.js';
import type { SliceBudget } from './slice-budget.js';
import { type BufferLimits, SliceBuffer } from './slice-buffer.js';
import { firstPace, nextPace, type SliceBounds, type SlicePace } from './slice-size.js';

/** Where a worker's records come from. */
export interface Feed {
  pause(partition: number): void;
  resume(partition: number): void;
  /** The next record offered must be the one at `offset`. */
  seek(partition: number, offset: bigint): void;
}

export interface WorkerOptions {
  readonly topic: string;
  readonly partition: number;
  readonly handler: SliceHandler;
  readonly feed: Feed;
  readonly limits: BufferLimits;
  readonly slices: SliceBounds;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly backOff: BackOff;
  /** Shared with the other partitions of its consumer. */
  readonly budget: SliceBudget;
  /** Whether it may begin a slice now; when that changes, `wake` tells. */
  mayBegin(): boolean;
  /** Settles when the partition's previous worker here has let go: `handle` never runs twice at once for a partition. */
  readonly after: Promise<void>;
  /** Throws `LOG_OFFSET_GAP` when the log does not hold the position, `LOG_PARTITION_COUNT` when it is not the declared one. */
  checkPosition(position: bigint): Promise<void>;
  onProgress(position: bigint): void;
  onGap(error: BanyanError): void;
}

/** Going on would skip records, or fold keys in two places. */
const HOPELESS = new Set(['LOG_OFFSET_GAP', 'LOG_PARTITION_COUNT']);
/** After so many fetches in a row that begin elsewhere although the right offset was asked for, the records are gone. */
const WRONG_STARTS = 3;

/**
 * Handles one partition for as long as this member owns it. Nothing thrown here reaches kafkajs: a throw there leaves the
 * group, joins again and repeats, for ever, and a TypeError stops the consumer while the process lives on.
 */
export class PartitionWorker {
  readonly #options: WorkerOptions;
  readonly #buffer: SliceBuffer;
  readonly #more = new Signal();
  readonly #stopping = new AbortController();
  readonly #ran: Promise<void>;
  #ready = false;
  #paused = true;
  #wrongStarts = 0;
  #pace: SlicePace;
  #handling = false;
  #position: bigint | undefined;
  #error: Error | undefined;

  /** Starts at once: the feed stays paused until the position is known. */
  constructor(options: WorkerOptions) {
    this.#options = options;
    this.#buffer = new SliceBuffer(options.limits);
    this.#pace = firstPace(options.slices);
    this.#ran = this.#run();
  }

  /** Position of the store; undefined until it is read for the first time. */
  get position(): bigint | undefined {
    return this.#position;
  }

  /** What keeps this partition from going on. */
  get error(): Error | undefined {
    return this.#error;
  }

  /** A slice is being handled just now. */
  get handling(): boolean {
    return this.#handling;
  }

  /** Broker's time of the oldest record fetched and not handled. */
  get oldestTimestampMs(): number | undefined {
    return this.#buffer.first?.timestampMs;
  }

  /** `mayBegin` answers differently now. */
  wake(): void {
    this.#more.notify();
  }

  /** Ends the worker: nothing further is begun, what is fetched is dropped. Resolves when `handle` has returned. */
  stop(): Promise<void> {
    this.#stopping.abort();
    this.#more.notify();
    return this.#ran;
  }

  /** @returns false when the records were not taken, and must be fetched again */
  offer(records: readonly FetchedRecord[]): boolean {
    const { topic, partition, feed } = this.#options;
    if (!this.#ready || this.#stopping.signal.aborted) return false;
    // A fetch that brought nothing says nothing about where it began.
    if (records.length === 0) return true;
    const next = this.#buffer.next;
    const wanted = records.filter(({ offset }) => offset >= next);
    const [first] = wanted;
    const last = wanted.at(-1);
    if (first === undefined || last === undefined || first.offset !== next) {
      this.#wrongStarts += 1;
      if (this.#wrongStarts < WRONG_STARTS) feed.seek(partition, next);
      else this.#giveUp(offsetGap(topic, partition, { expected: next, found: (first ?? records[0])?.offset ?? -1n }));
      return false;
    }
    // Neither compacted nor transactional topics: an offset that is left out is a record that is gone.
    if (last.offset - first.offset !== BigInt(wanted.length - 1)) {
      this.#giveUp(
        offsetGap(topic, partition, { first: first.offset, last: last.offset, records: BigInt(wanted.length) }),
      );
      return false;
    }
    this.#wrongStarts = 0;
    this.#buffer.push(wanted);
    if (this.#buffer.full) this.#pause();
    this.#more.notify();
    return true;
  }

  async #run(): Promise<void> {
    const { backOff } = this.#options;
    const { signal } = this.#stopping;
    await this.#options.after;
    for (let failures = 0; !signal.aborted; ) {
      try {
        if (!this.#ready) await this.#learnPosition();
        else if (!this.#options.mayBegin()) {
          // What kept it from going on is no longer that.
          this.#error = undefined;
          failures = 0;
          await this.#more.next();
        } else if (this.#buffer.first === undefined) await this.#more.next();
        else {
          await this.#handleSlice();
          failures = 0;
        }
      } catch (error) {
        if (isBanyanError(error) && HOPELESS.has(error.code)) return this.#giveUp(error);
        const taken = isBanyanError(error) && error.code === 'POSITION_TAKEN';
        if (taken) this.#forgetPosition();
        // The first POSITION_TAKEN is the guard at work (a rebalance, an answer lost after its commit): just read again.
        if (!taken || failures > 0) {
          this.#error = error instanceof Error ? error : new Error(String(error));
          await pause(backOffMs(failures, backOff), signal);
        }
        failures += 1;
      }
    }
    this.#buffer.restart(this.#buffer.next);
  }

  async #learnPosition(): Promise<void> {
    const { handler, feed, partition, checkPosition } = this.#options;
    const position = (await handler.position(partition)) ?? 0n;
    await checkPosition(position);
    if (this.#stopping.signal.aborted) return;
    // Nothing may come for hours: what kept the position from being read must not be told until then.
    this.#error = undefined;
    this.#position = position;
    this.#buffer.restart(position);
    this.#wrongStarts = 0;
    this.#ready = true;
    this.#options.onProgress(position);
    feed.seek(partition, position);
    this.#paused = false;
    feed.resume(partition);
  }

  async #handleSlice(): Promise<void> {
    const { budget, mayBegin } = this.#options;
    const size = await budget.take(() =>
      this.#stopping.signal.aborted || !mayBegin() ? 0 : Math.min(this.#pace.size, this.#buffer.length),
    );
    if (size === 0) return;
    const records = this.#buffer.peek(size);
    this.#handling = true;
    try {
      await this.#timed(records);
    } finally {
      this.#handling = false;
      budget.giveBack(size);
    }
    this.#error = undefined;
    this.#buffer.remove(records.length);
    this.#position = (this.#position ?? 0n) + BigInt(records.length);
    if (this.#paused && this.#buffer.roomy) this.#resume();
    this.#options.onProgress(this.#position);
  }

  /** Handles a slice, and learns from it how large the next one should be: after a failure the first half of this one, or less. */
  async #timed(records: readonly LogRecord[]): Promise<void> {
    const { handler, topic, partition, slices, clock } = this.#options;
    const beganMs = clock.monotonic();
    const learn = (failed: boolean) => {
      const tookMs = clock.monotonic() - beganMs;
      this.#pace = nextPace(this.#pace, { records: records.length, tookMs, failed }, slices);
    };
    try {
      await handler.handle({ topic, partition, records });
    } catch (error) {
      // A position that another member moved says nothing about the store's pace.
      if (!isBanyanError(error) || error.code !== 'POSITION_TAKEN') learn(true);
      throw error;
    }
    learn(false);
  }

  #forgetPosition(): void {
    this.#pause();
    this.#ready = false;
    this.#buffer.restart(this.#buffer.next);
  }

  #giveUp(error: BanyanError): void {
    this.#error = error;
    this.#stopping.abort();
    this.#more.notify();
    this.#options.onGap(error);
  }

  #pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.#options.feed.pause(this.#options.partition);
  }

  #resume(): void {
    this.#paused = false;
    // A worker that was stopped meanwhile must not open the feed of its successor.
    if (!this.#stopping.signal.aborted) this.#options.feed.resume(this.#options.partition);
  }
}
