import { type Goal, type Kill, STEPS, type Victim } from './testing/move-with-kill.js';
import { describeMovesUnderFire } from './testing/moves-under-fire.js';

const VICTIMS: readonly Victim[] = ['legacy-api-proxy', 'new-api', 'v2-projector', 'legacy-porter', 'driver'];

/** Every process at every step of a way. */
function walk(goal: Goal): readonly Kill[] {
  return STEPS[goal].flatMap((step) => VICTIMS.map((victim) => ({ goal, step, victim })));
}

const [there, back] = [walk('new'), walk('legacy')];

describeMovesUnderFire({
  writesPerSecond: 50,
  // There are more steps back than there: the first ways there are gone once more.
  kills: back.flatMap((kill, index) => [there[index % there.length] ?? kill, kill]),
});
