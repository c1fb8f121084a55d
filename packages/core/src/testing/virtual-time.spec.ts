import { describe, expect, it } from '@jest/globals';
import { sleep } from '../timers.js';
import { VirtualTime } from './virtual-time.js';

describe('virtual time', () => {
  it('goes on by itself to what is due first, in the order of asking', async () => {
    const time = new VirtualTime();
    const order: string[] = [];
    const begun = time.now();
    time.after(20, () => order.push(`c ${time.monotonic()}`));
    time.after(10, () => order.push(`a ${time.monotonic()}`));
    time.after(10, () => order.push(`b ${time.now() - begun}`));
    const callOff = time.after(5, () => order.push('never'));
    callOff();
    await time.pass(19);
    expect([order, time.monotonic()]).toEqual([['a 10', 'b 10'], 19]);
    await time.until(() => order.length === 3);
    expect([order[2], time.monotonic()]).toEqual(['c 20', 20]);
  });

  it('wakes who sleeps, and who sleeps again', async () => {
    const time = new VirtualTime();
    let slept = 0;
    void (async () => {
      for (;;) {
        await sleep(1_000, time);
        slept += 1;
      }
    })();
    await time.pass(5_500);
    expect(slept).toBe(5);
    await expect(time.until(() => slept > 10, 2_000)).rejects.toThrow('never became so');
  });
});
