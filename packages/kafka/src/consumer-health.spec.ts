import { describe, expect, it } from '@jest/globals';
import { consumersLive, consumersReady } from './consumer-health.js';
import type { RunningConsumer } from './event-log.js';

interface Given {
  readonly state?: ReturnType<RunningConsumer['state']>;
  readonly error?: Error;
  readonly silentMs?: number;
}

function consumer({ state = 'running', error, silentMs = 0 }: Given) {
  return { group: 'v2-projector.order', state: () => state, lastError: () => error, sinceFetchTriedMs: () => silentMs };
}

const away = new Error('PostgreSQL does not answer now');

describe('health of consumers', () => {
  it.each<[string, Given, boolean, boolean]>([
    ['runs', {}, true, true],
    ['is paused', { state: 'paused' }, true, true],
    ['hangs while it is paused', { state: 'paused', silentMs: 20_001 }, false, true],
    ['has just begun', { state: 'starting' }, true, false],
    ['waits for its group', { state: 'rebalancing' }, true, false],
    ['cannot write, since PostgreSQL is away', { error: away }, true, false],
    ['tries fetches that fail', { state: 'rebalancing', error: away, silentMs: 3_000 }, true, false],
    ['crashed', { state: 'crashed', error: away }, false, false],
    ['stopped although nobody stops the app', { state: 'stopped' }, false, false],
    ['has tried no fetch for 20 s', { silentMs: 20_000 }, true, true],
    ['has tried no fetch for longer than 20 s', { silentMs: 20_001 }, false, true],
    ['hangs in a rebalance', { state: 'rebalancing', silentMs: 20_001 }, false, false],
  ])('a consumer that %s', (_, given, live, ready) => {
    const others = consumer({});
    expect(consumersLive([others, consumer(given)]).ok).toBe(live);
    expect(consumersReady([others, consumer(given)]).ok).toBe(ready);
  });

  it('says what is wrong, of each', () => {
    const bad = [consumer({ state: 'crashed', error: away }), consumer({ silentMs: 30_000 })];
    expect(consumersLive(bad)).toEqual({
      ok: false,
      reason:
        'v2-projector.order crashed: PostgreSQL does not answer now; v2-projector.order has tried no fetch for 30 s',
    });
    expect(consumersLive([])).toEqual({ ok: true });
  });
});
