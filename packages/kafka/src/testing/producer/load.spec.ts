import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from '@jest/globals';
import type { Arm } from './arms.js';
import { AckLedger } from './ledger.js';
import { Load } from './load.js';

const BROKEN: Arm = {
  send: (records) => records.map(() => Promise.reject(new Error('broken for good'))),
  rebuilds: () => 0,
  close: async () => undefined,
};

it('leaves time for all else when the producer refuses at once', async () => {
  const ledger = new AckLedger('any');
  const load = new Load(BROKEN, ledger);
  load.start();
  await delay(1);
  await load.stop();
  expect([ledger.sent.length > 0, ledger.acknowledged]).toEqual([true, 0]);
});
