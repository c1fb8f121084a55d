import type { RunningConsumer, SliceHandler } from '@banyan/kafka';
import type { ParkedEntry } from '@banyan/postgres';
import { type Lag, lagOf, type Replayed, type SinkStatus, type Standing } from '@banyan/sink';

/** One of this app's consumers: an entity's, or that of the receipts. */
export interface ProjectorConsumer {
  /** `order`, `receipts`. */
  readonly name: string;
  readonly topic: string;
  readonly group: string;
  readonly handler: SliceHandler;
  stored(): Promise<SinkStatus>;
  standing(): Promise<Standing>;
  parked(): Promise<readonly ParkedEntry[]>;
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
  readonly authority: SinkStatus['authority'];
}

/** @param running undefined = the app has not come so far yet */
export function reportOf(
  consumer: ProjectorConsumer,
  running: RunningConsumer | undefined,
  stored: SinkStatus,
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
    authority,
  };
}
