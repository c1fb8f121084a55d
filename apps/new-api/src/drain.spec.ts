import { describe, expect, it } from '@jest/globals';
import { createDrain, unless } from './drain.js';

const never = () => new Promise<string>(() => undefined);

describe('the drain', () => {
  it('ends what waits some time after it has begun, and says at once that it has', async () => {
    const drain = createDrain(5);
    const waits = unless(drain.due, never(), () => 'nobody knows');
    drain.begin();
    drain.begin();
    expect([drain.begun.aborted, drain.due.aborted]).toEqual([true, false]);
    expect(await waits).toBe('nobody knows');
    // Whoever comes later is not kept either.
    expect(await unless(drain.due, never(), () => 'nobody knows')).toBe('nobody knows');
  });

  it('leaves what ends by itself alone', async () => {
    const { due } = createDrain();
    expect(await unless(due, Promise.resolve('done'), () => 'nobody knows')).toBe('done');
    await expect(unless(due, Promise.reject(new Error('no')), () => 'nobody knows')).rejects.toThrow('no');
  });

  it('may end it with an error', async () => {
    const drain = createDrain(0);
    drain.begin();
    const refuse = (): never => {
      throw new Error('it stops');
    };
    await expect(unless(drain.due, never(), refuse)).rejects.toThrow('it stops');
  });
});
