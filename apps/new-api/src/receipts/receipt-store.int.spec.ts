import { FIRST_AUTHORITY, NEVER_SEEN, newId } from '@banyan/core';
import { createPool, migrate, type Pool, query } from '@banyan/postgres';
import { createDatabase, dropDatabase, randomPrefix, testStack } from '@banyan/stack/testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { API_SCHEMA, apiMigrations } from '../api-schema.js';
import type { NotedEvent } from '../commands/pending-event.js';
import { IdempotencyStore } from '../idempotency/idempotency-store.js';
import { ReceiptStore } from './receipt-store.js';

const name = `${randomPrefix()}api`;
let pool: Pool;
let store: ReceiptStore;
let statements = 0;
let drop: () => Promise<void>;

beforeAll(async () => {
  const { databaseUrl } = await testStack();
  pool = createPool({ url: await createDatabase(databaseUrl, name), applicationName: 'receipt-spec' });
  drop = () => dropDatabase(databaseUrl, name);
  const { query: send } = pool;
  const counting = (...args: unknown[]): unknown => {
    statements += 1;
    return Reflect.apply(send, pool, args);
  };
  store = new ReceiptStore(Object.create(pool, { query: { value: counting } }) as Pool);
}, 180_000);
afterAll(async () => {
  await pool?.end();
  await drop?.();
});

const anEvent = (): NotedEvent => ({
  eventId: newId(),
  record: { topic: 'northwind.order.v1', partition: 3, key: newId(), headers: { ce_id: 'e' } },
  noted: { nextOffset: 9_007_199_254_740_993n, authority: FIRST_AUTHORITY, keyState: NEVER_SEEN },
});
const age = (eventIds: readonly string[], interval: string) =>
  query(pool, `update api.receipt set created_at = now() - $2::interval where event_id = any($1)`, [
    eventIds,
    interval,
  ]);

describe('ReceiptStore', () => {
  it('is 503 before its tables are there', async () => {
    await expect(store.keep('order', anEvent())).rejects.toMatchObject({ status: 503, code: 'API_STORE_NOT_READY' });
    await migrate(pool, API_SCHEMA, apiMigrations);
  });

  it('gives another process all that was kept, the place where Kafka put the event once that is known', async () => {
    const event = anEvent();
    await store.keep('order', event);
    const other = new ReceiptStore(pool);
    const kept = await other.find(event.eventId);
    expect(kept).toMatchObject({ ...event, entity: 'order', position: undefined, outcome: undefined });
    expect(Date.parse(kept?.keptUntil ?? '') - Date.parse(kept?.since ?? '')).toBe(7 * 86_400_000);
    await store.keep('order', event, { partition: 3, offset: 41n });
    // A later try that appended again, or knows no place, takes nothing away.
    await store.keep('order', event, { partition: 3, offset: 42n });
    await store.keep('order', event);
    expect(await other.find(event.eventId)).toMatchObject({ position: { partition: 3, offset: 41n } });
    await other.learned(event.eventId, 'effective');
    expect(await store.find(event.eventId)).toMatchObject({ outcome: 'effective' });
    await store.drop(event.eventId);
    expect(await store.find(event.eventId)).toBeUndefined();
  });

  it('learns where an event lies whose receipt is kept, once, and keeps none for that', async () => {
    const [event, other] = [anEvent(), anEvent()];
    await store.keep('order', event);
    await Promise.all([event, other].map(({ eventId }) => store.acknowledged(eventId, { partition: 3, offset: 41n })));
    await store.acknowledged(event.eventId, { partition: 3, offset: 42n });
    expect(await store.find(event.eventId)).toMatchObject({ position: { partition: 3, offset: 41n } });
    expect(await store.find(other.eventId)).toBeUndefined();
  });

  it('keeps those of many requests at once, and one that cannot be stored takes none with it', async () => {
    const events = Array.from({ length: 500 }, anEvent);
    const [bad, twice] = [events[77], events[78]] as [NotedEvent, NotedEvent];
    const broken = { ...bad, record: { ...bad.record, headers: { ce_id: '\u0000' } } };
    const kept = await Promise.allSettled([
      ...events.map((event) => store.keep('order', event === bad ? broken : event)),
      store.keep('order', twice, { partition: 3, offset: 9_007_199_254_740_991n }),
    ]);
    expect(kept.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(kept[77]).toMatchObject({ reason: { code: '22P05' } });
    const found = await Promise.all(events.map(({ eventId }) => store.find(eventId)));
    expect(found.filter((one) => one !== undefined)).toHaveLength(499);
    expect(found[3]).toMatchObject(events[3] ?? {});
    expect(
      await query(pool, 'select acknowledged_offset::text as at from api.receipt where event_id = $1', [twice.eventId]),
    ).toEqual([{ at: '9007199254740991' }]);
    statements = 0;
    await Promise.all(events.map(({ eventId }, n) => store.acknowledged(eventId, { partition: 3, offset: BigInt(n) })));
    expect(await store.find(events[4]?.eventId ?? '')).toMatchObject({ position: { partition: 3, offset: 4n } });
    await Promise.all(Array.from({ length: 500 }, anEvent).map((event) => store.keep('order', event)));
    // Each time three for 500, and one to look.
    expect(statements).toBe(7);
    await query(pool, 'truncate api.receipt');
  });

  it('knows nothing any more after seven days, forgotten or not', async () => {
    const events = [anEvent(), anEvent()] as const;
    for (const event of events) await store.keep('order', event);
    const [old, young] = events.map(({ eventId }) => eventId) as [string, string];
    await age([old], '7 days 1 s');
    await age([young], '6 days 23 hours');
    expect(await store.find(old)).toBeUndefined();
    expect(await store.find(young)).toBeDefined();
    expect(await store.oldestSeconds()).toBeGreaterThan(7 * 86_400);
    expect(await store.forgetOld(10)).toBe(1);
    expect(await store.find(young)).toBeDefined();
    expect(await store.oldestSeconds()).toBeLessThan(7 * 86_400);
  });

  it('forgets in batches, each row once, however many processes do so at once', async () => {
    const idempotency = new IdempotencyStore(pool, newId);
    for (const [forgetful, fill] of [
      [
        store,
        `insert into api.receipt (event_id, entity, topic, partition, record_key, headers, noted, created_at)
         select gen_random_uuid(), 'order', 't', 0, gen_random_uuid(), '{}', '{}', now() - interval '8 days'
         from generate_series(1, 500)`,
      ],
      [
        idempotency,
        `insert into api.idempotency (key, request_hash, holder, lease_until, created_at)
         select 'old-' || n, 'h', gen_random_uuid(), now() - interval '8 days', now() - interval '8 days'
         from generate_series(1, 500) n`,
      ],
    ] as const) {
      await query(pool, fill);
      const gone: number[] = [];
      const process = async (): Promise<void> => {
        for (let batch = 20; batch > 0; ) {
          batch = await forgetful.forgetOld(20);
          gone.push(batch);
        }
      };
      await Promise.all([process(), process(), process()]);
      expect(Math.max(...gone)).toBe(20);
      expect(gone.reduce((sum, one) => sum + one, 0)).toBe(500);
    }
  });

  it('leaves an old key that somebody works on just now', async () => {
    await query(
      pool,
      `insert into api.idempotency (key, request_hash, holder, lease_until, created_at)
       values ('worked-on', 'h', gen_random_uuid(), now() + interval '10 s', now() - interval '8 days')`,
    );
    expect(await new IdempotencyStore(pool, newId).forgetOld(10)).toBe(0);
  });
});
