import { ConnectionLost, MemoryDatabase, type MemoryTx } from '@banyan/postgres/testing';
import { createMemorySinkStore } from './memory-sink-store.js';
import { OFFSETS, type OffsetInMemory, PARKED, type ParkedInMemory } from './memory-tables.js';
import { type EffectRow, Payloads, type SinkWorld, type SinkWorlds } from './sink-world.js';

const SCHEMA = 'v2';
const EFFECTS = 'row';
const WIDTH = 36;

export async function memoryWorlds(): Promise<SinkWorlds<MemoryTx>> {
  return { world: async () => memoryWorld(), close: async () => undefined };
}

function memoryWorld(): SinkWorld<MemoryTx> {
  const database = new MemoryDatabase();
  const hand = database.session();
  let width = WIDTH;
  const each = <R extends object>(table: string, change: (row: R) => R): Promise<void> =>
    hand.run('hand', (rows) => {
      for (const [key, row] of rows.all<R>(table)) rows.put(table, key, change(row));
    });
  return {
    store: (consumer = 'note') => createMemorySinkStore({ session: database.session(), schema: SCHEMA, consumer }),
    put: (tx, { key, version, text }) =>
      tx.run('put', (rows) => {
        if (text.length > width) throw refused('22001');
        if (rows.get(EFFECTS, `${key}/${version}`) !== undefined) throw refused('23505');
        rows.put(EFFECTS, `${key}/${version}`, { key, version, text });
      }),
    widen: async () => {
      width = Number.POSITIVE_INFINITY;
    },
    rows: async () =>
      database
        .committed<EffectRow>(EFFECTS)
        .map(([, { key, version, text }]) => `${key.slice(-1)}${version}:${text}`)
        .sort(),
    cut: (tx) =>
      tx.run('cut', () => {
        throw new ConnectionLost('cut');
      }),
    rewind: () => each<OffsetInMemory>(OFFSETS, (row) => ({ ...row, nextOffset: 0n })),
    age: (key) =>
      each<ParkedInMemory>(PARKED, (row) => (row.key === key ? { ...row, parkedAtMs: Date.now() - 60_000 } : row)),
    someoneWaits: () => new Promise((resolve) => setImmediate(resolve)),
    listen: async () => {
      const payloads = new Payloads();
      const stop = database.listen((channel, payload) => {
        if (channel === `${SCHEMA}_projected`) payloads.push(payload);
      });
      return { next: () => payloads.next(), close: async () => void stop() };
    },
  };
}

function refused(code: string): Error {
  return Object.assign(new Error('a row is refused'), { code });
}
