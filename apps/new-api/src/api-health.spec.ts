import { report } from '@banyan/service';
import { describe, expect, it } from '@jest/globals';
import { apiHealth } from './api-health.js';

interface Given {
  readonly away?: string;
  readonly triedMs?: number;
  readonly caughtUp?: boolean;
  readonly error?: Error;
}

const health = ({ away, triedMs = 0, caughtUp = true, error }: Given) =>
  apiHealth({
    writer: { away: () => away },
    control: { sinceTriedMs: () => triedMs, caughtUp: () => caughtUp, lastError: () => error },
  });

describe('apiHealth', () => {
  it.each<[string, Given, 'ok' | 'failed', 'ok' | 'failed']>([
    ['runs', {}, 'ok', 'ok'],
    ['cannot write, Kafka being away', { away: 'a record waits for Kafka since 11 s' }, 'ok', 'failed'],
    ['has not read the control log yet', { caughtUp: false, error: new Error('away') }, 'ok', 'failed'],
    ['cannot read the control log now, and tries', { error: new Error('away'), triedMs: 3_000 }, 'ok', 'ok'],
    ['does not try to read the control log any more', { triedMs: 20_001 }, 'failed', 'ok'],
  ])('an API that %s', async (_, given, live, ready) => {
    expect((await report(health(given), 'live')).status).toBe(live);
    expect((await report(health(given), 'ready')).status).toBe(ready);
  });
});
