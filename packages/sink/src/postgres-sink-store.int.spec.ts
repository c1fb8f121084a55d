import type { Connection } from '@banyan/postgres';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { sinkStoreContract } from './sink-store.contract.js';
import { postgresWorlds } from './testing/postgres-world.js';
import type { SinkWorlds } from './testing/sink-world.js';

sinkStoreContract('PostgresSinkStore', postgresWorlds);

describe('PostgresSinkStore: what is parked', () => {
  const key = '00000000-0000-4000-8000-00000000000a';
  let worlds: SinkWorlds<Connection>;

  beforeAll(async () => {
    worlds = await postgresWorlds();
  }, 180_000);

  afterAll(async () => {
    await worlds?.close();
  });

  it('comes in log order whatever plan PostgreSQL makes: the index has that order by itself', async () => {
    const store = (await worlds.world()).store();
    const change = { version: 1, beforeLive: false, afterLive: true };
    const read = await store.transaction(async (tx) => {
      for (const offset of [2n, 3n, 1n]) {
        const record = { partition: 0, offset, key, value: null, headers: {} };
        const why = { kind: 'state', eventId: `e${offset}`, eventType: undefined, change, error: undefined } as const;
        await tx.saveParked([{ record, key, ...why }]);
      }
      await tx.handle.query('set local enable_indexscan = off; set local enable_bitmapscan = off');
      return tx.loadParked(key);
    });
    expect(read.map(({ record }) => record.offset)).toEqual([1n, 2n, 3n]);
  });
});
