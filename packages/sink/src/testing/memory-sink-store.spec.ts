import { MemoryDatabase, type MemorySession } from '@banyan/postgres/testing';
import { describe, expect, it } from '@jest/globals';
import { sinkStoreContract } from '../sink-store.contract.js';
import { createMemorySinkStore } from './memory-sink-store.js';
import { memoryWorlds } from './memory-world.js';

sinkStoreContract('MemorySinkStore', memoryWorlds);

describe('MemorySinkStore: a position that two ask for first', () => {
  const storeOf = (session: MemorySession) => createMemorySinkStore({ session, schema: 'v2', consumer: 'note' });

  it.each([
    ['before it makes the row', 'lock sink_offset/note/0'],
    ['before it commits the row', 'commit'],
  ])('stays where a slice moves it when the other one is held up %s', async (_, where) => {
    const database = new MemoryDatabase();
    const [there, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let made = 0;
    const session = database.session(async (what) => {
      made += what === 'createOffset' ? 1 : 0;
      if (made === 0 || what !== where) return;
      there.resolve();
      await go.promise;
    });
    const slow = storeOf(session).position(0);
    await there.promise;
    const quick = storeOf(database.session());
    const moved = quick
      .position(0)
      .then(() => quick.transaction((tx) => tx.takePosition({ partition: 0, expected: 0n, next: 5n })));
    await new Promise((resolve) => setImmediate(resolve));
    go.resolve();
    await Promise.all([slow, moved]);
    expect(await quick.position(0)).toBe(5n);
  });
});
