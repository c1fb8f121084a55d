import { createDatabase, dropDatabase, randomPrefix, testStack } from '@banyan/stack/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate } from './migrate.js';
import { createPool, type Pool, query } from './pool.js';
import { sinkMigrations } from './sink-schema.js';
import { epochOf, NO_STATE, prepareOffsets, readPlacedStates, readStates } from './stored-state.js';

const name = `${randomPrefix()}states`;
const KEYS = [1, 2, 3].map((n) => `01900000-0000-7000-8000-00000000000${n}`) as [string, string, string];
let pool: Pool;
let drop: () => Promise<void>;

beforeAll(async () => {
  const { databaseUrl } = await testStack();
  pool = createPool({ url: await createDatabase(databaseUrl, name), applicationName: 'states-spec' });
  drop = () => dropDatabase(databaseUrl, name);
  await migrate(pool, 'v2', sinkMigrations('v2'));
  await prepareOffsets(pool, 'v2', 'order', 2);
  await prepareOffsets(pool, 'v2', 'customer', 1);
  await query(
    pool,
    `update v2.sink_offset set next_offset = 40 + partition, epoch = 3, share = 10 where consumer = 'order'`,
  );
  await query(pool, `update v2.sink_offset set epoch = 2 where consumer = 'order' and partition = 1`);
  await query(
    pool,
    `insert into v2.state (consumer, key, version, liveness, owner, epoch, recent_events, document, applied_version, transformer_version)
     select 'order', key, version, 'live', 'new', 3, '1:e', jsonb_build_object('n', version), version, 1
     from unnest($1::uuid[]) with ordinality as k (key, version)`,
    [KEYS.slice(0, 2)],
  );
}, 180_000);
afterAll(async () => {
  await pool?.end();
  await drop?.();
});

describe('the last events of a key', () => {
  it('are what they were in a store from before they were text', async () => {
    const key = '00000000-0000-4000-8000-0000000000aa';
    const all = sinkMigrations('older');
    const before = all.slice(
      0,
      all.findIndex(({ name }) => name === 'sink/6-recent'),
    );
    await migrate(pool, 'older', before);
    const entries = [
      { eventId: 'a:b', version: 9 },
      { eventId: 'c', version: 10 },
    ];
    const asBefore = (keys: readonly (string | undefined)[], recent: readonly string[]) =>
      query(
        pool,
        `insert into older.state (consumer, key, version, liveness, owner, epoch, recent, applied_version, transformer_version)
         select 'order', key, 10, 'live', 'new', 0, recent, 10, 1 from unnest($1::uuid[], $2::jsonb[]) as k (key, recent)`,
        [keys, recent],
      );
    await asBefore([key, KEYS[0]], [JSON.stringify(entries), '[]']);
    await migrate(pool, 'older', all);
    // Of a process that is still up from before: it can neither write nor read one.
    await expect(asBefore([KEYS[1]], ['[]'])).rejects.toThrow('column "recent" of relation "state" does not exist');
    await expect(query(pool, 'select recent from older.state')).rejects.toThrow('column "recent" does not exist');
    const states = await readStates(pool, 'older', 'order', [key, KEYS[0] as string]);
    expect([...states.values()].map(({ keyState }) => keyState.recent).sort((a, b) => b.length - a.length)).toEqual([
      entries,
      [],
    ]);
  });
});

describe('the states of many keys', () => {
  it('come in the order of the questions, each with the place that it was asked with', async () => {
    const asked = [
      { consumer: 'order', key: KEYS[1], partition: 1 },
      { consumer: 'order', key: KEYS[2], partition: 0 },
      { consumer: 'customer', key: KEYS[0], partition: 0 },
      { consumer: 'order', key: KEYS[0] },
      { consumer: 'order', key: KEYS[1], partition: 0 },
    ];
    const [second, unknown, elsewhere, placeless, again] = await readPlacedStates(pool, 'v2', asked);
    expect(second).toEqual({
      ...NO_STATE,
      keyState: { version: 2, liveness: 'live', owner: 'new', epoch: 3, recent: [{ eventId: 'e', version: 1 }] },
      document: { n: 2 },
      appliedVersion: 2,
      transformerVersion: 1,
      nextOffset: 41n,
      authority: { epoch: 2, share: 10, handback: 0 },
      epoch: 2,
    });
    expect(unknown).toEqual({
      ...NO_STATE,
      nextOffset: 40n,
      authority: { epoch: 3, share: 10, handback: 0 },
      epoch: 2,
    });
    expect(elsewhere).toEqual({
      ...NO_STATE,
      nextOffset: 0n,
      authority: { epoch: 0, share: 0, handback: 0 },
      epoch: 0,
    });
    expect(placeless).toMatchObject({
      document: { n: 1 },
      nextOffset: 0n,
      authority: { epoch: 0, share: 0, handback: 0 },
      epoch: 2,
    });
    expect(again).toMatchObject({ document: { n: 2 }, nextOffset: 40n, authority: { epoch: 3 }, epoch: 2 });
  });
});

describe('the epoch of a consumer', () => {
  it('is the lowest of its partitions, 0 before any', async () => {
    const epochs = await Promise.all(['customer', 'order', 'nobody'].map((consumer) => epochOf(pool, 'v2', consumer)));
    expect(epochs).toEqual([0, 2, 0]);
  });
});
