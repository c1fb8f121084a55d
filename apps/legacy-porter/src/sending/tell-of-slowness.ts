import type { Clock } from '@banyan/core';
import type { Log } from '@banyan/service';
import type { PorterMetrics } from '../porter-metrics.js';
import type { Slowness } from './slowness.js';

/** The same word about a target comes once in so long: one that flaps would fill the log. The counter has them all. */
const QUIET_MS = 10_000;

export interface SlownessTold {
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly logger: Pick<Log, 'info' | 'warn'>;
  readonly metrics: Pick<PorterMetrics, 'slowed'>;
}

/** Counts and logs when a target begins to be driven slower, why, and when it is no longer. */
export function tellOfSlowness({ clock, logger, metrics }: SlownessTold) {
  const toldAtMs = new Map<string, number>();
  return (target: string, slow: Slowness | undefined): void => {
    const reason = slow?.reason ?? 'full';
    if (slow !== undefined) metrics.slowed(target, slow.reason);
    const nowMs = clock.monotonic();
    const last = toldAtMs.get(`${target} ${reason}`) ?? Number.NEGATIVE_INFINITY;
    if (nowMs - last < QUIET_MS) return;
    toldAtMs.set(`${target} ${reason}`, nowMs);
    if (slow === undefined) logger.info({ target }, `${target} is driven as hard as it may be again`);
    else logger.warn({ target, reason }, slow.words);
  };
}
