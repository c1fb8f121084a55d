import { query } from '@banyan/postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Customers, customer, row } from '../testing/customers.js';
import { vanishedIds } from './vanished.js';

let world: Customers;

beforeAll(async () => {
  world = await Customers.open();
}, 180_000);

beforeEach(() => world.clear());

afterAll(async () => {
  await world?.close();
});

async function vanished(): Promise<string[]> {
  const found: string[] = [];
  for await (const ids of vanishedIds(world.sides(), customer)) found.push(...ids);
  return found;
}

const partitions = (handbacks: readonly number[]) =>
  query(
    world.v2,
    `insert into v2.sink_offset (consumer, partition, epoch, handback)
     select 'customer', n, h, h from unnest($1::int[]) with ordinality as p (h, n)`,
    [handbacks],
  );

describe('what vanished from legacy', () => {
  it('is what legacy owns and has no more, and not what it never owned', async () => {
    await partitions([0, 0]);
    world.legacy.set('ALFKI', row('ALFKI'));
    await world.project(row('ALFKI'));
    await world.project(row('BERGS'));
    await world.project(row('CHOPS'), { owner: 'new', epoch: 1 });
    expect(await vanished()).toEqual(['BERGS']);
  });

  it('is also what was born in V2 and deleted in legacy behind a hand-back', async () => {
    await partitions([2, 2]);
    await world.project(row('CHOPS'), { owner: 'new', epoch: 1 });
    await world.project(row('DRACD'), { owner: 'new', epoch: 3 });
    expect(await vanished()).toEqual(['CHOPS']);
  });

  it('is asked of legacy as soon as one partition is handed back: the fold refuses what is too early', async () => {
    await partitions([0, 2]);
    await world.project(row('CHOPS'), { owner: 'new', epoch: 1 });
    expect(await vanished()).toEqual(['CHOPS']);
  });
});
