import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { backfill, banyan } from '../operator.js';
import type { World } from '../world.js';
import { countsOf, note } from './ledger.js';
import { type Kill, moveWithKill, type Watcher, watchControl } from './move-with-kill.js';
import { drained, secondsToDrain } from './once-in-both.js';
import { testWorld } from './test-world.js';
import { TwoDoors } from './two-doors.js';

export interface MovesUnderFire {
  /** To `new` and back to `legacy` by turns, beginning with `new`. */
  readonly kills: readonly Kill[];
  readonly writesPerSecond: number;
}

/** Writes of orders move there and back while careful clients write at both doors, and in each move one process dies. */
export function describeMovesUnderFire({ kills, writesPerSecond }: MovesUnderFire): void {
  describe(`writes of orders move and come back while ${writesPerSecond} writes a second come in at both doors`, () => {
    let world: World;
    let watcher: Watcher;
    let doors: TwoDoors;

    beforeAll(async () => {
      world = await testWorld('fire');
      watcher = await watchControl(world);
      await backfill(world);
      await banyan(world, 'entities open order');
      doors = new TwoDoors({ world, name: 'fire', writesPerSecond });
      await doors.start();
    }, 240_000);

    afterAll(async () => {
      await doors?.stop().catch(() => undefined);
      await watcher?.close();
      await world?.stop();
    }, 180_000);

    it.each(kills)(
      'kill -9 of $victim at $step on the way to $goal',
      async (kill) => {
        await moveWithKill(world, watcher.control, kill);
      },
      240_000,
    );

    it('and no acknowledged write is lost, doubled or covered, and both sides are equal', async () => {
      await doors.stop();
      const drainedSeconds = await secondsToDrain(world);
      const ledger = await doors.ledger();
      note({
        fault: `writes moved there and back, ${kills.length} times, each time another process killed`,
        orders: ledger.acknowledged.creates,
        changes: ledger.acknowledged.updates,
        askedAgain: ledger.askedAgain,
        ...countsOf(ledger),
        drainedSeconds,
      });
      expect(ledger).toMatchObject({ lost: [], doubled: [], overwritten: [], unowned: [] });
      expect(ledger.acknowledged.updates).toBeGreaterThan(0);
      expect(ledger.acknowledged.creates).toBeGreaterThan(0);
      // Legacy has the say at the end: what its callers wrote directly is brought to V2 by a backfill.
      await backfill(world);
      await drained(world);
      await banyan(world, 'verify');
    }, 240_000);
  });
}
