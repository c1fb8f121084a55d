import { type Control, controlLive } from '@banyan/control';
import type { HealthCheck } from '@banyan/service';
import type { LogWriter } from './log/log-writer.js';

export interface HealthParts {
  readonly writer: Pick<LogWriter, 'away'>;
  readonly control: Pick<Control, 'sinceTriedMs' | 'caughtUp' | 'lastError'>;
}

/** What new-api says of itself beside what its start waits for and the databases. Its one consumer is that of the control log. */
export function apiHealth({ writer, control }: HealthParts): readonly HealthCheck[] {
  return [
    {
      name: 'writes',
      ready: () => {
        const away = writer.away();
        return away === undefined ? { ok: true } : { ok: false, reason: away };
      },
    },
    {
      name: 'control log',
      live: () => controlLive(control),
      ready: () =>
        control.caughtUp() ? { ok: true } : { ok: false, reason: control.lastError()?.message ?? 'not read yet' },
    },
  ];
}
