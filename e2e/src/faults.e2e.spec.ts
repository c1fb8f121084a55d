import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Arena, openArena } from './faults/arena.js';
import { faultsNamed } from './faults/list/all-faults.js';
import { runTrial } from './faults/trial.js';

/** What is met by all others, too, but at these places alone by real processes. Each fault there is: `faults.e2e.long.spec.ts`. */
describe('writes from both doors under a pocketful of faults', () => {
  let arena: Arena;

  beforeAll(async () => {
    arena = await openArena('pocket');
  }, 300_000);

  afterAll(() => arena?.close(), 120_000);

  it.each([
    'v2-projector killed behind a slice that has committed + legacy-porter killed between a send and its answer',
    '5 % of requests reset their connection to PostgreSQL',
    'poison of nine kinds',
  ])(
    '%s',
    async (name) => {
      const { found, writes } = await runTrial(arena, faultsNamed(name));
      expect(found).toEqual([]);
      expect(writes).toBeGreaterThan(0);
    },
    180_000,
  );
});
