import { systemClock } from '@banyan/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { entityControl } from '../control-state.js';
import { type Death, Killed, MoveWorld } from '../testing/move-world.js';
import type { MoveGoal } from './next-move-step.js';

let world: MoveWorld;

beforeEach(async () => {
  world = await MoveWorld.open();
});

afterEach(async () => {
  await world.close();
});

const stateOf = async (name = 'reader') => entityControl((await world.control(name)).state(), 'order');
const authority = (epoch: number, share: number, handback: number) => ({ epoch, share, handback });
const everywhere = (is: ReturnType<typeof authority>) => [is, is, is];

/** Every act at which a driver with this goal can die, before it and after it. */
function deaths(acts: number): readonly Death[] {
  return Array.from({ length: acts }, (_, i) => [
    { at: i + 1, after: false },
    { at: i + 1, after: true },
  ]).flat();
}

describe('a move that nothing disturbs', () => {
  it('goes forward and back, and leaves every partition with the announced epoch', async () => {
    await world.proxy();
    expect(await world.drive('new')).toMatchObject({
      outcome: 'moved',
      entity: { writeMode: 'new', epoch: 1, share: 100 },
    });
    expect(world.authorities()).toEqual(everywhere(authority(1, 100, 0)));
    expect(await world.drive('legacy')).toMatchObject({ outcome: 'moved', entity: { writeMode: 'legacy', epoch: 3 } });
    expect(world.authorities()).toEqual(everywhere(authority(3, 0, 3)));
    expect(await world.drive('new')).toMatchObject({ outcome: 'moved', entity: { writeMode: 'new', epoch: 4 } });
    expect(world.authorities()).toEqual(everywhere(authority(4, 100, 3)));
  });

  it('appends each marker once where consumers take their time, and does not wait before the next one', async () => {
    world.foldsAfterLooks = 3;
    await world.drive('new');
    const looksBefore = world.looks;
    expect(await world.drive('legacy')).toMatchObject({ outcome: 'moved' });
    // A marker held back until the last one may be repeated would take fifty looks.
    expect(world.looks - looksBefore).toBeLessThan(20);
    expect(world.log.records('northwind.order.v1')).toHaveLength(3 * 3);
  });

  it('has nothing to do where things are as they should be', async () => {
    expect(await world.drive('legacy')).toMatchObject({ outcome: 'there' });
    await world.drive('new');
    expect(await world.drive('new')).toMatchObject({ outcome: 'there' });
  });

  it('says so where there is no move to give up', async () => {
    expect(await world.drive('abort')).toMatchObject({ outcome: 'nothing-open' });
  });

  it('names epochs later than any marker, also one that no control event knows of', async () => {
    await (await world.ports()).mark({ type: 'fence', epoch: 41, share: 0 });
    expect(await world.drive('new')).toMatchObject({ outcome: 'moved', entity: { epoch: 42 } });
  });
});

describe('a driver that dies', () => {
  it.each([
    ['new', 5, authority(1, 100, 0), 'new'],
    ['legacy', 7, authority(3, 0, 3), 'legacy'],
  ] as const)(
    'at any point of a move to %s leaves a move that the next one finishes',
    async (goal, acts, end, mode) => {
      for (const death of deaths(acts)) {
        await world.close();
        world = await MoveWorld.open();
        await world.proxy();
        if (goal === 'legacy') await world.drive('new');
        await expect(world.drive(goal, { death })).rejects.toThrow(Killed);
        const next = await world.drive(goal, { by: 'bob' });
        // Where the first one died behind its last act, there is nothing left to do.
        expect(['moved', 'there']).toContain(next.outcome);
        expect(next.entity).toMatchObject({ writeMode: mode, epoch: end.epoch });
        expect(world.authorities()).toEqual(everywhere(end));
      }
    },
  );

  it('acts as often as the walk above supposes', async () => {
    await world.proxy();
    await world.drive('new');
    expect(world.acts).toBe(5);
    await world.drive('legacy');
    expect(world.acts).toBe(7);
  });

  it('at any point can be followed by an abort: the move is undone or finished, never in between', async () => {
    for (const goal of ['new', 'legacy'] as const) {
      for (const death of deaths(goal === 'new' ? 5 : 7)) {
        await world.close();
        world = await MoveWorld.open();
        await world.proxy();
        if (goal === 'legacy') await world.drive('new');
        await world.drive(goal, { death }).catch(() => undefined);
        const before = await stateOf('before');
        const aborted = await world.drive('abort', { by: 'bob' }).catch((error: { code: string }) => error);
        if ('code' in aborted) {
          expect(aborted.code).toBe('AUTHORITY_REFUSED');
          expect(`${before.move?.direction}:${before.move?.step}`).toMatch(/^(forward:fenced|back:turned)$/);
          await world.drive(goal, { by: 'bob' });
        }
        const after = await stateOf('after');
        expect(after.move).toBeUndefined();
        const [first] = world.authorities();
        expect(world.authorities()).toEqual(everywhere(first ?? authority(-1, 0, 0)));
        expect(first).toMatchObject({ epoch: after.epoch, share: after.share });
        expect(after.share).toBe(after.writeMode === 'new' ? 100 : 0);
      }
    }
  });

  it('while it gives up a move behind its fence leaves an abort that the next one finishes, whatever it wants', async () => {
    for (const goal of ['abort', 'new'] as const) {
      // Whoever dies before the abort is written has given nothing up.
      for (const death of deaths(3).slice(1)) {
        await world.close();
        world = await MoveWorld.open();
        await world.drive('new');
        await world.drive('legacy', { death: { at: 4, after: true } }).catch(() => undefined);
        expect((await stateOf('before')).move).toMatchObject({ direction: 'back', step: 'drained' });
        await world.drive('abort', { death }).catch(() => undefined);
        const next = await world.drive(goal, { by: 'bob' });
        expect(goal === 'new' ? ['there'] : ['aborted', 'nothing-open']).toContain(next.outcome);
        expect(await stateOf()).toEqual({ opened: true, writeMode: 'new', epoch: 3, share: 100, lastEpoch: 3 });
        expect(world.authorities()).toEqual(everywhere(authority(3, 100, 0)));
      }
    }
  });
});

describe('a proxy', () => {
  it('that does not prepare is named, the move stays open, and goes on when it does', async () => {
    const frozen = await world.control('legacy-api-proxy-7');
    await frozen.join({ app: 'legacy-api-proxy', url: null });
    expect(await world.drive('new', { patienceMs: 50 })).toMatchObject({
      outcome: 'open',
      waitsFor: ['legacy-api-proxy-7'],
      entity: { move: { step: 'planned' } },
    });
    expect(world.markedEpochs()).toEqual([]);
    const going = world.drive('new', { by: 'bob' });
    await frozen.prepared('order');
    expect(await going).toMatchObject({ outcome: 'moved' });
  });

  it('that is forgotten is not waited for, but what it may have sent is outlived first', async () => {
    await join('legacy-api-proxy-7');
    await world.drive('new', { patienceMs: 0 });
    await forget('legacy-api-proxy-7');
    const said: string[] = [];
    expect(await world.drive('new', { onStep: (words) => said.push(words) })).toMatchObject({ outcome: 'moved' });
    expect(said).toContain('legacy-api-proxy-7 was forgotten: waiting 20 ms for what it sent');
  });

  it('is outlived for as long as legacy may take, also more than a minute after it was forgotten', async () => {
    world.settleAfterMs = 300_000;
    await join('legacy-api-proxy-7');
    await forget('legacy-api-proxy-7');
    const clock = { ...systemClock, now: () => systemClock.now() + 200_000 };
    const waits = (words: string) => {
      // The wait itself is too long for a test.
      if (words.includes('legacy-api-proxy-7 was forgotten: waiting 300000 ms')) throw new Killed();
    };
    await expect(world.drive('new', { clock, onStep: waits })).rejects.toThrow(Killed);
  });

  it.each([
    ['before the fence is tried', 'legacy-api-proxy-7 was forgotten'],
    ['when it is asked to prepare', 'proxies have to prepare: legacy-api-proxy-8'],
  ])('that comes and is forgotten while another is outlived is outlived too: %s', async (_, when) => {
    world.settleAfterMs = 500;
    await join('legacy-api-proxy-7');
    await forget('legacy-api-proxy-7');
    const came = Promise.withResolvers<void>();
    const said: string[] = [];
    const onStep = (words: string) => {
      said.push(words);
      if (words.startsWith('legacy-api-proxy-7 was forgotten')) {
        void join('legacy-api-proxy-8').then(came.resolve, came.reject);
      }
      if (words.startsWith(when)) void came.promise.then(() => forget('legacy-api-proxy-8'));
    };
    expect(await world.drive('new', { onStep })).toMatchObject({ outcome: 'moved' });
    expect(said).toContain('legacy-api-proxy-8 was forgotten: waiting 500 ms for what it sent');
    expect(said.filter((words) => words.startsWith('legacy-api-proxy-7'))).toHaveLength(1);
  });
});

/** Does not prepare. */
async function join(name: string): Promise<void> {
  const proxy = await world.control(name);
  await proxy.join({ app: 'legacy-api-proxy', url: null });
}

/** By a person. */
async function forget(name: string): Promise<void> {
  const operator = await world.control('ann');
  const data = { subject: `party:${name}`, name };
  expect(await operator.append({ type: 'banyan.control.v1.PartyForgotten', data })).toMatchObject({ accepted: true });
}

describe('a move back', () => {
  beforeEach(async () => {
    await world.drive('new');
  });

  it('is not begun while legacy does not have everything', async () => {
    world.unsettled = ['1 key is parked'];
    await expect(world.drive('legacy')).rejects.toMatchObject({
      code: 'AUTHORITY_REFUSED',
      message: expect.stringContaining('1 key is parked'),
    });
    expect((await stateOf()).move).toBeUndefined();
  });

  it('waits behind its fence until legacy has everything, and only then turns', async () => {
    const waits = Promise.withResolvers<void>();
    const going = world.drive('legacy', {
      onStep: (words) => {
        if (words === 'MovePlanned') world.unsettled = ['1 send'];
        if (words === 'legacy has to have everything: 1 send') waits.resolve();
      },
    });
    await waits.promise;
    expect((await stateOf()).move).toMatchObject({ step: 'fenced', epoch: 2 });
    expect(world.markedEpochs()).toEqual([1, 2]);
    world.unsettled = [];
    expect(await going).toMatchObject({ outcome: 'moved' });
    expect(world.markedEpochs()).toEqual([1, 2, 3]);
  });

  it('is refused while V2 answers reads', async () => {
    const operator = await world.control('ann');
    await operator.append({
      type: 'banyan.control.v1.ReadModeSet',
      data: { subject: 'route:order.one', mode: 'new' },
    });
    await expect(world.drive('legacy')).rejects.toMatchObject({
      code: 'AUTHORITY_REFUSED',
      message: expect.stringContaining('V2 answers order.one'),
    });
  });
});

describe('two operators at once', () => {
  it('who want the same both see it through, with one plan and one marker epoch', async () => {
    await world.proxy();
    const both = await Promise.all([world.drive('new', { by: 'ann' }), world.drive('new', { by: 'bob' })]);
    for (const { outcome } of both) expect(['moved', 'there']).toContain(outcome);
    expect(world.markedEpochs()).toEqual([1]);
    const plans = (await world.control('reader')).history('entity:order').filter(({ type }) => type === 'MovePlanned');
    expect(plans.filter(({ accepted }) => accepted)).toHaveLength(1);
  });

  it('who want the opposite: the second is told who moves it where', async () => {
    await world.control('legacy-api-proxy-7').then((frozen) => frozen.join({ app: 'legacy-api-proxy', url: null }));
    await world.drive('new', { by: 'ann', patienceMs: 0 });
    await expect(world.drive('legacy', { by: 'bob' })).rejects.toMatchObject({
      code: 'AUTHORITY_REFUSED',
      message: expect.stringContaining('a move to new is open (planned by ann at'),
    });
  });

  it('of whom one gives up while the other drives: the driver stops and does not plan again', async () => {
    const frozen = await world.control('legacy-api-proxy-7');
    await frozen.join({ app: 'legacy-api-proxy', url: null });
    const driving = world.drive('new', { patienceMs: 5_000 });
    await frozen.until((state) => entityControl(state, 'order').move !== undefined, 5_000);
    expect(await world.drive('abort', { by: 'bob' })).toMatchObject({ outcome: 'aborted' });
    expect(await driving).toMatchObject({ outcome: 'given-up', entity: { writeMode: 'legacy' } });
    expect(world.markedEpochs()).toEqual([]);
  });

  it('in any mixture of goals leave no move half done and no partition apart', async () => {
    for (let round = 0; round < 12; round++) {
      const goals: MoveGoal[] = [
        round % 2 === 0 ? 'new' : 'legacy',
        (['abort', 'new', 'legacy'] as const)[round % 3] ?? 'abort',
      ];
      await Promise.all(
        goals.map((goal, i) =>
          world.drive(goal, { by: `driver-${i}` }).catch((error: { code?: string }) => {
            expect(error.code).toBe('AUTHORITY_REFUSED');
          }),
        ),
      );
      const after = await stateOf(`reader-${round}`);
      expect(after.move).toBeUndefined();
      const [first] = world.authorities();
      expect(world.authorities()).toEqual(everywhere(first ?? authority(-1, 0, 0)));
      expect(first).toMatchObject({ epoch: after.epoch, share: after.share });
    }
  });
});
