import { expect, it } from '@jest/globals';
import { openLoop } from './open-loop.js';

it('an open loop begins each one when it is due, whatever the ones before take', async () => {
  const begun = performance.now();
  const at: number[] = [];
  await openLoop({ perSecond: 200, count: 21 }, () => {
    at.push(performance.now() - begun);
  });
  expect(at).toHaveLength(21);
  // Never early; how late is up to the machine.
  expect(at.every((ms, index) => ms >= index * 5 - 1.5)).toBe(true);
});
