import { entities } from '@banyan/migration';
import { readRoutesOf } from '@banyan/operations';
import { backfill, banyan } from '../operator.js';
import { proxyStatus } from '../proxy-status.js';
import { until } from '../until.js';
import type { World } from '../world.js';

/** Brings a world to the end of step 4: V2 has all writes and answers all reads. */
export async function moveEverything(world: World): Promise<void> {
  for (const { name } of entities) await banyan(world, `entities authority ${name} --to new`);
  await backfill(world);
  await banyan(world, 'verify');
  for (const { name } of entities) {
    for (const route of readRoutesOf(entities, name)) await banyan(world, `routes set ${route} new`);
  }
  await until('the proxy knows that V2 answers every read', async () => {
    const { reads } = await proxyStatus(world);
    return Object.values(reads).every((mode) => mode === 'new') ? true : undefined;
  });
}
