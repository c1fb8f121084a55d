import { HEADER, type LogRecord } from '@banyan/contracts';
import type { Origin } from '@banyan/core';
import type { LogEntry } from '@banyan/core/testing';
import { type Connection, createPool, migrate, type Pool, sinkMigrations } from '@banyan/postgres';
import { createDatabase, dropDatabase, randomPrefix, testStack } from '@banyan/stack/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Apply } from './apply.js';
import { imbalances } from './books.js';
import { createSink, type Sink } from './create-sink.js';
import { createPostgresSinkStore } from './postgres-sink-store.js';
import { jsonDecoder, notes, recordOf } from './testing/notes.js';

const A = '00000000-0000-4000-8000-00000000000a';
const B = '00000000-0000-4000-8000-00000000000b';
const POISON = 'not json';

let pool: Pool;
let adminUrl: string;
const database = `${randomPrefix()}books`;
let schema: string;

beforeAll(async () => {
  adminUrl = (await testStack()).databaseUrl;
  pool = createPool({ url: await createDatabase(adminUrl, database), applicationName: 'books-spec' });
}, 180_000);

afterAll(async () => {
  await pool.end();
  await dropDatabase(adminUrl, database);
});

beforeEach(async () => {
  schema = `${randomPrefix()}v2`;
  await migrate(pool, schema, sinkMigrations(schema));
});

/** A sink whose effects are nothing but what `apply` says. */
async function aSink(apply: Apply<Connection> = async () => undefined, evolve = notes.evolve): Promise<Sink> {
  const store = createPostgresSinkStore({ pool, schema, consumer: 'note' });
  const sink = createSink({ store, entity: { ...notes, evolve }, codec: jsonDecoder, apply });
  await sink.position(0);
  return sink;
}

interface Given {
  readonly key?: string;
  readonly id?: string;
  readonly origin?: Origin;
  readonly hash?: string;
  readonly on: number;
  readonly epoch?: number;
  readonly payload?: string;
}

/** Appends to a log of one partition. */
function aLog() {
  let offset = 0n;
  const next = (entry: LogEntry, payload?: string): LogRecord => {
    const record = recordOf(entry, { offset }, payload);
    offset += 1n;
    return record;
  };
  return {
    event({ key = A, id = `e${offset}`, origin = 'api', hash, on, epoch = 0, payload }: Given): LogRecord {
      const contentHash = origin === 'api' ? undefined : (hash ?? `v1:${offset}`);
      const headers = { key, id, origin, expectedVersion: on, epoch, liveness: 'live' as const, contentHash };
      return next({ type: 'event', headers }, payload);
    },
    fence: (epoch: number) => next({ type: 'marker', marker: { type: 'fence', epoch, share: 100 } }),
  };
}

const slice = (...records: LogRecord[]) => ({ topic: 'test.note.v1', partition: 0, records });

/** The books of partition 0, without what is nothing; fails where they do not balance. */
async function balanced(sink: Sink): Promise<Record<string, number>> {
  const all = await sink.books();
  expect(all.flatMap(imbalances)).toEqual([]);
  return Object.fromEntries(Object.entries(all[0] ?? {}).filter(([, count]) => count !== 0));
}

describe('the books of a sink', () => {
  it('have every record under its outcome, however the log is cut', async () => {
    const log = aLog();
    const records = [
      log.event({ on: 0, origin: 'backfill', hash: 'v1:same' }),
      log.event({ on: 1, origin: 'backfill', hash: 'v1:same' }),
      log.fence(1),
      log.event({ on: 1, origin: 'backfill' }),
      log.event({ key: B, id: 'twice', on: 0, epoch: 1 }),
      log.event({ key: B, id: 'twice', on: 0, epoch: 1 }),
      log.event({ key: B, on: 0, epoch: 1 }),
      log.event({ key: B, on: 1, epoch: 1, origin: 'backfill' }),
      log.event({ key: B, on: 9, epoch: 1 }),
      log.event({ key: B, on: 1, epoch: 1, payload: POISON }),
    ];
    const expected = {
      next: 10,
      ...{ marker: 1, effective: 3, unchanged: 1, stale: 1, duplicate: 1, conflict: 1, superseded: 1, invalid: 1 },
      ...{ applied: 2, parked: 1 },
    };
    const whole = await aSink();
    await whole.handle(slice(...records));
    expect(await balanced(whole)).toEqual(expected);

    schema = `${randomPrefix()}v2`;
    await migrate(pool, schema, sinkMigrations(schema));
    const cut = await aSink();
    for (const record of records) await cut.handle(slice(record));
    expect(await balanced(cut)).toEqual(expected);
  });

  it('move an effect from parked to applied when it is replayed, and to discarded when an import passes it', async () => {
    const log = aLog();
    const sink = await aSink();
    const poison = log.event({ on: 0, payload: POISON });
    await sink.handle(slice(poison, log.event({ on: 1 })));
    expect(await balanced(sink)).toEqual({ next: 2, effective: 2, parked: 2 });
    const mended = createSink({
      store: createPostgresSinkStore({ pool, schema, consumer: 'note' }),
      entity: notes,
      codec: { decode: async () => ({ id: 'e', whole: false }) },
      apply: async () => undefined,
    });
    await mended.replay(A);
    expect(await balanced(sink)).toEqual({ next: 2, effective: 2, applied: 2 });

    const importOf = (on: number) => log.event({ key: B, on, origin: 'backfill' });
    await sink.handle(slice(log.event({ key: B, on: 0, origin: 'backfill', payload: POISON })));
    await sink.handle(slice(importOf(1)));
    expect(await balanced(sink)).toEqual({ next: 4, effective: 4, applied: 3, discarded: 1 });
    // Within one slice nothing of it is ever stored.
    await sink.handle(slice(log.event({ key: B, on: 2, origin: 'backfill', payload: POISON }), importOf(3)));
    expect(await balanced(sink)).toEqual({ next: 6, effective: 6, applied: 4, discarded: 2 });
  });

  it('count an effect that cannot be written as parked, key by key, as far as a replay gets', async () => {
    const log = aLog();
    let refused = ['e0', 'e1', 'e3'];
    const sink = await aSink(async (_tx, changes) => {
      for (const { eventId } of changes) if (refused.includes(eventId)) throw new TypeError(`no ${eventId}`);
    });
    const refusedByFold = log.event({ on: 0, id: 'e0' });
    await sink.handle(slice(refusedByFold, log.event({ on: 1 }), log.event({ key: B, on: 0 }), log.event({ on: 2 })));
    // What took no effect waits with the others of its key, and is no effect.
    await sink.handle(slice(log.event({ on: 0 })));
    expect(await balanced(sink)).toEqual({ next: 5, effective: 4, conflict: 1, applied: 1, parked: 3 });
    refused = ['e3'];
    await sink.replay(A);
    expect(await balanced(sink)).toEqual({ next: 5, effective: 4, conflict: 1, applied: 3, parked: 1 });
    refused = [];
    await sink.replay(A);
    expect(await balanced(sink)).toEqual({ next: 5, effective: 4, conflict: 1, applied: 4 });
  });

  it('take nothing of a slice that is rolled back', async () => {
    const log = aLog();
    const [first, second] = [log.event({ on: 0 }), log.event({ on: 1 })];
    await (await aSink()).handle(slice(first));
    const away = await aSink(async () => {
      throw Object.assign(new Error('the server is shutting down'), { code: '57P01' });
    });
    await expect(away.handle(slice(second))).rejects.toMatchObject({ code: 'POSTGRES_UNAVAILABLE' });
    await expect(away.handle(slice(first))).rejects.toMatchObject({ code: 'POSITION_TAKEN' });
    expect(await balanced(away)).toEqual({ next: 1, effective: 1, applied: 1 });
  });

  it('do not balance where a parked event vanished, or a position was moved by hand', async () => {
    const log = aLog();
    const sink = await aSink();
    await sink.handle(slice(log.event({ on: 0, payload: POISON }), log.event({ key: B, on: 0 })));
    await pool.query(`delete from ${schema}.parked`);
    await pool.query(`update ${schema}.sink_offset set next_offset = 5`);
    expect((await sink.books()).flatMap(imbalances)).toEqual([
      'partition 0: 5 records passed, 2 have an outcome',
      'partition 0: 2 events are effective, 1 effects are applied, parked or discarded',
    ]);
  });

  it('begin with what a store that was there before them has parked', async () => {
    schema = `${randomPrefix()}v2`;
    const [tables, ...later] = sinkMigrations(schema);
    if (tables === undefined) throw new Error('no migration');
    await migrate(pool, schema, [tables]);
    await pool.query(`insert into ${schema}.sink_offset (consumer, partition, next_offset) values ('note', 0, 100)`);
    const parked = { [HEADER.id]: 'e40' };
    await pool.query(
      `insert into ${schema}.parked (consumer, key, partition, record_offset, kind, headers, change) values
         ('note', $1, 0, 40, 'state', $2, '{"version":1}'), ('note', $1, 0, 41, 'invalid', $2, null)`,
      [A, parked],
    );
    await migrate(pool, schema, [tables, ...later]);
    const sink = await aSink();
    expect(await balanced(sink)).toEqual({ from: 99, next: 100, effective: 1, parked: 1 });
    const record = { ...aLog().event({ key: B, on: 0 }), offset: 100n };
    await sink.handle(slice(record));
    expect(await balanced(sink)).toEqual({ from: 99, next: 101, effective: 2, parked: 1, applied: 1 });
  });
});
