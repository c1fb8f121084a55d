import type { RunningConsumer } from '@banyan/kafka';
import type { HealthCheck, HealthResult } from '@banyan/service';

/** A consumer that has tried no fetch for so long hangs (P12). */
const HANGING_MS = 20_000;

export interface Observed {
  readonly consumers: readonly RunningConsumer[];
  /** What the start waits for; undefined = it is done. */
  readonly waitsFor: string | undefined;
  /** A later incarnation runs under this instance's name. */
  readonly replaced: boolean;
  /** The lease is held: PostgreSQL answered lately. */
  readonly holds: boolean;
}

/** Legacy being away is neither: the porter takes in, waits, and others still ask it for links. */
export function porterHealth(observe: () => Observed): HealthCheck {
  return {
    name: 'porter',
    live: () => {
      const { consumers, replaced } = observe();
      const why = consumers.flatMap(deadness);
      return verdict(replaced ? ['another process came up under this instance name', ...why] : why);
    },
    ready: () => {
      const { consumers, waitsFor, holds } = observe();
      if (waitsFor !== undefined) return { ok: false, reason: `waits to ${waitsFor}` };
      const why = consumers.flatMap(unreadiness);
      return verdict(holds ? why : ['the lease has lapsed: PostgreSQL does not answer', ...why]);
    },
  };
}

function deadness(consumer: RunningConsumer): readonly string[] {
  const state = consumer.state();
  if (state === 'crashed') return [`${consumer.group} crashed: ${consumer.lastError()?.message ?? 'unknown'}`];
  const silentMs = consumer.sinceFetchTriedMs();
  if (state === 'stopping' || state === 'stopped' || silentMs <= HANGING_MS) return [];
  return [`${consumer.group} has tried no fetch for ${Math.round(silentMs / 1_000)} s`];
}

function unreadiness(consumer: RunningConsumer): readonly string[] {
  if (consumer.state() !== 'running') return [`${consumer.group} is ${consumer.state()}`];
  const error = consumer.lastError();
  return error === undefined ? [] : [`${consumer.group}: ${error.message}`];
}

function verdict(problems: readonly string[]): HealthResult {
  return problems.length === 0 ? { ok: true } : { ok: false, reason: problems.join('; ') };
}
