import { createPool, migrate, type Pool, prepareOffsets, query, sinkMigrations } from '@banyan/postgres';
import { createDatabase, dropDatabase, randomPrefix, testStack } from '@banyan/stack/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { followProjection, type ProjectionProgress } from './projection-progress.js';
import { observeStates } from './state-observer.js';

const name = `${randomPrefix()}progress`;
let url: string;
let pool: Pool;
let progress: ProjectionProgress;
let drop: () => Promise<void>;

beforeAll(async () => {
  const { databaseUrl } = await testStack();
  url = await createDatabase(databaseUrl, name);
  drop = () => dropDatabase(databaseUrl, name);
  pool = createPool({ url, applicationName: 'progress-spec' });
  await migrate(pool, 'v2', sinkMigrations('v2'));
}, 180_000);
afterAll(async () => {
  await pool?.end();
  await drop?.();
});

beforeEach(async () => {
  await query(pool, 'truncate v2.sink_offset');
  await prepareOffsets(pool, 'v2', 'order', 2);
});
afterEach(() => progress?.close());

const follow = (pollMs: number) => {
  progress = followProjection({ pool, url, applicationName: 'progress-spec', pollMs });
  return progress;
};
const advance = (partition: number, next: number) =>
  query(pool, 'update v2.sink_offset set next_offset = $2 where partition = $1', [partition, next]);
const place = (partition: number, offset: bigint) => ({ consumer: 'order', partition, offset });

describe('followProjection', () => {
  it('is true at once for what is passed already, and false at the deadline for what is not', async () => {
    await advance(0, 5);
    const { reached } = follow(10);
    expect(await reached(place(0, 4n), 30_000)).toBe(true);
    // The next offset itself is not passed yet; another partition does not count.
    expect(await Promise.all([reached(place(0, 5n), 100), reached(place(1, 0n), 100)])).toEqual([false, false]);
  });

  it('hears of progress without looking again', async () => {
    // One look at the start, and the next one long after the test: only the notification can tell.
    const { reached } = follow(600_000);
    // The listener is connected once it hears something.
    let heard: boolean | undefined;
    const waiting = reached(place(0, 0n), 60_000).then((answer) => {
      heard = answer;
    });
    while (heard === undefined) await query(pool, `select pg_notify('v2_projected', 'order:0:1'), pg_sleep(0.02)`);
    await waiting;
    expect(heard).toBe(true);
  });

  it('looks for itself when nobody tells', async () => {
    const { reached } = follow(20);
    const waiting = reached(place(1, 41n), 30_000);
    await advance(1, 42);
    expect(await waiting).toBe(true);
  });

  it('goes on after all its connections were cut', async () => {
    const { reached } = follow(20);
    const waiting = reached(place(0, 9n), 30_000);
    await query(
      pool,
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'progress-spec' and datname = current_database() and pid <> pg_backend_pid()`,
    );
    // The pool's own were cut as well, and it may not have heard of each yet.
    for (let told = false; !told; ) {
      told = await advance(0, 10).then(
        () => true,
        () => false,
      );
    }
    expect(await waiting).toBe(true);
  });

  it('lets nobody wait once it is closed', async () => {
    const { reached, close } = follow(20);
    const waiting = reached(place(0, 9n), 60_000);
    await close();
    expect(await waiting).toBe(false);
    expect(await reached(place(0, 9n), 60_000)).toBe(false);
  });
});

describe('observeStates', () => {
  it('gives the authority of every partition', async () => {
    await query(pool, 'update v2.sink_offset set epoch = 3, share = 10, handback = 2 where partition = 1');
    expect([...(await observeStates(pool).authorities('order'))].sort()).toEqual([
      [0, { epoch: 0, share: 0, handback: 0 }],
      [1, { epoch: 3, share: 10, handback: 2 }],
    ]);
    expect(await observeStates(pool).keyStates('order', ['01900000-0000-7000-8000-000000000001'])).toEqual(new Map());
  });
});
