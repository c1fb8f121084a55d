import { FIRST_AUTHORITY, NEVER_SEEN, newId } from '@banyan/core';
import { createPool, migrate, type Pool, query } from '@banyan/postgres';
import { createDatabase, dropDatabase, randomPrefix, testStack } from '@banyan/stack/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { API_SCHEMA, apiMigrations } from '../api-schema.js';
import type { PendingEvent } from '../commands/pending-event.js';
import { type Begun, IdempotencyStore } from './idempotency-store.js';

const name = `${randomPrefix()}api`;
let pool: Pool;
let store: IdempotencyStore;
let drop: () => Promise<void>;

beforeAll(async () => {
  const { databaseUrl } = await testStack();
  pool = createPool({ url: await createDatabase(databaseUrl, name), applicationName: 'idempotency-spec' });
  drop = () => dropDatabase(databaseUrl, name);
  store = new IdempotencyStore(pool, newId);
}, 180_000);
afterAll(async () => {
  await pool?.end();
  await drop?.();
});

const event: PendingEvent = {
  eventId: 'e1',
  record: {
    topic: 'northwind.order.v1',
    partition: 3,
    key: '01900000-0000-7000-8000-000000000001',
    value: Buffer.from([0, 1, 255]),
    headers: { ce_id: 'e1' },
  },
  noted: { nextOffset: 9_007_199_254_740_993n, authority: FIRST_AUTHORITY, keyState: NEVER_SEEN },
  position: undefined,
};

async function work(key: string, hash = 'h'): Promise<Extract<Begun, { type: 'work' }>['journal']> {
  const begun = await store.begin(key, hash);
  if (begun.type !== 'work') throw new Error('answered already');
  return begun.journal;
}

/** The process that held the key is gone, and its lease has run out. */
const expire = (key: string) =>
  query(pool, `update api.idempotency set lease_until = now() - interval '1 s' where key = $1`, [key]);

describe('IdempotencyStore', () => {
  it('is 503 before its tables are there', async () => {
    await expect(store.begin('early', 'h')).rejects.toMatchObject({ status: 503, code: 'API_STORE_NOT_READY' });
    await migrate(pool, API_SCHEMA, apiMigrations);
  });

  it('gives a key to one try at a time, and tells the others how long to wait', async () => {
    const tries = await Promise.allSettled([1, 2, 3, 4].map(() => store.begin('one', 'h')));
    expect(tries.filter((each) => each.status === 'fulfilled')).toHaveLength(1);
    for (const each of tries) {
      if (each.status === 'rejected') {
        expect(each.reason).toMatchObject({ status: 409, code: 'API_IDEMPOTENCY_IN_FLIGHT' });
        expect(Number(each.reason.headers['retry-after'])).toBeGreaterThanOrEqual(1);
      }
    }
    for (const each of tries) if (each.status === 'fulfilled' && each.value.type === 'work') each.value.journal.close();
  });

  it('hands the stored bytes to the try that takes over, and lets the old one change nothing more', async () => {
    const first = await work('taken');
    expect(first.pending).toBeUndefined();
    await first.note(event);
    await expire('taken');
    const second = await work('taken');
    expect(second.pending).toEqual(event);
    await expect(first.note({ ...event, eventId: 'e2' })).rejects.toMatchObject({ code: 'API_IDEMPOTENCY_IN_FLIGHT' });
    await first.finish({ status: 500, headers: {}, body: 'late' });
    await second.acknowledged({ partition: 3, offset: 41n });
    await expire('taken');
    const third = await work('taken');
    expect(third.pending).toEqual({ ...event, position: { partition: 3, offset: 41n } });
    await third.finish({ status: 201, headers: { etag: '"1"' }, body: { z: 1, a: 2 } });
    const replayed = await store.begin('taken', 'h');
    expect(JSON.stringify(replayed)).toBe(
      JSON.stringify({ type: 'answered', answer: { status: 201, headers: { etag: '"1"' }, body: { z: 1, a: 2 } } }),
    );
    for (const each of [first, second, third]) each.close();
  });

  it('is as good as new when nothing was done, and keeps what may be in the log', async () => {
    const first = await work('released');
    await first.release({ dropPending: false });
    const second = await work('released', 'another request');
    await second.note(event);
    await second.release({ dropPending: false });
    const third = await work('released', 'another request');
    expect(third.pending?.eventId).toBe('e1');
    await third.release({ dropPending: true });
    expect(await query(pool, `select 1 from api.idempotency where key = 'released'`)).toEqual([]);
    for (const each of [first, second, third]) each.close();
  });

  it('refuses another request under the key, answered or not', async () => {
    const first = await work('reused');
    await expect(store.begin('reused', 'other')).rejects.toMatchObject({
      status: 422,
      code: 'API_IDEMPOTENCY_KEY_REUSED',
    });
    await expire('reused');
    await expect(store.begin('reused', 'other')).rejects.toMatchObject({ code: 'API_IDEMPOTENCY_KEY_REUSED' });
    first.close();
  });

  it('forgets keys after seven days', async () => {
    const journal = await work('old');
    await journal.finish({ status: 200, headers: {}, body: {} });
    journal.close();
    await query(pool, `update api.idempotency set created_at = now() - interval '7 days 1 s' where key = 'old'`);
    expect(await store.forgetOld(10)).toBe(1);
    expect((await store.begin('old', 'other')).type).toBe('work');
  });
});
