import { BanyanError, newId, systemClock, type Timers } from '@banyan/core';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { register } from '../instance/incarnations.js';
import { createJournal } from '../store/journal.js';
import type { PorterStatements, PorterStore } from '../store/porter-store.js';
import type { Work } from '../store/work.js';
import { memoryWorld } from '../testing/memory-world.js';
import type { PorterWorld } from '../testing/porter-world.js';
import { Sends } from '../testing/sends.js';
import { PATH, ThingsRig } from '../testing/things.js';
import type { TargetResult } from './pace.js';
import { sendWork } from './send-work.js';

/** Nothing waits. */
const timers: Timers = {
  after: (_, work) => {
    queueMicrotask(work);
    return () => undefined;
  },
};

let world: PorterWorld;
let sends: Sends;
let rig: ThingsRig;

beforeEach(async () => {
  world = memoryWorld();
  rig = new ThingsRig();
  sends = new Sends(world.store, rig.port, await register(world.store, 'porter-0'));
});

const send = async (
  work: Work,
  store: PorterStore = world.store,
  onAnswered: () => void = () => {},
): Promise<TargetResult | undefined> => {
  let target: TargetResult | undefined;
  await sendWork({
    store,
    holder: sends.holder,
    journal: createJournal(store, sends.holder),
    ports: new Map([[rig.port.consumer, rig.port]]),
    clock: systemClock,
    timers,
    mayWrite: () => true,
    stopping: new AbortController().signal,
    onVerdict: () => {},
  })(work, {
    enter: async () => 'entered',
    answered: (result) => {
      target = result;
      onAnswered();
    },
  });
  return target;
};

/** A store that refuses, or tells of, some of what its transactions write. */
const meddling = (what: (tx: PorterStatements) => Partial<PorterStatements>): PorterStore => ({
  ...world.store,
  transaction: (work) => world.store.transaction((tx) => work({ ...tx, ...what(tx) })),
});
const refused = async (): Promise<never> => {
  throw new Error('a row is refused');
};

describe('a send', () => {
  it('ends with its result written, and tells what legacy said', async () => {
    await sends.add([newId(), 1]);
    expect(await send(await sends.claimOne())).toEqual({ type: 'ok' });
    expect([await world.work(), await world.intents()]).toMatchObject([[], [{ state: 'closed', outcome: 'ported' }]]);
    expect(rig.legacy.rows(PATH)).toHaveLength(1);
  });

  it('tells what legacy said before its result is written: the target is not kept waiting for the store', async () => {
    await sends.add([newId(), 1]);
    const order: string[] = [];
    const watched = meddling((tx) => ({
      finishWork: (work) => {
        order.push('written');
        return tx.finishWork(work);
      },
    }));
    await send(await sends.claimOne(), watched, () => order.push('answered'));
    expect(order).toEqual(['answered', 'written']);
  });

  it('has its result written again while the store is away', async () => {
    await sends.add([newId(), 1]);
    let tries = 0;
    const away = meddling((tx) => ({
      finishWork: async (work) => {
        tries += 1;
        if (tries < 3) throw new BanyanError('POSTGRES_UNAVAILABLE', 'away', { retryable: true });
        return tx.finishWork(work);
      },
    }));
    await send(await sends.claimOne(), away);
    expect([tries, await world.work(), rig.legacy.rows(PATH).length]).toEqual([3, [], 1]);
  });

  it('is over when only the answer to its end was lost: the repeat finds its claim gone', async () => {
    await sends.add([newId(), 1]);
    const work = await sends.claimOne();
    // Of the opening and the end.
    let answers = 0;
    const store = world.losing(() => {
      answers += 1;
      return answers === 2;
    });
    await expect(send(work, store)).rejects.toMatchObject({ code: 'PORTER_CLAIM_LOST' });
    expect([await world.work(), rig.legacy.rows(PATH).length]).toEqual([[], 1]);
  });
});

describe('a send whose result cannot be written', () => {
  it('is left as unclear, with the reason, and finds out from legacy', async () => {
    await sends.add([newId(), 1]);
    await send(
      await sends.claimOne(),
      meddling(() => ({ addReceipts: refused })),
    );
    expect(await world.work()).toMatchObject([
      { state: 'ready', claimedBy: null, errorMessage: expect.stringContaining('the result could not be written') },
    ]);
    await world.pass(1_000);
    await send(await sends.claimOne());
    expect(await world.work()).toEqual([]);
    expect(rig.legacy.rows(PATH)).toHaveLength(1);
  });

  it('is given back, as unclear, when not even the reason can be written', async () => {
    await sends.add([newId(), 1]);
    rig.legacy.failNext('POST', { type: 'answer', status: 422 });
    const wordless = meddling((tx) => ({
      releaseWork: (work, to) => (to.message === undefined ? tx.releaseWork(work, to) : refused()),
    }));
    await expect(send(await sends.claimOne(), wordless)).rejects.toThrow('a row is refused');
    expect(await world.work()).toMatchObject([{ state: 'ready', claimedBy: null, attempts: 1 }]);
    expect(await world.intents()).toMatchObject([{ state: 'unclear', mayHaveArrived: true }]);
  });
});
