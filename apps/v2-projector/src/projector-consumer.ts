import type { RunningConsumer, SliceHandler } from '@banyan/kafka';
import type { ParkedEntry } from '@banyan/postgres';
import type { Replayed, SinkStatus } from '@banyan/sink';

/** One of this app's consumers: an entity's, or that of the receipts. */
export interface ProjectorConsumer {
  /** `order`, `receipts`. */
  readonly name: string;
  readonly topic: string;
  readonly group: string;
  readonly handler: SliceHandler;
  stored(): Promise<SinkStatus>;
  parked(): Promise<readonly ParkedEntry[]>;
  replay(key: string): Promise<Replayed>;
}

/** A consumer as `/internal/status` reports it. */
export interface ConsumerReport {
  readonly consumer: string;
  readonly group: string;
  readonly state: ReturnType<RunningConsumer['state']> | 'waiting';
  readonly lag: readonly { partition: number; position: number; end: number; behindMs: number }[];
  readonly lagRecords: number;
  readonly lagSeconds: number;
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
  const lag = lagOf(running);
  const { parked, waiting, invalid, authority } = stored;
  return {
    consumer: consumer.name,
    group: consumer.group,
    state: running?.state() ?? 'waiting',
    ...lag,
    parked,
    waiting,
    invalid,
    lastError: running?.lastError()?.message ?? null,
    authority,
  };
}

/** How far a consumer is behind, in the partitions this process owns. */
export function lagOf(running: RunningConsumer | undefined): Pick<ConsumerReport, 'lag' | 'lagRecords' | 'lagSeconds'> {
  const lag = (running?.lag() ?? []).map(({ partition, position, end, behindMs }) => ({
    partition,
    position: Number(position),
    end: Number(end),
    behindMs,
  }));
  return {
    lag,
    lagRecords: lag.reduce((sum, { position, end }) => sum + end - position, 0),
    lagSeconds: lag.reduce((most, { behindMs }) => Math.max(most, behindMs), 0) / 1_000,
  };
}
