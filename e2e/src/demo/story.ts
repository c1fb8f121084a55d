import type { WorldOptions } from '../world.js';
import { aPortIsSwitched } from './chapters/a-port-is-switched.js';
import { allOnLegacy } from './chapters/all-on-legacy.js';
import { anOrderGoesRound } from './chapters/an-order-goes-round.js';
import { oldDataMoves } from './chapters/old-data-moves.js';
import { orderWritesMove } from './chapters/order-writes-move.js';
import { readsMove } from './chapters/reads-move.js';
import { whatIsLeft } from './chapters/what-is-left.js';
import { writesComeBack } from './chapters/writes-come-back.js';
import type { Storyteller } from './teller.js';

/** The story is not about what is told where V2 takes too long: a busy machine must not make a difference. */
export const PATIENT: NonNullable<WorldOptions['env']> = { 'legacy-api-proxy': { ROUND_TRIP_DEADLINE_MS: '20000' } };

/** The migration of Northwind in its six steps, told by real calls to real parts. Every sentence is a check. */
export async function tellStory(teller: Storyteller): Promise<void> {
  await allOnLegacy(teller);
  const first = await anOrderGoesRound(teller);
  await orderWritesMove(teller);
  await oldDataMoves(teller);
  await readsMove(teller);
  await writesComeBack(teller);
  await aPortIsSwitched(teller);
  await whatIsLeft(teller, first);
}
