import { setTimeout as delay } from 'node:timers/promises';
import { newId } from '@banyan/core';
import { query } from '@banyan/postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Customers, customer, row } from '../testing/customers.js';
import { type Checkpoints, openCheckpoints } from './checkpoints.js';
import type { BackfillPlan } from './plan.js';
import { type ImportChunk, runBackfill } from './run.js';

const PLAN: BackfillPlan = {
  hash: 'a-plan',
  entities: [{ entity: 'customer', transformerVersion: customer.version, sourceRows: 4, known: 0, invalid: [] }],
};

let world: Customers;
let checkpoints: Checkpoints;

beforeAll(async () => {
  world = await Customers.open();
  checkpoints = await openCheckpoints(world.v2, newId);
  await checkpoints.savePlan(PLAN);
}, 180_000);

beforeEach(async () => {
  await world.clear();
  for (const code of ['ALFKI', 'BERGS', 'CHOPS', 'DRACD']) world.legacy.set(code, row(code));
});

afterAll(async () => {
  await world?.close();
});

const imported: ImportChunk = async (_entity, ids) => ids.map((legacyId) => ({ legacyId, bucket: 'imported' }));

const LOCKED = `select pid from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`;

/** What a restart of the server does to whoever is connected. */
async function endTheLock(): Promise<void> {
  await query(world.v2, `select pg_terminate_backend(pid) from (${LOCKED}) as held`);
  while ((await query(world.v2, LOCKED)).length > 0) await delay(5);
}

const run = (importChunk: ImportChunk) => runBackfill(world.sides(), PLAN, { checkpoints, importChunk, chunkRows: 2 });

describe('a backfill whose place is lost', () => {
  it('ends as interrupted at the next chunk, writes no place down any more, and can be gone on with', async () => {
    const chunks: string[] = [];
    const cut = await run(async (entity, ids) => {
      chunks.push(ids.join());
      await endTheLock();
      // Somebody else may be in the place now, and further.
      await expect(run(imported)).resolves.toMatchObject({ resumed: true, done: true });
      return imported(entity, ids);
    });
    expect(cut).toMatchObject({ interrupted: true, done: false, reason: expect.stringContaining('place broke') });
    expect(chunks).toEqual(['ALFKI,BERGS']);
    expect((await checkpoints.read(cut.run, 'customer'))?.books.sourceRows).toBe(4);
  });

  it('is interrupted as well when it is a statement of its own that meets the restart', async () => {
    let asked = false;
    const failing: Checkpoints = {
      ...checkpoints,
      alone: (work) =>
        checkpoints.alone(async (place) => {
          await endTheLock();
          return work({
            // The event of the broken connection may come later than the failure: then only asking tells.
            lost: () => (asked ? place.lost() : undefined),
            askLost: () => {
              asked = true;
              return place.askLost();
            },
          });
        }),
      read: () => query(world.v2, 'select pg_terminate_backend(pg_backend_pid())') as never,
    };
    const cut = await runBackfill(world.sides(), PLAN, { checkpoints: failing, importChunk: imported });
    expect(cut).toMatchObject({ interrupted: true, done: false, reason: expect.stringContaining('place broke') });
  });

  it('does not call a failure an interruption while it holds its place', async () => {
    const broken = async () => {
      throw new Error('a fault');
    };
    await expect(run(broken)).rejects.toThrow('a fault');
    expect(await run(imported)).toMatchObject({ resumed: true, done: true });
  });
});
