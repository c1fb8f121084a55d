import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Arena, openArena } from './faults/arena.js';
import { FAULTS } from './faults/list/all-faults.js';
import { runTrial } from './faults/trial.js';

/** One fault after the other into one system under load, all its parts real, and all its books looked through after each. */
describe('writes from both doors under each fault, once', () => {
  let arena: Arena;

  beforeAll(async () => {
    arena = await openArena('grid');
  }, 300_000);

  afterAll(() => arena?.close(), 120_000);

  it.each(FAULTS)(
    '$name',
    async (fault) => {
      const { found, writes, seconds, ended, said } = await runTrial(arena, [fault]);
      process.stdout.write(`${seconds} s, ${writes} writes; ${ended.join(', ')}\n${said.slice(0, 3).join('\n')}\n`);
      expect(found).toEqual([]);
      expect(writes).toBeGreaterThan(0);
    },
    300_000,
  );
});
