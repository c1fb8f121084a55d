import { describe, expect, it } from '@jest/globals';
import { consumerSubject } from './control-event.js';
import type { Pause } from './control-state.js';
import { obeyPauses } from './obey-pauses.js';
import { inMemoryControl } from './testing/in-memory-control.js';

const PROJECTOR = 'v2-projector.order';
const PORT = 'legacy-porter.order.backend';

function aRig() {
  const control = inMemoryControl();
  const read = Promise.withResolvers<void>();
  let caughtUp = false;
  const runs = new Map<string, 'paused' | 'runs'>();
  const told: (readonly [string, Pause | undefined])[] = [];
  const consumer = (name: string) => ({
    pause: () => void runs.set(name, 'paused'),
    resume: () => void runs.set(name, 'runs'),
  });
  const consumers = new Map([PROJECTOR, PORT].map((name) => [name, consumer(name)]));
  const obeying = obeyPauses({
    control: {
      state: () => control.state(),
      onChange: (listener) => control.onChange(listener),
      follow: () => read.promise,
      caughtUp: () => caughtUp,
    },
    consumers: () => consumers,
    onChange: (name, pause) => told.push([name, pause]),
  });
  const isRead = async () => {
    caughtUp = true;
    read.resolve();
    await new Promise(setImmediate);
  };
  const say = (what: 'ConsumerPaused' | 'ConsumerResumed', name: string) =>
    control.append(
      { type: `banyan.control.v1.${what}`, data: { subject: consumerSubject(name) } },
      { by: 'ann', reason: 'a backup' },
    );
  return { consumers, consumer, obeying, runs, told, isRead, say };
}

describe('obeyPauses', () => {
  it('lets nothing run before the control log was read: a pause may have been said meanwhile', async () => {
    const { runs, isRead, say, obeying } = aRig();
    await say('ConsumerPaused', PORT);
    obeying.look();
    expect(runs.size).toBe(0);
    await isRead();
    expect(Object.fromEntries(runs)).toEqual({ [PROJECTOR]: 'runs', [PORT]: 'paused' });
  });

  it('pauses and resumes the one that is meant, and tells each change once, with who and why', async () => {
    const { runs, told, isRead, say } = aRig();
    await isRead();
    await say('ConsumerPaused', PORT);
    expect(Object.fromEntries(runs)).toEqual({ [PROJECTOR]: 'runs', [PORT]: 'paused' });
    await say('ConsumerPaused', 'v2-projector.product');
    await say('ConsumerResumed', PORT);
    expect(runs.get(PORT)).toBe('runs');
    expect(told).toEqual([
      [PORT, { by: 'ann', at: expect.any(String), reason: 'a backup' }],
      [PORT, undefined],
    ]);
  });

  it('reaches one that comes later, and nobody once it is stopped', async () => {
    const { consumers, consumer, obeying, runs, isRead, say } = aRig();
    await isRead();
    await say('ConsumerPaused', 'v2-projector.product');
    consumers.set('v2-projector.product', consumer('v2-projector.product'));
    obeying.look();
    expect(runs.get('v2-projector.product')).toBe('paused');
    obeying.stop();
    await say('ConsumerPaused', PORT);
    expect(runs.get(PORT)).toBe('runs');
  });
});
