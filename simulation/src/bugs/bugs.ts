import type { Bug } from './bug.js';
import { BUGS_OF_DECIDING } from './bugs-of-deciding.js';
import { BUGS_OF_MOVING } from './bugs-of-moving.js';
import { BUGS_OF_PARKING } from './bugs-of-parking.js';
import { BUGS_OF_POSITION } from './bugs-of-position.js';
import { BUGS_OF_REPAIRING } from './bugs-of-repairing.js';
import { BUGS_OF_SENDING } from './bugs-of-sending.js';

/** All ways to build it wrongly that a simulation has to find. */
export const BUGS: readonly Bug[] = [
  ...BUGS_OF_POSITION,
  ...BUGS_OF_PARKING,
  ...BUGS_OF_DECIDING,
  ...BUGS_OF_MOVING,
  ...BUGS_OF_SENDING,
  ...BUGS_OF_REPAIRING,
];
