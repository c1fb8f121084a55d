import type { Pause } from '@banyan/control';
import type { RunningConsumer, SliceHandler } from '@banyan/kafka';
import type { ParkedEntry } from '@banyan/postgres';
import {
  type BooksReport,
  booksReport,
  type Lag,
  lagOf,
  type PartitionBooks,
  type PartitionTally,
  type Replayed,
  type SinkStatus,
  type Standing,
} from '@banyan/sink';

/** One of this app's consumers: an entity's, or that of the receipts. */
export interface ProjectorConsumer {
  /** `order`, `receipts`. */
  readonly name: string;
  /** In the control log, and to operators: `v2-projector.order`. */
  readonly controlName: string;
  readonly topic: string;
  readonly group: string;
  readonly handler: SliceHandler;
  stored(): Promise<SinkStatus>;
  standing(): Promise<Standing>;
  books(): Promise<readonly PartitionBooks[]>;
  tallies(): Promise<readonly PartitionTally[]>;
  parked(key?: string): Promise<readonly ParkedEntry[]>;
  replay(key: string): Promise<Replayed>;
}

/** A consumer as `/internal/status` reports it. */
export interface ConsumerReport extends Lag {
  readonly consumer: string;
  readonly group: string;
  readonly state: ReturnType<RunningConsumer['state']> | 'waiting';
  readonly parked: number;
  readonly waiting: number;
  readonly invalid: number;
  readonly lastError: string | null;
  /** Who holds it, since when and why, as the control log says; null = nobody. */
  readonly paused: Pause | null;
  readonly authority: SinkStatus['authority'];
  /** What became of every record. */
  readonly books: BooksReport;
}

/** What is known of a consumer by other ways than its store. */
export interface Known {
  /** undefined = the app has not come so far yet. */
  readonly running: RunningConsumer | undefined;
  readonly paused: Pause | undefined;
}

export function reportOf(
  consumer: ProjectorConsumer,
  { running, paused }: Known,
  stored: SinkStatus,
  books: readonly PartitionBooks[],
): ConsumerReport {
  const { parked, waiting, invalid, authority } = stored;
  return {
    consumer: consumer.name,
    group: consumer.group,
    state: running?.state() ?? 'waiting',
    ...lagOf(running),
    parked,
    waiting,
    invalid,
    lastError: running?.lastError()?.message ?? null,
    paused: paused ?? null,
    authority,
    books: booksReport(books),
  };
}
