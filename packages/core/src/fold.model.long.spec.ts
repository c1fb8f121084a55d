import { expect, it } from '@jest/globals';
import { fold } from './fold.js';
import { exploreFold } from './testing/fold-world.js';
import { tell } from './testing/index.js';

/** More than a million moves. */
const DEPTH = 7;

it(`the fold keeps its promises in every sequence of ${DEPTH} moves of a small world`, async () => {
  const explored = await exploreFold(fold, DEPTH);
  tell('the fold', explored);
  expect(explored.violation).toBeUndefined();
}, 300_000);
