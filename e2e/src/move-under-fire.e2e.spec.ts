import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { backfill, banyan } from './operator.js';
import { type Kill, moveWithKill, type Watcher, watchControl } from './testing/move-with-kill.js';
import { drained } from './testing/once-in-both.js';
import { testWorld } from './testing/test-world.js';
import { TwoDoors } from './testing/two-doors.js';
import type { World } from './world.js';

/** One death at each step, each process at least once; all the pairs are walked by `move-under-fire.long.spec.ts`. */
const KILLS: readonly Kill[] = [
  { goal: 'new', step: 'MovePlanned', victim: 'legacy-api-proxy' },
  { goal: 'legacy', step: 'MovePlanned', victim: 'driver' },
  { goal: 'new', step: 'MovePrepared', victim: 'driver' },
  { goal: 'legacy', step: 'MoveFenced', victim: 'legacy-porter' },
  { goal: 'new', step: 'MoveFenced', victim: 'v2-projector' },
  { goal: 'legacy', step: 'MoveDrained', victim: 'new-api' },
  { goal: 'new', step: 'MoveAnnounced', victim: 'new-api' },
  { goal: 'legacy', step: 'MoveTurned', victim: 'v2-projector' },
  { goal: 'new', step: 'MovePrepared', victim: 'legacy-porter' },
  { goal: 'legacy', step: 'MoveAnnounced', victim: 'legacy-api-proxy' },
];

describe('writes of orders move and come back while 50 writes a second come in at both doors', () => {
  let world: World;
  let watcher: Watcher;
  let doors: TwoDoors;

  beforeAll(async () => {
    world = await testWorld('fire');
    watcher = await watchControl(world);
    await backfill(world);
    await banyan(world, 'entities open order');
    doors = new TwoDoors({ world, name: 'fire', writesPerSecond: 50 });
    await doors.start();
  }, 240_000);

  afterAll(async () => {
    await doors?.stop().catch(() => undefined);
    await watcher?.close();
    await world?.stop();
  }, 180_000);

  it.each(KILLS)(
    'kill -9 of $victim at $step on the way to $goal',
    async (kill) => {
      await moveWithKill(world, watcher.control, kill);
    },
    240_000,
  );

  it('and no acknowledged write is lost, doubled or covered, and both sides are equal', async () => {
    await doors.stop();
    await drained(world);
    const ledger = await doors.ledger();
    process.stdout.write(`${JSON.stringify(ledger)}\n`);
    expect(ledger).toMatchObject({ lost: [], doubled: [], overwritten: [], unowned: [] });
    expect(ledger.acknowledged.updates).toBeGreaterThan(0);
    expect(ledger.acknowledged.creates).toBeGreaterThan(0);
    // Legacy has the say at the end: what its callers wrote directly is brought to V2 by a backfill.
    await backfill(world);
    await drained(world);
    await banyan(world, 'verify');
  }, 240_000);
});
