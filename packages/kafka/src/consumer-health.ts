import type { RunningConsumer } from './event-log.js';

/** A consumer that has tried no fetch for so long is dead (promise P12), milliseconds: whatever it waits for is bounded below that. */
export const HANGING_MS = 20_000;

export type WatchedConsumer = Pick<RunningConsumer, 'group' | 'state' | 'lastError' | 'sinceFetchTriedMs'>;

/** In the form of a health check's answer. */
export interface Vitality {
  readonly ok: boolean;
  /** For a person: what is wrong. */
  readonly reason?: string;
}

/**
 * Whether only a restart can mend it: a consumer that crashed, that stopped although nobody stops the app, or that hangs. One whose fetches
 * fail since something is away is alive: a restart would not bring that back. To be asked of an app that is not stopping.
 */
export function consumersLive(consumers: readonly WatchedConsumer[]): Vitality {
  return vitality(
    consumers.flatMap((consumer) => {
      const { group } = consumer;
      const state = consumer.state();
      if (state === 'crashed') return [`${group} crashed: ${consumer.lastError()?.message ?? 'unknown'}`];
      if (state === 'stopped') return [`${group} has stopped`];
      const silentMs = consumer.sinceFetchTriedMs();
      return silentMs > HANGING_MS ? [`${group} has tried no fetch for ${Math.round(silentMs / 1_000)} s`] : [];
    }),
  );
}

/** Whether they read, and what they read can be handled. One that is paused is where somebody wants it: no more traffic to keep off it. */
export function consumersReady(consumers: readonly WatchedConsumer[]): Vitality {
  return vitality(
    consumers.flatMap((consumer) => {
      const error = consumer.lastError();
      const why = error === undefined ? '' : `: ${error.message}`;
      const isReading = ['running', 'paused'].includes(consumer.state()) && error === undefined;
      return isReading ? [] : [`${consumer.group} is ${consumer.state()}${why}`];
    }),
  );
}

/** ok = all of them are; else what is wrong with each. */
export function together(...of: readonly Vitality[]): Vitality {
  return vitality(of.flatMap(({ ok, reason }) => (ok ? [] : [reason ?? 'unknown'])));
}

/** ok = there are no problems. */
export function vitality(problems: readonly string[]): Vitality {
  return problems.length === 0 ? { ok: true } : { ok: false, reason: problems.join('; ') };
}
