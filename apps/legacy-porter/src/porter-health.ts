import { controlLive } from '@banyan/control';
import { consumersLive, consumersReady, type RunningConsumer, together, vitality } from '@banyan/kafka';
import type { HealthCheck } from '@banyan/service';

export interface Observed {
  readonly consumers: readonly RunningConsumer[];
  /** Milliseconds since the control log was last tried to be read; ports are switched there. */
  readonly controlTriedMs: number;
  /** Why the control log was not read yet, so that nobody can tell what is paused; undefined = it was. */
  readonly controlUnread: string | undefined;
  /** What the start waits for; undefined = it is done. */
  readonly waitsFor: string | undefined;
  /** A later incarnation runs under this instance's name. */
  readonly replaced: boolean;
  /** Why nothing is sent until a person has mended it. */
  readonly refusal: string | undefined;
  /** The lease is held: PostgreSQL answered lately. */
  readonly holds: boolean;
  /** Consumers are over, as they should be. */
  readonly stopping: boolean;
}

/** Legacy being away is neither: the porter takes in, waits, and others still ask it for links. */
export function porterHealth(observe: () => Observed): HealthCheck {
  return {
    name: 'porter',
    live: () => {
      const { consumers, controlTriedMs, replaced, refusal, stopping } = observe();
      const why = [
        ...(replaced ? ['another process came up under this instance name, or an operator said that it is dead'] : []),
        ...(refusal === undefined ? [] : [refusal]),
      ];
      if (stopping) return vitality(why);
      return together(vitality(why), consumersLive(consumers), controlLive({ sinceTriedMs: () => controlTriedMs }));
    },
    ready: () => {
      const { consumers, waitsFor, controlUnread, refusal, holds } = observe();
      if (refusal !== undefined) return { ok: false, reason: refusal };
      if (waitsFor !== undefined) return { ok: false, reason: `waits to ${waitsFor}` };
      const lapsed = holds ? [] : ['the lease has lapsed: PostgreSQL does not answer'];
      const unread = controlUnread === undefined ? [] : [`waits to read the control log: ${controlUnread}`];
      return together(vitality([...lapsed, ...unread]), consumersReady(consumers));
    },
  };
}
