import { describe, expect, it } from '@jest/globals';
import {
  consumerControl,
  entityControl,
  mayDecide,
  NOTHING_CONTROLLED,
  portMode,
  readMode,
  unprepared,
} from './control-state.js';
import { foldControl } from './fold-control.js';
import { LEGAL_STEPS } from './legal-steps.js';
import {
  aborted,
  after,
  announced,
  type ChangeName,
  drained,
  entry,
  fenced,
  joined,
  MOVED,
  opened,
  PROXY,
  planned,
  prepared,
  readsSet,
  turned,
  write,
} from './testing/builders.js';

const E = 'entity:order';
const order = (events: Parameters<typeof after>[0]) => entityControl(after(events), 'order');

describe('first writer wins', () => {
  it('refuses the second of two that saw the same version, and tells who was first and when', () => {
    const first = foldControl(NOTHING_CONTROLLED, entry('ReadModeSet', { subject: 'route:order.one', mode: 'shadow' }));
    const second = foldControl(
      first.state,
      entry('ReadModeSet', { subject: 'route:order.one', mode: 'gone' }, { by: 'bob' }),
    );
    expect(second.state).toBe(first.state);
    expect(second.verdict).toEqual({
      accepted: false,
      by: 'ann',
      at: '2025-01-01T00:00:00.000Z',
      why: 'route:order.one is at version 1, not 0; ann wrote ReadModeSet at 2025-01-01T00:00:00.000Z',
    });
  });

  it('gives no effect to a second copy of the same record', () => {
    const change = entry('EntityOpened', { subject: E });
    const { state } = foldControl(NOTHING_CONTROLLED, change);
    expect(foldControl(state, change)).toMatchObject({ state, verdict: { accepted: false } });
  });

  it('keeps subjects apart', () => {
    const state = after([opened, readsSet('shadow')]);
    expect(state.versions).toEqual({ 'entity:order': 1, 'route:order.one': 1 });
  });
});

describe('what nobody wrote', () => {
  it('is legacy, on, and not open', () => {
    expect(entityControl(NOTHING_CONTROLLED, 'order')).toEqual({
      opened: false,
      writeMode: 'legacy',
      epoch: 0,
      share: 0,
      lastEpoch: 0,
    });
    expect(readMode(NOTHING_CONTROLLED, 'order.one')).toBe('legacy');
    expect(portMode(NOTHING_CONTROLLED, 'order.backend')).toBe('on');
  });
});

describe('a move', () => {
  it('goes forward through plan, every proxy, fence and announcement', () => {
    expect(order(MOVED)).toEqual({ opened: true, writeMode: 'new', epoch: 1, share: 100, lastEpoch: 1 });
  });

  it('goes back through fence, drain and turn, and ends in the epoch of the turn', () => {
    const back = [...MOVED, planned('back', 2), fenced(2), drained(2), turned(3), announced(3)];
    expect(order(back)).toEqual({ opened: true, writeMode: 'legacy', epoch: 3, share: 0, lastEpoch: 3 });
  });

  it('is given up before its fence as if it had not been, but its epoch is used up', () => {
    expect(order([opened, planned('forward', 1), aborted(null)])).toEqual({
      opened: true,
      writeMode: 'legacy',
      epoch: 0,
      share: 0,
      lastEpoch: 1,
    });
  });

  it('is given up behind the fence by another fence with the old share', () => {
    const during = order([...MOVED, planned('back', 2), fenced(2), aborted(3)]);
    expect(during.move).toMatchObject({ step: 'aborted', epoch: 3, share: 100 });
    expect(order([...MOVED, planned('back', 2), fenced(2), aborted(3), announced(3)])).toEqual({
      opened: true,
      writeMode: 'new',
      epoch: 3,
      share: 100,
      lastEpoch: 3,
    });
  });

  it('never uses an epoch again that a move has named', () => {
    const state = after([opened, planned('forward', 1), aborted(null)]);
    expect(write(state, ...planned('forward', 1)).verdict).toMatchObject({ why: 'epoch 1 is not later than 1' });
    expect(write(state, ...planned('forward', 2)).verdict).toEqual({ accepted: true });
  });

  it('cannot be given up once the hand-back is decided', () => {
    const state = after([...MOVED, planned('back', 2), fenced(2), drained(2), turned(3)]);
    expect(write(state, ...aborted(4)).verdict).toMatchObject({ accepted: false });
  });

  it('forward cannot be given up behind its fence, and the second operator is told what to do', () => {
    const state = after([opened, planned('forward', 1), fenced(1)]);
    expect(write(state, ...aborted(2)).verdict).toMatchObject({
      why: expect.stringContaining('it can only be finished; then move back'),
    });
  });

  it('says who has another one open', () => {
    const state = after([opened, planned('forward', 1)]);
    expect(write(state, ...planned('forward', 2), 'bob').verdict).toMatchObject({
      by: 'ann',
      why: 'a move forward of order is planned (planned by ann at 2025-01-01T00:00:00.000Z); finish or abort it first',
    });
  });
});

/** Every position that a move can have, and how one gets there. */
const POSITIONS = {
  idle: [opened],
  'forward:planned': [opened, planned('forward', 1)],
  'forward:fenced': [opened, planned('forward', 1), fenced(1)],
  'back:planned': [...MOVED, planned('back', 2)],
  'back:fenced': [...MOVED, planned('back', 2), fenced(2)],
  'back:drained': [...MOVED, planned('back', 2), fenced(2), drained(2)],
  'back:turned': [...MOVED, planned('back', 2), fenced(2), drained(2), turned(3)],
  'back:aborted': [...MOVED, planned('back', 2), fenced(2), aborted(3)],
} as const;

const MOVE_STEPS = Object.entries(LEGAL_STEPS).filter(([name, { at }]) => at !== undefined && name !== 'MovePrepared');

describe('a step', () => {
  it.each(MOVE_STEPS.map(([name, { at }]) => [name, at] as const))('%s is legal only at %j', (name, at) => {
    for (const [position, events] of Object.entries(POSITIONS)) {
      const state = after(events);
      const { move, lastEpoch } = entityControl(state, 'order');
      const epochs = [move?.epoch ?? 0, lastEpoch + 1, null];
      const verdicts = epochs.flatMap((epoch) =>
        (['forward', 'back'] as const).map((direction) => {
          const plan = {
            direction,
            share: direction === 'forward' ? 100 : 0,
            toMode: direction === 'forward' ? 'new' : 'legacy',
          };
          return write(state, name as ChangeName, { subject: E, epoch, ...plan } as never).verdict;
        }),
      );
      const legal = (at as readonly string[]).includes(position);
      // Legal by position may still be refused by a condition: opening what is open, gone from legacy.
      if (!legal) expect(verdicts).not.toContainEqual({ accepted: true });
      else if (name.startsWith('Move')) expect(verdicts).toContainEqual({ accepted: true });
    }
  });
});

describe('preparing', () => {
  const plan = [opened, joined(), planned('forward', 1)] as const;

  it('is waited for by name, from every registered proxy', () => {
    const state = after([...plan, joined('legacy-api-proxy-1')]);
    expect(write(state, ...fenced(1)).verdict).toMatchObject({
      why: 'not prepared yet: legacy-api-proxy-0, legacy-api-proxy-1',
    });
    const one = after([prepared(1)], state);
    expect(unprepared(one, entityControl(one, 'order').move as never)).toEqual(['legacy-api-proxy-1']);
    expect(write(one, ...fenced(1)).verdict.accepted).toBe(false);
    expect(write(after([prepared(1, 'legacy-api-proxy-1')], one), ...fenced(1)).verdict.accepted).toBe(true);
  });

  it('needs no version, since proxies acknowledge at the same time', () => {
    const state = after([...plan, joined('legacy-api-proxy-1')]);
    const first = foldControl(state, entry(...prepared(1), { expectedVersion: 0 }));
    const second = foldControl(first.state, entry(...prepared(1, 'legacy-api-proxy-1'), { expectedVersion: 0 }));
    expect([first.verdict, second.verdict]).toEqual([{ accepted: true }, { accepted: true }]);
    expect(second.state.versions).toEqual(state.versions);
  });

  it('does not count for another move', () => {
    const state = after([...plan, aborted(null), planned('forward', 2)]);
    expect(write(state, ...prepared(1)).verdict).toMatchObject({ accepted: false });
  });

  it('does not count for a process that was started anew: it may have writes of its own under way', () => {
    const state = after([...plan, prepared(1), joined(PROXY, 'second')]);
    expect(entityControl(state, 'order').move?.prepared).toEqual([]);
    expect(write(state, ...prepared(1)).verdict).toMatchObject({ accepted: false });
    expect(write(state, ...prepared(1, PROXY, 'second')).verdict).toEqual({ accepted: true });
  });

  it('is not asked of apps that forward nothing, nor of who left or was forgotten, nor on the way back', () => {
    const api = write(after(plan), 'PartyJoined', {
      subject: 'party:new-api-0',
      name: 'new-api-0',
      app: 'new-api',
      url: null,
      incarnation: 'x',
    }).state;
    const left = write(api, 'PartyLeft', { subject: `party:${PROXY}`, name: PROXY, incarnation: 'first' }).state;
    expect(write(left, ...fenced(1)).verdict.accepted).toBe(true);
    const forgotten = write(api, 'PartyForgotten', { subject: `party:${PROXY}`, name: PROXY }).state;
    expect(write(forgotten, ...fenced(1)).verdict.accepted).toBe(true);
    expect(write(after([...MOVED, planned('back', 2)]), ...fenced(2)).verdict.accepted).toBe(true);
  });
});

describe('parties', () => {
  it('are not taken off the list by an earlier start of theirs that is still going down', () => {
    const state = after([joined(), joined(PROXY, 'second')]);
    const late = write(state, 'PartyLeft', { subject: `party:${PROXY}`, name: PROXY, incarnation: 'first' });
    expect(late.verdict).toMatchObject({ why: 'legacy-api-proxy-0 was started anew since' });
    expect(late.state.parties[PROXY]?.incarnation).toBe('second');
  });

  it('come back from being forgotten by joining again', () => {
    const state = write(after([joined()]), 'PartyForgotten', { subject: `party:${PROXY}`, name: PROXY }).state;
    expect(Object.keys(state.forgotten)).toEqual([PROXY]);
    expect(after([joined(PROXY, 'second')], state)).toMatchObject({ forgotten: {}, parties: { [PROXY]: {} } });
  });
});

describe('guards across subjects', () => {
  it('let V2 answer reads only when it has all writes', () => {
    expect(write(after([opened]), ...readsSet('new')).verdict).toMatchObject({
      why: expect.stringContaining('only when it has all writes'),
    });
    expect(write(after(MOVED), ...readsSet('new')).verdict.accepted).toBe(true);
    expect(write(after([...MOVED, planned('back', 2)]), ...readsSet('new')).verdict).toMatchObject({
      why: expect.stringContaining('moving back'),
    });
  });

  it('keep writes with V2 while V2 answers reads', () => {
    const state = after([...MOVED, readsSet('new')]);
    expect(write(state, ...planned('back', 2)).verdict).toMatchObject({
      why: expect.stringContaining('V2 answers order.one'),
    });
    expect(write(after([readsSet('shadow')], state), ...planned('back', 2)).verdict.accepted).toBe(true);
  });

  it('keep a port on while legacy answers reads or takes writes', () => {
    const off = ['PortSwitchedOff', { subject: 'port:order.backend', primary: true }] as const;
    expect(write(after([opened]), ...off).verdict).toMatchObject({ why: expect.stringContaining('takes writes') });
    expect(write(after([...MOVED, readsSet('shadow')]), ...off).verdict).toMatchObject({
      why: expect.stringContaining('still answers order.one'),
    });
    expect(write(after([...MOVED, readsSet('new')]), ...off).verdict.accepted).toBe(true);
  });

  it('take an event that does not say whose port it is for the primary one', () => {
    const off = ['PortSwitchedOff', { subject: 'port:order.backend', primary: null }] as const;
    expect(write(after([opened]), ...off).verdict.accepted).toBe(false);
  });

  it('let a further port go off at any time, and hold nothing up by it', () => {
    const off = ['PortSwitchedOff', { subject: 'port:order.billing', primary: false }] as const;
    expect(write(after([opened]), ...off).verdict.accepted).toBe(true);
    const state = after([...MOVED, readsSet('new'), off]);
    expect(portMode(state, 'order.billing')).toBe('off');
    expect(write(state, ...readsSet('legacy')).verdict.accepted).toBe(true);
    expect(write(after([readsSet('legacy')], state), ...planned('back', 2)).verdict.accepted).toBe(true);
    expect(write(state, ...off).verdict).toMatchObject({ why: 'order.billing is off already' });
  });

  it('keep reads and writes off a legacy that is behind', () => {
    const state = after([
      ...MOVED,
      readsSet('gone'),
      ['PortSwitchedOff', { subject: 'port:order.backend', primary: true }],
    ]);
    expect(write(state, ...readsSet('legacy')).verdict).toMatchObject({
      why: 'order.backend is off, so legacy is behind; banyan ports on order.backend',
    });
    expect(write(state, ...planned('back', 2)).verdict).toMatchObject({ why: expect.stringContaining('is off') });
    const on = after([['PortSwitchedOn', { subject: 'port:order.backend' }]], state);
    expect(write(on, ...planned('back', 2)).verdict.accepted).toBe(true);
  });

  it('keep a move from being planned while a fence could not come through', () => {
    const pause = (consumer: string) => ['ConsumerPaused', { subject: `consumer:${consumer}` }] as const;
    for (const consumer of ['v2-projector.order', 'legacy-porter.order.backend']) {
      const why = `${consumer} is paused, so a move would stand; banyan consumers resume ${consumer}`;
      expect(write(after([opened, pause(consumer)]), ...planned('forward', 1)).verdict).toMatchObject({ why });
      expect(write(after([...MOVED, pause(consumer)]), ...planned('back', 2)).verdict).toMatchObject({ why });
      const resumed = ['ConsumerResumed', { subject: `consumer:${consumer}` }] as const;
      expect(write(after([opened, pause(consumer), resumed]), ...planned('forward', 1)).verdict.accepted).toBe(true);
    }
    const others = ['v2-projector.receipts', 'v2-projector.order.rebuild', 'legacy-porter.orders.backend'].map(pause);
    expect(write(after([opened, ...others]), ...planned('forward', 1)).verdict.accepted).toBe(true);
  });

  it('let writes go only from new to gone, and return', () => {
    const gone = ['EntityGone', { subject: E }] as const;
    expect(write(after([opened]), ...gone).verdict.accepted).toBe(false);
    const state = after([...MOVED, gone]);
    expect(write(state, ...planned('back', 2)).verdict).toMatchObject({ why: expect.stringContaining('gone') });
    expect(entityControl(after([['EntityReturned', { subject: E }]], state), 'order').writeMode).toBe('new');
  });

  it('ask for an open entity before writes move', () => {
    expect(write(NOTHING_CONTROLLED, ...planned('forward', 1)).verdict).toMatchObject({
      why: expect.stringContaining('banyan entities open order'),
    });
  });
});

describe('a consumer', () => {
  const NAME = 'legacy-porter.order.backend';
  const subject = `consumer:${NAME}`;
  const paused = ['ConsumerPaused', { subject }] as const;
  const resumed = ['ConsumerResumed', { subject }] as const;

  it('is paused with who, when and why, until it is resumed', () => {
    const held = entry(...paused);
    const { state } = foldControl(NOTHING_CONTROLLED, {
      ...held,
      event: { ...held.event, data: { ...held.event.data, reason: 'legacy restores a backup' } } as never,
    });
    const why = { by: 'ann', at: '2025-01-01T00:00:00.000Z', reason: 'legacy restores a backup' };
    expect(consumerControl(state, NAME)).toEqual({ paused: why });
    expect(consumerControl(after([resumed], state), NAME)).toEqual({});
    expect(consumerControl(state, 'v2-projector.order')).toEqual({});
  });

  it('is paused once: the second is told by whom and when, whether he saw it or not', () => {
    const state = after([paused]);
    expect(write(state, ...paused, 'bob').verdict).toMatchObject({
      by: 'ann',
      why: `${NAME} is paused already, by ann at 2025-01-01T00:00:00.000Z`,
    });
    expect(foldControl(state, entry(...paused, { by: 'bob' })).verdict).toMatchObject({
      by: 'ann',
      why: expect.stringContaining('ann wrote ConsumerPaused'),
    });
    expect(write(NOTHING_CONTROLLED, ...resumed).verdict).toMatchObject({ why: `${NAME} is not paused` });
  });

  it('that sends has a number of its own, or that of its processes; a pause leaves it as it is', () => {
    const state = after([['ConcurrencySet', { subject, sends: 40 }], paused, resumed]);
    expect(consumerControl(state, NAME)).toEqual({ sends: 40 });
    expect(write(state, 'ConcurrencySet', { subject, sends: 40 }).verdict).toMatchObject({
      why: `${NAME} has 40 already`,
    });
    expect(consumerControl(after([['ConcurrencySet', { subject, sends: null }]], state), NAME)).toEqual({});
  });

  it.each([
    [subject, 0, 'a port has 1 to 1000 sends in flight, not 0'],
    [subject, 1_001, 'a port has 1 to 1000 sends in flight, not 1001'],
    ['consumer:v2-projector.order', 5, 'v2-projector.order sends nothing; only a port has a concurrency'],
  ])('has no such number: %s %i', (of, sends, why) => {
    expect(write(NOTHING_CONTROLLED, 'ConcurrencySet', { subject: of, sends }).verdict).toMatchObject({ why });
  });

  it('is named by its app and itself', () => {
    expect(write(NOTHING_CONTROLLED, 'ConsumerPaused', { subject: 'consumer:order' }).verdict).toMatchObject({
      why: 'a consumer is <app>.<consumer>, not order',
    });
  });
});

describe('natives may be decided', () => {
  it('in the announced epoch only', () => {
    const state = after(MOVED);
    expect([0, 1, 2].map((epoch) => mayDecide(state, 'order', epoch))).toEqual([false, true, false]);
  });

  it('not between a fence and its announcement, nor at all while a move back is open', () => {
    const forward = after([opened, planned('forward', 1), fenced(1)]);
    expect([0, 1].map((epoch) => mayDecide(forward, 'order', epoch))).toEqual([true, false]);
    const back = after([...MOVED, planned('back', 2)]);
    expect([1, 2].map((epoch) => mayDecide(back, 'order', epoch))).toEqual([false, false]);
  });
});

it('refuses an event whose subject is of another kind', () => {
  const { verdict } = write(NOTHING_CONTROLLED, 'EntityOpened', { subject: 'route:order.one' });
  expect(verdict).toMatchObject({ why: 'EntityOpened is about entity:<name>, not about route:order.one' });
});
