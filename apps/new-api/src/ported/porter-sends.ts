import { BanyanError } from '@banyan/core';
import { request } from 'undici';

/** As the porter's `/internal/sends` gives it. */
export interface SendReport {
  readonly state:
    | 'ported'
    | 'waiting'
    | 'sending'
    | 'refused'
    | 'parked'
    | 'in-doubt'
    | 'port-off'
    | 'discarded'
    | 'not-configured';
  readonly legacyId: string | null;
  readonly errorCode: string | null;
  readonly message: string | null;
  /** `refused` only: legacy's own. */
  readonly status?: number;
  readonly words?: string;
}

/** Which event is asked about, by the version that it made. */
export interface SendAsked {
  readonly entity: string;
  readonly key: string;
  readonly version: number;
  /** Default: the entity's primary port. */
  readonly port?: string;
}

/** What became of events at the ports of an entity. */
export interface PorterSends {
  /** Throws `API_PORTER_AWAY` (retryable). */
  send(asked: SendAsked, timeoutMs: number): Promise<SendReport>;
}

/** @param url of the porter's internal API */
export function createPorterSends(url: string): PorterSends {
  const base = url.replace(/\/$/, '');
  return {
    send: async ({ entity, key, version, port }, timeoutMs) => {
      const query = new URLSearchParams({
        entity,
        key,
        version: String(version),
        ...(port === undefined ? {} : { port }),
      });
      // Takes whole milliseconds only.
      const signal = AbortSignal.timeout(Math.max(1, Math.ceil(timeoutMs)));
      try {
        const answer = await request(`${base}/internal/sends?${query}`, { signal });
        const text = await answer.body.text();
        if (answer.statusCode !== 200) throw new Error(`HTTP ${answer.statusCode}: ${text.slice(0, 300)}`);
        return JSON.parse(text) as SendReport;
      } catch (cause) {
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new BanyanError('API_PORTER_AWAY', `The porter did not say what became of ${entity} ${key}: ${why}.`, {
          retryable: true,
          data: { entity, key, version },
          cause,
        });
      }
    },
  };
}
