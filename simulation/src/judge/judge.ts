import type { World } from '../world/world.js';
import { foldLog } from './fold-log.js';
import { harvest } from './harvest.js';
import { legacyIs } from './legacy-is.js';
import { receiptsAre } from './receipts-are.js';
import { sinkIs, sinksOf } from './sinks.js';
import { wordsAre } from './words-are.js';

/** What is wrong with a world that has come to rest; nothing = every promise was kept. */
export async function judge(world: World): Promise<readonly string[]> {
  const folded = await foldLog(world);
  harvest(world, folded);
  const sinks = await Promise.all(sinksOf(world).map((sink) => sinkIs(world, sink, folded)));
  return [
    ...sinks.flat(),
    ...legacyIs(world, folded),
    ...wordsAre(world, folded),
    ...(await receiptsAre(world, folded)),
  ];
}
