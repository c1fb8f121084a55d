import { afterAll, describe, expect, it } from '@jest/globals';
import { type Arena, FROZEN_MS, openArena } from './faults/arena.js';
import { eachOnce } from './faults/draw.js';
import { FAULTS, nameOf } from './faults/list/all-faults.js';
import { runTrial } from './faults/trial.js';

/** One trial after the other in one system under load, all its parts real, and all its books looked through after each. */
describe('writes from both doors under each fault, once', () => {
  let arena: Arena | undefined;

  afterAll(() => arena?.close(), 120_000);

  it.each(eachOnce(FAULTS).map((faults) => ({ name: nameOf(faults), faults })))(
    '$name',
    async ({ faults }) => {
      arena ??= await openArena('grid', { frozenMs: FROZEN_MS });
      try {
        const { found, writes, seconds, parts, ended, said } = await runTrial(arena, faults);
        const told = [`${seconds} s, ${writes} writes, ${JSON.stringify(parts)}`, ...ended, ...said.slice(0, 3)];
        process.stdout.write(`${told.join('\n')}\n`);
        expect(found).toEqual([]);
        expect(writes).toBeGreaterThan(0);
      } catch (error) {
        // What is wrong in a world may make the next trial wrong as well.
        await arena.close();
        arena = undefined;
        throw error;
      }
    },
    300_000,
  );
});
