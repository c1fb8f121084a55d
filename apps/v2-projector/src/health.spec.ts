import type { RunningConsumer } from '@banyan/kafka';
import { describe, expect, it } from '@jest/globals';
import { liveness, readiness } from './health.js';

interface Given {
  readonly state?: ReturnType<RunningConsumer['state']>;
  readonly error?: Error;
  readonly silentMs?: number;
}

function consumer({ state = 'running', error, silentMs = 0 }: Given) {
  return { group: 'v2-projector.order', state: () => state, lastError: () => error, sinceFetchTriedMs: () => silentMs };
}

const away = new Error('PostgreSQL does not answer now');

describe('health', () => {
  it.each<[string, Given, boolean, boolean]>([
    ['runs', {}, true, true],
    ['has just begun', { state: 'starting' }, true, false],
    ['waits for its group', { state: 'rebalancing' }, true, false],
    ['cannot write, since PostgreSQL is away', { error: away }, true, false],
    ['tries fetches that fail', { state: 'rebalancing', error: away, silentMs: 3_000 }, true, false],
    ['crashed', { state: 'crashed', error: away }, false, false],
    ['has tried no fetch for longer than 20 s', { silentMs: 20_001 }, false, true],
    ['is stopping, however long', { state: 'stopping', silentMs: 30_000 }, true, false],
  ])('a consumer that %s', (_, given, live, ready) => {
    const others = consumer({});
    expect(liveness([others, consumer(given)]).ok).toBe(live);
    expect(readiness([others, consumer(given)], undefined).ok).toBe(ready);
  });

  it('is live and not ready while the start waits, and says for what', () => {
    expect(liveness([])).toEqual({ ok: true });
    expect(readiness([], 'PostgreSQL')).toEqual({ ok: false, reason: 'waits: PostgreSQL' });
  });
});
