import { type ControlState, type Pause, type ResyncReport, resyncReport } from '@banyan/control';
import type { RunningConsumer } from '@banyan/kafka';
import {
  type BooksReport,
  booksReport,
  type Lag,
  lagOf,
  type PartitionBooks,
  type ResyncProgress,
  type Sink,
  type SinkStatus,
} from '@banyan/sink';
import { compareAndSetWindowOf } from '@banyan/transformer';
import type { WorkCounts } from './internal/reads.js';
import type { PorterRepairs } from './repairs/porter-repairs.js';
import type { SendingPort } from './sending/sending-port.js';
import { controlName } from './switches/settings.js';

/** One port of one entity: its intake from the log, and where it sends. */
export interface PorterConsumer {
  /** `order.backend` */
  readonly name: string;
  readonly topic: string;
  readonly group: string;
  readonly sink: Sink;
  readonly port: SendingPort;
  readonly repairs: PorterRepairs;
  /** Where it sends, as `PorterTarget` names it. */
  readonly target: string;
}

/** A consumer as `/internal/status` reports it. */
export interface ConsumerReport extends Lag {
  readonly consumer: string;
  readonly group: string;
  readonly target: string;
  readonly state: ReturnType<RunningConsumer['state']> | 'starting';
  /** Keys that stand: their state, or a send of theirs. */
  readonly parked: number;
  /** Sends that wait for another entity's link. */
  readonly waiting: number;
  readonly inDoubt: number;
  /** All sends that are not done. */
  readonly work: number;
  readonly oldestWorkSeconds: number;
  readonly invalid: number;
  /** Keys of which legacy's row is not what their state says. */
  readonly unlike: number;
  /** The last re-port that somebody asked for; null = nobody ever did. */
  readonly resync: ResyncReport | null;
  readonly lastError: string | null;
  /** Who holds it, its sends too, since when and why, as the control log says; null = nobody. */
  readonly paused: Pause | null;
  /** Under way in this process, and how many may be. */
  readonly sends: Sends;
  readonly compareAndSetWindow: string;
  /** What became of every record in the intake; what became of a send is told by its work, its journal and its receipt. */
  readonly books: BooksReport;
}

/** Sends of one port in this process. */
export interface Sends {
  readonly inFlight: number;
  /** At most; where it is not the port's own, together with the others that have none. */
  readonly limit: number;
  readonly own: boolean;
}

/** What is known of a consumer by other ways than the store. */
export interface Known {
  /** undefined = the app has not come so far yet. */
  readonly running: RunningConsumer | undefined;
  readonly paused: Pause | undefined;
  readonly sends: Sends;
  readonly books: readonly PartitionBooks[];
  readonly control: ControlState;
  readonly progress: ResyncProgress | undefined;
}

export function reportOf(
  consumer: PorterConsumer,
  { running, paused, sends: flying, books, control, progress }: Known,
  stored: SinkStatus,
  sends: WorkCounts,
): ConsumerReport {
  return {
    consumer: consumer.name,
    group: consumer.group,
    target: consumer.target,
    state: running?.state() ?? 'starting',
    ...lagOf(running),
    parked: stored.parked + sends.parked,
    waiting: sends.waiting,
    inDoubt: sends.inDoubt,
    work: sends.work,
    oldestWorkSeconds: sends.oldestMs / 1_000,
    invalid: stored.invalid,
    unlike: stored.unlike,
    resync: resyncReport(control, controlName(consumer.name), progress) ?? null,
    lastError: running?.lastError()?.message ?? sends.retrying,
    paused: paused ?? null,
    sends: flying,
    compareAndSetWindow: compareAndSetWindowOf(consumer.port.definition),
    books: booksReport(books),
  };
}
