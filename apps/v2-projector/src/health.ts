import type { RunningConsumer } from '@banyan/kafka';
import type { HealthResult } from '@banyan/service';

/** A consumer that has tried no fetch for so long hangs (promise P12). */
const HANGING_MS = 20_000;

type Watched = Pick<RunningConsumer, 'group' | 'state' | 'lastError' | 'sinceFetchTriedMs'>;

/**
 * What only a restart can mend: a consumer that crashed or hangs. Consumers whose fetches fail because something
 * is away are alive: a restart would not bring it back.
 */
export function liveness(consumers: readonly Watched[]): HealthResult {
  return verdict(
    consumers.flatMap((consumer) => {
      const state = consumer.state();
      if (state === 'crashed') return [`${consumer.group} crashed: ${consumer.lastError()?.message ?? 'unknown'}`];
      const silentMs = consumer.sinceFetchTriedMs();
      if (state === 'stopping' || state === 'stopped' || silentMs <= HANGING_MS) return [];
      return [`${consumer.group} has tried no fetch for ${Math.round(silentMs / 1_000)} s`];
    }),
  );
}

/** @param waitsFor what the start waits for; undefined = everything has been started */
export function readiness(consumers: readonly Watched[], waitsFor: string | undefined): HealthResult {
  if (waitsFor !== undefined) return { ok: false, reason: `waits: ${waitsFor}` };
  return verdict(
    consumers.flatMap((consumer) => {
      const error = consumer.lastError();
      const why = error === undefined ? '' : `: ${error.message}`;
      return consumer.state() === 'running' && error === undefined
        ? []
        : [`${consumer.group} is ${consumer.state()}${why}`];
    }),
  );
}

function verdict(problems: readonly string[]): HealthResult {
  return problems.length === 0 ? { ok: true } : { ok: false, reason: problems.join('; ') };
}
