import type { RunningConsumer } from '@banyan/kafka';

/** How far a consumer is behind, in the partitions that this process owns; as `/internal/status` reports it. */
export interface Lag {
  readonly lag: readonly { partition: number; position: number; end: number; behindMs: number }[];
  readonly lagRecords: number;
  readonly lagSeconds: number;
}

/** @param running undefined = the app has not come so far yet */
export function lagOf(running: Pick<RunningConsumer, 'lag'> | undefined): Lag {
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
