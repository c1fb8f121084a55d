import { BanyanError } from '@banyan/core';
import type { GiveUp, Log } from '@banyan/service';
import { describe, expect, it, jest } from '@jest/globals';
import { Building, type BuildingProjector } from './building.js';

/** What a building has asked for, and what it was told. */
function aBuilding() {
  const made: { readonly projector: FakeProjector; readonly gaveUp: GiveUp }[] = [];
  const error = jest.fn<Log['error']>();
  const building = new Building({
    database: 'v2_next',
    againMs: 1,
    projector: (gaveUp) => {
      const projector = new FakeProjector();
      made.push({ projector, gaveUp });
      return projector;
    },
    logger: { error } as unknown as Log,
  });
  return { building, made, error };
}

class FakeProjector implements BuildingProjector {
  waitsFor: string | undefined;
  started = false;
  stopped = false;
  away = false;
  start() {
    this.started = true;
  }
  async stop() {
    this.stopped = true;
  }
  begin!: () => void;
  readonly #begun = new Promise<void>((resolve) => {
    this.begin = resolve;
  });
  begun() {
    return this.#begun;
  }
  async status() {
    if (this.away) throw new Error('no answer');
    return [];
  }
  names() {
    return ['order'];
  }
  running() {
    return undefined;
  }
}

async function second(made: readonly unknown[]): Promise<void> {
  while (made.length < 2) await new Promise((resolve) => setImmediate(resolve));
}

describe('a V2 that is being made anew', () => {
  it('has a projector from the beginning, which ends with it', async () => {
    const { building, made } = aBuilding();
    expect(made).toMatchObject([{ projector: { started: true, stopped: false } }]);
    await building.stop();
    expect(made).toMatchObject([{ projector: { stopped: true } }]);
  });

  it('gets another projector where the first cannot go on, and says why it is held up until that one runs', async () => {
    const { building, made, error } = aBuilding();
    made[0]?.gaveUp.say('consumer order', new BanyanError('LOG_OFFSET_GAP', 'the log begins at 7'));
    await second(made);
    expect(made).toMatchObject([{ projector: { stopped: true } }, { projector: { started: true, stopped: false } }]);
    expect(error).toHaveBeenCalledTimes(1);
    expect(error).toHaveBeenCalledWith(
      { code: 'PROJECTOR_REBUILD_FAILED', database: 'v2_next' },
      expect.stringMatching(/consumer order cannot go on: the log begins at 7.*banyan rebuild end v2_next/),
    );
    const next = made[1]?.projector as FakeProjector;
    next.waitsFor = 'the start';
    expect(await building.status()).toEqual({
      waitsFor: 'consumer order cannot go on: the log begins at 7',
      consumers: [],
    });
    next.waitsFor = undefined;
    next.begin();
    await next.begun();
    expect(await building.status()).toEqual({ waitsFor: null, consumers: [] });
    next.away = true;
    expect(await building.status()).toEqual({ waitsFor: 'no answer', consumers: [] });
    await building.stop();
  });

  it('ends while it waits for the next try, and begins none', async () => {
    const { building, made, error } = aBuilding();
    made[0]?.gaveUp.say('schema v2', new Error('another build'));
    await building.stop();
    expect(made).toHaveLength(1);
    expect(error).not.toHaveBeenCalled();
  });

  it('says what keeps it from telling how far it is', async () => {
    const { building, made } = aBuilding();
    const projector = made[0]?.projector as FakeProjector;
    projector.away = true;
    expect(await building.status()).toEqual({ waitsFor: 'no answer', consumers: [] });
    await building.stop();
  });
});
