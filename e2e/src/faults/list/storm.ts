import type { Fault } from '../fault.js';
import { startSecond } from './second-instance.js';

const ROUNDS = 4;

/**
 * Members come into the groups of projector and porter and go, by kill -9 and in order by turns; each time all is given out anew. In order at
 * the end: what a porter leaves open is another one's only when its name comes up again.
 */
export const storm: Fault = {
  name: `${ROUNDS} more projectors and porters join and leave their groups, one after the other`,
  breaks: ['v2-projector', 'legacy-porter'],
  strike: async ({ world }) => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const seconds = await Promise.all([startSecond(world, 'v2-projector'), startSecond(world, 'legacy-porter')]);
      await Promise.all(seconds.map(({ app }) => (round % 2 === 0 ? app.kill() : app.stop())));
    }
    return undefined;
  },
};
