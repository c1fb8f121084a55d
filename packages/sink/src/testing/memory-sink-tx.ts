import type { Clock } from '@banyan/core';
import type { MemoryTx } from '@banyan/postgres/testing';
import { tallyOf } from '../books.js';
import type { SinkTx } from '../sink-store.js';
import { enterBooks } from './memory-books.js';
import * as parked from './memory-parked.js';
import * as positions from './memory-positions.js';
import { memoryRepairTx } from './memory-repairs.js';
import { readStates, saveStates } from './memory-states.js';

export interface MemoryPlace {
  readonly schema: string;
  readonly consumer: string;
  readonly clock: Pick<Clock, 'now'>;
}

export function memorySinkTx(tx: MemoryTx, { schema, consumer, clock }: MemoryPlace): SinkTx<MemoryTx> {
  return {
    handle: tx,
    ...memoryRepairTx(tx, { consumer, nowMs: () => clock.now() }),
    takePosition: (move) => positions.takePosition(tx, consumer, move),
    lockPosition: (partition) => positions.lockPosition(tx, consumer, partition),
    saveAuthority: (partition, authority) => positions.saveAuthority(tx, consumer, partition, authority),
    notifyPosition: async (partition, next, tally = tallyOf({})) => {
      await tx.run('notifyPosition', (rows) => enterBooks(rows, { consumer, partition, tally }));
      tx.notify(`${schema}_projected`, `${consumer}:${partition}:${next}`);
    },
    readStates: (keys) => readStates(tx, consumer, keys),
    saveStates: (states) => saveStates(tx, consumer, states),
    saveParked: (records) => parked.saveParked(tx, { consumer, nowMs: clock.now() }, records),
    closeParked: (closings) => parked.closeParked(tx, { consumer, nowMs: clock.now() }, closings),
    loadParked: (key) => tx.run('loadParked', (rows) => parked.storedParked(rows, consumer, key)),
    releaseParked: (ids) => parked.releaseParked(tx, consumer, ids),
    restateParked: (held, reason) => parked.restateParked(tx, consumer, held, reason),
    parkedBecause: (id, error) => parked.parkedBecause(tx, consumer, id, error),
    attempt: (work) => attempt(tx, work),
  };
}

async function attempt<F extends Error>(tx: MemoryTx, work: () => Promise<F | undefined>): Promise<F | undefined> {
  await tx.run('savepoint', () => undefined);
  let failure: F | undefined;
  try {
    await tx.savepoint(async () => {
      failure = await work();
      if (failure !== undefined) throw failure;
    });
  } catch (error) {
    if (failure === undefined || error !== failure) throw error;
  }
  await tx.run(failure === undefined ? 'release savepoint' : 'rollback to savepoint', () => undefined);
  return failure;
}
