import { expect, it } from '@jest/globals';
import { openLoop } from './open-loop.js';

it('an open loop begins each one when it is due, whatever the ones before take', async () => {
  // Timers that are set behind a long turn of the event loop fire too early.
  const turn = performance.now();
  while (performance.now() < turn + 12) {}
  const begun = performance.now();
  const at: number[] = [];
  await openLoop({ perSecond: 200, count: 21 }, () => {
    at.push(performance.now() - begun);
  });
  expect(at).toHaveLength(21);
  // Never early; how late is up to the machine.
  expect(at.every((ms, index) => ms >= index * 5 - 0.001)).toBe(true);
});
