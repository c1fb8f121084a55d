import { type ControlState, type Pause, type ResyncReport, resyncReport } from '@banyan/control';
import type { RunningConsumer, SliceHandler } from '@banyan/kafka';
import type { ClosedEntry, ParkedEntry, UnlikeKey } from '@banyan/postgres';
import {
  type BooksReport,
  booksReport,
  type DiscardOrder,
  type Lag,
  lagOf,
  type PartitionBooks,
  type PartitionTally,
  type Replayed,
  type ResyncProgress,
  type RunResyncOptions,
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
  /** What stood and never goes on, the last first; of a key, or of all. */
  closed(key?: string): Promise<readonly ClosedEntry[]>;
  replay(key: string): Promise<Replayed>;
  /** Undefined where nothing is ever parked but what blocks nobody. */
  readonly repairs?: Repairs;
}

/** What people may do with the keys of an entity. */
export interface Repairs {
  discard(order: DiscardOrder): Promise<Replayed>;
  unlike(key?: string): Promise<readonly UnlikeKey[]>;
  /** Makes the rows of the next keys anew; as `resyncBatch`. */
  batch: RunResyncOptions['batch'];
  progress(): Promise<ResyncProgress | undefined>;
}

/** A consumer as `/internal/status` reports it. */
export interface ConsumerReport extends Lag {
  readonly consumer: string;
  readonly group: string;
  readonly state: ReturnType<RunningConsumer['state']> | 'waiting';
  readonly parked: number;
  readonly waiting: number;
  readonly invalid: number;
  /** Keys whose rows are not what their state says. */
  readonly unlike: number;
  /** The last that somebody asked for; null = nobody ever did. */
  readonly resync: ResyncReport | null;
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
  readonly control: ControlState;
  /** How far it has come with the last resync. */
  readonly progress: ResyncProgress | undefined;
}

export function reportOf(
  consumer: ProjectorConsumer,
  { running, paused, control, progress }: Known,
  stored: SinkStatus,
  books: readonly PartitionBooks[],
): ConsumerReport {
  const { parked, waiting, invalid, unlike, authority } = stored;
  return {
    consumer: consumer.name,
    group: consumer.group,
    state: running?.state() ?? 'waiting',
    ...lagOf(running),
    parked,
    waiting,
    invalid,
    unlike,
    resync: resyncReport(control, consumer.controlName, progress) ?? null,
    lastError: running?.lastError()?.message ?? null,
    paused: paused ?? null,
    authority,
    books: booksReport(books),
  };
}
