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
let statements = 0;
let drop: () => Promise<void>;

beforeAll(async () => {
  const { databaseUrl } = await testStack();
  pool = createPool({ url: await createDatabase(databaseUrl, name), applicationName: 'idempotency-spec' });
  drop = () => dropDatabase(databaseUrl, name);
  const { query: send } = pool;
  const counting = (...args: unknown[]): unknown => {
    statements += 1;
    return Reflect.apply(send, pool, args);
  };
  store = new IdempotencyStore(Object.create(pool, { query: { value: counting } }) as Pool, newId);
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

  it('gives each of many requests at once what its own key says', async () => {
    const [answered, other, held] = await Promise.all(['m-answered', 'm-other', 'm-held'].map((key) => work(key)));
    await answered?.finish({ status: 201, headers: {}, body: { n: 1 } });
    statements = 0;
    const begun = await Promise.allSettled([
      ...Array.from({ length: 100 }, (_, n) => store.begin(`m-${n}`, 'h')),
      store.begin('m-answered', 'h'),
      store.begin('m-other', 'another'),
      store.begin('m-held', 'h'),
    ]);
    // One that takes the free ones, one that looks at the others.
    expect(statements).toBe(2);
    expect(begun.slice(100)).toMatchObject([
      { value: { type: 'answered', answer: { status: 201, body: { n: 1 } } } },
      { reason: { code: 'API_IDEMPOTENCY_KEY_REUSED' } },
      { reason: { code: 'API_IDEMPOTENCY_IN_FLIGHT' } },
    ]);
    const journals = begun.flatMap((one) =>
      one.status === 'fulfilled' && one.value.type === 'work' ? [one.value.journal] : [],
    );
    expect(journals).toHaveLength(100);
    const pending = (n: number): PendingEvent => ({
      ...event,
      eventId: `m-e${n}`,
      record: { ...event.record, value: Buffer.from([n, 0]) },
    });
    // Of one, another try has it by then; of one, PostgreSQL refuses the headers.
    await expire('m-7');
    const seventh = await work('m-7');
    const noted = await Promise.allSettled(
      journals.map((journal, n) =>
        journal.note(n === 8 ? { ...event, record: { ...event.record, headers: { ce_id: '\u0000' } } } : pending(n)),
      ),
    );
    expect(noted.flatMap(({ status }, n) => (status === 'rejected' ? [n] : []))).toEqual([7, 8]);
    await Promise.all(
      journals.map(async (journal, n) => {
        if (n % 3 === 0) await journal.acknowledged({ partition: 3, offset: BigInt(n) });
        if (n % 3 === 1) await journal.finish({ status: 200, headers: { etag: `"${n}"` }, body: { n } });
        await journal.release({ dropPending: n % 3 === 2 });
      }),
    );
    const again = await Promise.allSettled(journals.map((_, n) => store.begin(`m-${n}`, 'h')));
    const saidOf = (n: number) => {
      const one = again[n];
      if (one?.status !== 'fulfilled') return one?.reason.code;
      return one.value.type === 'answered' ? one.value.answer : one.value.journal.pending;
    };
    expect(saidOf(9)).toEqual({ ...pending(9), position: { partition: 3, offset: 9n } });
    expect(saidOf(10)).toEqual({ status: 200, headers: { etag: '"10"' }, body: { n: 10 } });
    expect(saidOf(11)).toBeUndefined();
    expect(saidOf(7)).toBe('API_IDEMPOTENCY_IN_FLIGHT');
    const open = again.flatMap((one) =>
      one.status === 'fulfilled' && one.value.type === 'work' ? [one.value.journal] : [],
    );
    for (const each of [answered, other, held, seventh, ...journals, ...open]) each?.close();
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
