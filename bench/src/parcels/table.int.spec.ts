import { createPool } from '@banyan/postgres';
import { createDatabase, dropDatabase, randomPrefix, testStack } from '@banyan/stack/testing';
import { expect, it } from '@jest/globals';
import { upsertAll, upsertOne } from '../baselines/keep-last.js';
import { idOf, parcelChanges } from './data-set.js';
import type { ParcelData } from './events.js';
import { CREATE_PARCELS, ExpectedParcels, TALLY_SQL } from './table.js';

it('PostgreSQL makes the checksum of a table that the rows’ own makes, and another one for a row that is a millisecond off', async () => {
  const { databaseUrl } = await testStack();
  const name = `${randomPrefix()}bench`;
  const pool = createPool({ url: await createDatabase(databaseUrl, name), applicationName: 'bench-spec', max: 1 });
  try {
    await pool.query(`create schema v2; ${CREATE_PARCELS}`);
    const expected = new ExpectedParcels();
    const rows = new Map<string, ParcelData>();
    for (const { number, data } of parcelChanges('skewed', 500, 100)) {
      rows.set(idOf(number), data);
      expected.add(idOf(number), data);
    }
    await upsertAll(pool, rows);
    const tally = async () => (await pool.query(TALLY_SQL)).rows[0];
    expect(await tally()).toEqual(expected.tally());
    const [first] = rows;
    if (first === undefined) throw new Error('no rows');
    await upsertOne(pool, first[0], { ...first[1], movedAt: first[1].movedAt + 1 });
    expect(await tally()).not.toEqual(expected.tally());
  } finally {
    await pool.end();
    await dropDatabase(databaseUrl, name);
  }
}, 180_000);
