import type { RunningConsumer } from '@banyan/kafka';
import { describe, expect, it } from '@jest/globals';
import { type Observed, porterHealth } from './porter-health.js';

const consumer = (state: ReturnType<RunningConsumer['state']>) =>
  ({ group: 'g', state: () => state, lastError: () => undefined, sinceFetchTriedMs: () => 0 }) as RunningConsumer;
const good: Observed = {
  consumers: [consumer('running')],
  controlTriedMs: 0,
  controlUnread: undefined,
  waitsFor: undefined,
  replaced: false,
  refusal: undefined,
  holds: true,
  stopping: false,
};

describe('porterHealth', () => {
  it.each<[string, Partial<Observed>, boolean, boolean]>([
    ['runs', {}, true, true],
    ['waits for PostgreSQL at its start', { waitsFor: 'register', holds: false, consumers: [] }, true, false],
    ['has lost its lease for now', { holds: false }, true, false],
    ['was replaced', { replaced: true, holds: false }, false, false],
    [
      'has a database that it must not send from',
      { refusal: 'parts of different days', waitsFor: 'start' },
      false,
      false,
    ],
    ['has a consumer that crashed', { consumers: [consumer('running'), consumer('crashed')] }, false, false],
    ['does not hear of switched ports any more', { controlTriedMs: 20_001 }, false, true],
    ['cannot tell what is paused', { controlUnread: 'no such topic', consumers: [consumer('paused')] }, true, false],
    ['is paused', { consumers: [consumer('paused')] }, true, true],
    ['stops', { stopping: true, consumers: [consumer('stopped')] }, true, false],
    ['stops after it was replaced', { stopping: true, replaced: true, holds: false }, false, false],
  ])('a porter that %s', async (_, over, live, ready) => {
    const health = porterHealth(() => ({ ...good, ...over }));
    expect((await health.live?.())?.ok).toBe(live);
    expect((await health.ready?.())?.ok).toBe(ready);
  });
});
