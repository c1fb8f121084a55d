import type { BanyanError, Clock } from '@banyan/core';
import { type BackOff, pause } from '../back-off.js';
import type { ConsumerOptions, PartitionLag } from '../event-log.js';
import { notCaughtUp, offsetGap, partitionCountDiffers, unavailable } from '../log-errors.js';
import type { EndsTracker } from './ends-tracker.js';
import { type Feed, PartitionWorker } from './partition-worker.js';
import { Signal } from './signal.js';
import { SliceBudget } from './slice-budget.js';
import type { BufferLimits } from './slice-buffer.js';

export interface AssignmentOptions extends ConsumerOptions {
  readonly feed: Feed;
  readonly ends: EndsTracker;
  readonly limits: BufferLimits;
  readonly backOff: BackOff;
  readonly clock: Clock;
  /** A partition that is owned now has come to `position`. */
  onHandled(partition: number, position: bigint): void;
  onGap(error: BanyanError): void;
}

/** An end below the position, or another number of partitions, is believed when it stays: a new leader may know an older end for a moment. */
const LOW_END_WAITS_MS = [0, 500, 1_000] as const;
const SHORT_TIMES = 3;
/** How often the positions of partitions that other members own are read while waiting for them. */
const OTHERS_POLL_MS = 100;

const MAX_SLICE_RECORDS = 1_000;
const SLICES_AT_ONCE = 4;

/** The partitions this member owns now, one worker each. Every (re)join starts them all anew. */
export class Assignment {
  readonly #options: AssignmentOptions;
  readonly #progress = new Signal();
  readonly #letGo = new Map<number, Promise<void>>();
  /** Positions only rise, so what was known before a rebalance is still a lower bound after it. */
  readonly #lastKnown = new Map<number, bigint>();
  readonly #shortTimes = new Map<number, number>();
  readonly #behindSinceMs = new Map<number, number>();
  /** Of workers that were let go: they may still be handling a slice. */
  #leaving = 0;
  readonly #budget: SliceBudget;
  #paused: boolean;
  #workers = new Map<number, PartitionWorker>();
  #declared: number | undefined;
  #otherCountTimes = 0;

  constructor(options: AssignmentOptions) {
    this.#options = options;
    this.#declared = options.partitions;
    this.#paused = options.paused ?? false;
    const { maxSliceRecords = MAX_SLICE_RECORDS, slicesAtOnce = SLICES_AT_ONCE } = options;
    this.#budget = new SliceBudget(slicesAtOnce * maxSliceRecords);
  }

  /** Drops every buffer, also of partitions that stay: in between, another member may have moved the stored position. */
  assign(partitions: readonly number[]): void {
    for (const [partition, worker] of this.#workers) this.#letGo.set(partition, this.#left(worker.stop()));
    this.#workers = new Map();
    for (const partition of partitions) this.#workers.set(partition, this.#start(partition));
    this.#progress.notify();
  }

  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    for (const worker of this.#workers.values()) worker.wake();
  }

  /** Nothing is being handled, and nothing will be before `resume`. */
  get stands(): boolean {
    return this.#paused && this.#leaving === 0 && [...this.#workers.values()].every(({ handling }) => !handling);
  }

  worker(partition: number): PartitionWorker | undefined {
    return this.#workers.get(partition);
  }

  /** Whether it is known of every partition how far it is, and how far it goes. */
  known(): boolean {
    return [...this.#workers.values()].every(({ position }) => position !== undefined);
  }

  /** Positions of the partitions that are owned now, where they are known. */
  positions(): ReadonlyMap<number, bigint> {
    const positions = new Map<number, bigint>();
    for (const [partition, { position }] of this.#workers)
      if (position !== undefined) positions.set(partition, position);
    return positions;
  }

  /** Begins nothing further; when every `handle` under way has returned, tells how far the partitions have come. */
  async drain(): Promise<ReadonlyMap<number, bigint>> {
    const owned = [...this.positions().keys()];
    this.assign([]);
    await Promise.all(this.#letGo.values());
    return new Map(owned.map((partition) => [partition, this.#lastKnown.get(partition) ?? 0n]));
  }

  lastError(): Error | undefined {
    return [...this.#workers.values()].find(({ error }) => error !== undefined)?.error;
  }

  lag(): readonly PartitionLag[] {
    return [...this.#workers].map(([partition, worker]) => {
      const position = this.#position(partition);
      const end = this.#end(partition, position);
      return { partition, position, end, behindMs: this.#behindMs(partition, worker, end > position) };
    });
  }

  /**
   * Reads the ends anew, and gives up on a log that stays shorter than the store says (it was made anew while we ran), or that stays with
   * another number of partitions.
   */
  async refreshEnds(): Promise<void> {
    const { ends, topic, onGap } = this.#options;
    const before = this.positions();
    await ends.refresh();
    this.#otherCountTimes = this.#hasDeclaredCount() ? 0 : this.#otherCountTimes + 1;
    if (this.#otherCountTimes >= SHORT_TIMES) onGap(this.#countDiffers());
    for (const [partition, position] of before) {
      this.#noteBehind(partition);
      const is = ends.of(partition);
      const short = is !== undefined && is.high < position ? (this.#shortTimes.get(partition) ?? 0) + 1 : 0;
      this.#shortTimes.set(partition, short);
      if (is !== undefined && short >= SHORT_TIMES)
        onGap(offsetGap(topic, partition, { position, low: is.low, high: is.high }));
    }
    this.#progress.notify();
  }

  async caughtUp(timeoutMs: number): Promise<void> {
    const { clock, ends, handler, topic, group } = this.#options;
    const until = clock.monotonic() + timeoutMs;
    let targets: ReadonlyMap<number, bigint> | undefined;
    let cause: unknown;
    let missing: string[] = [];
    for (;;) {
      try {
        if (targets === undefined) {
          await ends.refresh();
          targets = new Map(ends.all().map(({ partition, high }) => [partition, high]));
        }
        missing = [];
        for (const [partition, target] of targets) {
          const own = this.#workers.get(partition);
          // Of another member's partition the store knows; one of this member's is read by itself in a moment.
          const others = target === 0n ? 0n : undefined;
          const position = own ? own.position : (others ?? (await handler.position(partition)) ?? 0n);
          if (position === undefined || position < target)
            missing.push(`${topic}[${partition}] at ${position ?? 'a place not read yet'} of ${target}`);
        }
        if (missing.length === 0) return;
      } catch (error) {
        cause = error;
      }
      const leftMs = until - clock.monotonic();
      if (leftMs <= 0) throw notCaughtUp(group, timeoutMs, missing, this.lastError() ?? cause);
      await this.#progress.next(Math.min(leftMs, OTHERS_POLL_MS));
    }
  }

  #start(partition: number): PartitionWorker {
    const { topic, handler, feed, limits, backOff, clock, onHandled, onGap } = this.#options;
    const { maxSliceRecords = MAX_SLICE_RECORDS, slowSliceMs = 500 } = this.#options;
    const worker: PartitionWorker = new PartitionWorker({
      topic,
      partition,
      handler,
      feed,
      limits,
      slices: { maxRecords: maxSliceRecords, slowMs: slowSliceMs },
      backOff,
      clock,
      mayBegin: () => !this.#paused,
      budget: this.#budget,
      after: this.#letGo.get(partition) ?? Promise.resolve(),
      checkPosition: (position) => this.#checkPosition(partition, position),
      onProgress: (position) => {
        this.#lastKnown.set(partition, position);
        this.#noteBehind(partition);
        // A worker that was let go finishes its slice, yet has nothing to say about the group's offsets any more.
        if (this.#workers.get(partition) === worker) onHandled(partition, position);
        this.#progress.notify();
      },
      onGap,
    });
    return worker;
  }

  async #left(stopped: Promise<void>): Promise<void> {
    this.#leaving += 1;
    await stopped;
    this.#leaving -= 1;
  }

  async #checkPosition(partition: number, position: bigint): Promise<void> {
    const { ends, topic } = this.#options;
    for (const waitMs of LOW_END_WAITS_MS) {
      await pause(waitMs);
      await ends.refresh();
      const is = ends.of(partition);
      if (is === undefined) throw unavailable(`looking for partition ${partition} of ${topic}`, new Error('not there'));
      if (position < is.low) throw offsetGap(topic, partition, { position, low: is.low, high: is.high });
      if (position <= is.high && this.#hasDeclaredCount()) return;
    }
    if (!this.#hasDeclaredCount()) throw this.#countDiffers();
    const is = ends.of(partition);
    throw offsetGap(topic, partition, { position, low: is?.low ?? 0n, high: is?.high ?? 0n });
  }

  /** What is not declared is what was seen first. None at all says that nobody knows now. */
  #hasDeclaredCount(): boolean {
    const is = this.#options.ends.all().length;
    if (is === 0) return true;
    this.#declared ??= is;
    return is === this.#declared;
  }

  #countDiffers(): BanyanError {
    const { topic, ends } = this.#options;
    return partitionCountDiffers(topic, ends.all().length, this.#declared ?? 0);
  }

  #position(partition: number): bigint {
    return this.#workers.get(partition)?.position ?? this.#lastKnown.get(partition) ?? 0n;
  }

  #end(partition: number, position: bigint): bigint {
    const high = this.#options.ends.of(partition)?.high ?? position;
    return high > position ? high : position;
  }

  #noteBehind(partition: number): void {
    const position = this.#position(partition);
    if (this.#end(partition, position) <= position) this.#behindSinceMs.delete(partition);
    else if (!this.#behindSinceMs.has(partition)) this.#behindSinceMs.set(partition, this.#options.clock.monotonic());
  }

  /** Records that were fetched know their age; of those that were not, we know since when they are missing. */
  #behindMs(partition: number, worker: PartitionWorker, behind: boolean): number {
    if (!behind) return 0;
    const { clock } = this.#options;
    const since = this.#behindSinceMs.get(partition);
    const noticed = since === undefined ? 0 : clock.monotonic() - since;
    const oldest = worker.oldestTimestampMs;
    return oldest === undefined ? noticed : Math.max(0, clock.now() - oldest);
  }
}
