import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Preparer } from './preparer.js';
import type { GateEntity } from './write-gate.js';
import { type Entered, WriteGates } from './write-gates.js';

const HOLD_MAX_MS = 2_000;
const SETTLE_MS = 3_000;

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

function rig(options: { heldMax?: number; startedAgoMs?: number } = {}) {
  const world = { entity: { opened: false, writeMode: 'legacy' } as GateEntity, registered: true, joined: true };
  const log: string[] = [];
  const view = {
    entity: () => world.entity,
    registered: () => world.registered,
    joined: () => world.joined,
  };
  const shared = { view, settleAfterMs: () => SETTLE_MS };
  const gates = new WriteGates({
    ...shared,
    holdMaxMs: HOLD_MAX_MS,
    heldMax: options.heldMax ?? 10,
    onIdle: () => preparer.review(),
  });
  const clock = { ms: 0, now: () => clock.ms, monotonic: () => clock.ms };
  const preparer = new Preparer({
    ...shared,
    party: 'proxy-0',
    entities: ['order'],
    gates,
    clock,
    saveTable: async () => void log.push('saved'),
    acknowledge: async (_entity, epoch) => {
      log.push(`prepared ${epoch}`);
      change({ ...world.entity, ...(world.entity.move && { move: { ...world.entity.move, prepared: ['proxy-0'] } }) });
    },
    onError: (error) => log.push(String(error)),
  });
  clock.ms = options.startedAgoMs ?? SETTLE_MS;
  const change = (entity: GateEntity): void => {
    world.entity = entity;
    gates.review();
    preparer.review();
  };
  return { world, gates, preparer, log, change, clock };
}

const forward: GateEntity = {
  opened: true,
  writeMode: 'legacy',
  move: { direction: 'forward', epoch: 3, step: 'planned', prepared: [] },
};

function direct(entered: Entered | Promise<Entered>): Extract<Entered, { way: 'direct' | 'asked' }> {
  if (entered instanceof Promise || (entered.way !== 'direct' && entered.way !== 'asked'))
    throw new Error('not direct');
  return entered;
}

/** Lets promises that are due settle, without moving the clock. */
const settled = () => jest.advanceTimersByTimeAsync(0);

describe('the gates at work', () => {
  it('lets a direct write begin at once and counts it until legacy has answered', () => {
    const { gates } = rig();
    const write = direct(gates.enter('order'));
    expect(gates.openDirect('order')).toBe(1);
    write.done('settled');
    write.done('settled');
    expect(gates.openDirect('order')).toBe(0);
  });

  it('counts a write whose answer was lost for as long as legacy may carry it out', () => {
    const { gates } = rig();
    direct(gates.enter('order')).done('unclear');
    jest.advanceTimersByTime(SETTLE_MS - 1);
    expect(gates.openDirect('order')).toBe(1);
    jest.advanceTimersByTime(1);
    expect(gates.openDirect('order')).toBe(0);
  });

  it('acknowledges a move forward behind the last open write, with the table on the disk before', async () => {
    const { gates, log, change } = rig();
    const [first, second] = [direct(gates.enter('order')), direct(gates.enter('order'))];
    change(forward);
    first.done('settled');
    await settled();
    expect(log).toEqual([]);
    second.done('settled');
    await settled();
    expect(log).toEqual(['saved', 'prepared 3']);
  });

  it('acknowledges once', async () => {
    const { log, change, preparer } = rig();
    change(forward);
    preparer.review();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(log).toEqual(['saved', 'prepared 3']);
  });

  it('waits for what a dead process of its name may still have under way', async () => {
    const { log, change, clock } = rig({ startedAgoMs: 0 });
    change(forward);
    clock.ms = SETTLE_MS - 1;
    await jest.advanceTimersByTimeAsync(SETTLE_MS - 1);
    expect(log).toEqual([]);
    clock.ms = SETTLE_MS;
    await jest.advanceTimersByTimeAsync(1);
    expect(log).toEqual(['saved', 'prepared 3']);
  });

  it('does not acknowledge a move that was given up while the table was saved', async () => {
    const { log, change, gates } = rig();
    change(forward);
    change({ opened: true, writeMode: 'legacy' });
    direct(gates.enter('order'));
    await settled();
    expect(log).toEqual(['saved']);
  });

  it('holds a write while the move is open, and lets it go on the way that follows', async () => {
    const { gates, change } = rig();
    change(forward);
    const held = gates.enter('order');
    expect(gates.held('order')).toBe(1);
    change({ opened: true, writeMode: 'new' });
    await expect(held).resolves.toEqual({ way: 'round-trip' });
    expect(gates.held('order')).toBe(0);
  });

  it('counts a held write that goes to legacy after all', async () => {
    const { gates, change } = rig();
    change(forward);
    const held = gates.enter('order');
    change({ opened: true, writeMode: 'legacy' });
    await expect(held).resolves.toMatchObject({ way: 'asked' });
    expect(gates.openDirect('order')).toBe(1);
  });

  it('refuses after the bound, and says why', async () => {
    const { gates, change } = rig();
    change(forward);
    const held = gates.enter('order');
    await jest.advanceTimersByTimeAsync(HOLD_MAX_MS);
    await expect(held).resolves.toEqual({ way: 'refused', because: 'moving-forward' });
  });

  it('refuses at once when too many wait', () => {
    const { gates, change } = rig({ heldMax: 1 });
    change(forward);
    void gates.enter('order');
    expect(gates.enter('order')).toEqual({ way: 'refused', because: 'too-many-waiting' });
  });

  it('forgets a waiting write whose caller hung up', async () => {
    const { gates, change } = rig();
    change(forward);
    const caller = new AbortController();
    const held = gates.enter('order', () => caller.signal);
    caller.abort();
    await held;
    expect(gates.held('order')).toBe(0);
  });

  it('hand-back: no round trip begins behind the plan, and direct writes begin behind the announcement', async () => {
    const { gates, change, log } = rig();
    change({ opened: true, writeMode: 'new' });
    expect(gates.enter('order')).toEqual({ way: 'round-trip' });
    change({ ...forward, writeMode: 'new', move: { direction: 'back', epoch: 4, step: 'planned', prepared: [] } });
    const held = gates.enter('order');
    expect(gates.held('order')).toBe(1);
    change({ opened: true, writeMode: 'legacy' });
    await expect(held).resolves.toMatchObject({ way: 'asked' });
    // Nobody is waited for on the way back.
    expect(log).toEqual([]);
  });

  it('under many concurrent writes never lets one begin behind the acknowledgement', async () => {
    const { gates, change, log } = rig({ heldMax: 1_000 });
    const begun: string[] = [];
    const write = async (ms: number): Promise<void> => {
      const entered = await gates.enter('order');
      begun.push(log.includes('prepared 3') ? `late ${entered.way}` : entered.way);
      if (entered.way !== 'direct' && entered.way !== 'asked') return;
      expect(log).not.toContain('prepared 3');
      setTimeout(() => entered.done(ms % 7 === 0 ? 'unclear' : 'settled'), ms);
    };
    const writing = Array.from({ length: 200 }, (_, index) => {
      setTimeout(() => void write((index * 37) % 90), index * 5);
      return index;
    });
    setTimeout(() => change(forward), 433);
    await jest.advanceTimersByTimeAsync(8_000);
    expect(writing).toHaveLength(begun.length);
    expect(begun.filter((way) => way === 'direct').length).toBeGreaterThan(50);
    expect(begun.filter((way) => way === 'refused' || way === 'late refused').length).toBeGreaterThan(50);
    expect(begun).not.toContain('late direct');
    expect(log).toEqual(['saved', 'prepared 3']);
  });
});
