import { createPool, type Pool, query } from '@banyan/postgres';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { request } from 'undici';
import { callLegacy } from './legacy-client.js';
import { backfill, banyan } from './operator.js';
import { type Watcher, watchControl } from './testing/move-with-kill.js';
import { drained } from './testing/once-in-both.js';
import { testWorld } from './testing/test-world.js';
import { until } from './until.js';
import type { CliResult, World } from './world.js';

interface Trace {
  readonly events: readonly { readonly outcome: string; readonly epoch: number }[];
}

const TO_NEW = ['entities', 'authority', 'order', '--to', 'new', '--json'];
const TO_LEGACY = ['entities', 'authority', 'order', '--to', 'legacy', '--json'];

describe('who may write orders is decided once', () => {
  let world: World;
  let watcher: Watcher;

  beforeAll(async () => {
    world = await testWorld('races');
    watcher = await watchControl(world);
    await backfill(world);
  }, 240_000);

  afterAll(async () => {
    await watcher?.close();
    await world?.stop();
  }, 60_000);

  it('by two operators at once: each step takes effect once, and whoever was second is told who was first', async () => {
    const [ann, ben] = await Promise.all([by('ann', TO_NEW), by('ben', TO_NEW)]);
    expect([ann.code, ben.code]).toEqual([0, 0]);
    // Both have read the end of the move; this one may not have yet.
    await watcher.control.until(({ entities }) => entities.order?.writeMode === 'new', 60_000);
    const history = watcher.control.history('entity:order');
    const accepted = history.filter(({ accepted: took }) => took).map(({ type }) => type);
    expect(accepted).toEqual(['EntityOpened', 'MovePlanned', 'MovePrepared', 'MoveFenced', 'MoveAnnounced']);
    for (const { why, by: who } of history.filter(({ accepted: took }) => !took)) {
      expect(`${who}: ${why}`).toMatch(/(ann|ben|legacy-api-proxy).* (wrote|planned|is not|can|registered)/);
    }
  }, 120_000);

  it('by one when the other wants the opposite: he is told whose move is open, and since when', async () => {
    await banyan(world, 'entities authority order --to legacy');
    // A forward move waits for each proxy, so it stays open as long as this one stands.
    world.app('legacy-api-proxy').freeze();
    try {
      const forward = world.startBanyan([...TO_NEW, '--patience', '60'], { OPERATOR: 'ann' });
      await watcher.control.until(({ entities }) => entities.order?.move?.direction === 'forward', 60_000);
      const back = await by('ben', TO_LEGACY);
      expect([back.code, back.stdout]).toEqual([
        4,
        expect.stringMatching(/a move to new is open \(planned by ann at \d{4}-.*Z\); finish it .* or --abort it/),
      ]);
      world.app('legacy-api-proxy').thaw();
      expect((await forward.result).code).toBe(0);
    } finally {
      world.app('legacy-api-proxy').thaw();
    }
  }, 120_000);

  it('and what an API instance decided before a fence, and appends behind it, takes no effect', async () => {
    // The API may not have heard yet that the last move is over: 503, come again.
    const id = await until('an order is placed', async () => {
      const { status, body } = await api('POST', '/v2/orders', placed(1), 'stale-0');
      return status === 201 ? String(body.id) : undefined;
    });
    await drained(world);
    const row = await rowOf(id);

    const pool = createPool({ url: world.databaseUrls.admin, applicationName: 'stale-spec', max: 2 });
    const release = await holdBeforeAppend(pool, 'stale-1');
    // The bytes are decided; nothing of them is in the log yet.
    const late = api('PUT', `/v2/orders/${id}`, placed(9), 'stale-1');
    try {
      await until('the API is about to append', () => waits(pool));
      world.app('new-api').freeze();
    } finally {
      await release();
      await pool.end();
    }
    try {
      await banyan(world, 'entities authority order --to legacy');
    } finally {
      world.app('new-api').thaw();
    }

    let answer = await late;
    // It may hear that its event is stale before it hears that the move is over: 503, come again. Nothing is appended for that.
    if (answer.body.code === 'API_AUTHORITY_MOVING') {
      answer = await until('the API has heard of the hand-back', async () => {
        const again = await api('PUT', `/v2/orders/${id}`, placed(9), 'stale-1');
        return again.body.code === 'API_AUTHORITY_MOVING' ? undefined : again;
      });
    }
    expect([answer.status, answer.body.code]).toEqual([409, 'ENTITY_HELD_BY_LEGACY']);
    const trace = await banyan<Trace>(world, `trace order ${id}`);
    expect(trace.events.map(({ outcome }) => outcome)).toEqual(['effective', 'stale']);
    await drained(world);
    expect(await rowOf(id)).toEqual(row);
  }, 120_000);

  it('not past a proxy that is frozen: it is named, and the move goes on when it is back', async () => {
    world.app('legacy-api-proxy').freeze();
    try {
      const blocked = await by('ann', [...TO_NEW, '--patience', '1']);
      expect(blocked.code).toBe(5);
      expect(JSON.parse(blocked.stdout)).toMatchObject({ outcome: 'open', waitsFor: ['legacy-api-proxy-0'] });
      expect(blocked.stderr).toContain('it waits for legacy-api-proxy-0');
      expect(blocked.stderr).toContain('go on with: banyan entities authority order --to new');
    } finally {
      world.app('legacy-api-proxy').thaw();
    }
    await banyan(world, 'entities authority order --to new');
    await backfill(world);
    await banyan(world, 'verify');
  }, 120_000);

  function by(operator: string, words: readonly string[]): Promise<CliResult> {
    return world.startBanyan(words, { OPERATOR: operator }).result;
  }

  async function api(method: 'POST' | 'PUT', path: string, body: object, key: string) {
    const answer = await request(world.urls['new-api'] + path, {
      method,
      headers: { 'content-type': 'application/json', 'idempotency-key': key },
      body: JSON.stringify(body),
      headersTimeout: 90_000,
    });
    return { status: answer.statusCode, body: (await answer.body.json()) as Record<string, unknown> };
  }

  async function rowOf(id: string): Promise<unknown> {
    const { body } = await callLegacy(world.urls.legacy, 'GET', `/api/orders?PoNumber=${id}`);
    return JSON.parse(body);
  }
});

function placed(quantity: number): object {
  return { customer: { legacyId: 'ALFKI' }, lines: [{ product: { legacyId: '11' }, quantity }] };
}

const LOCK = 4711;

/**
 * Lets the API's note of a decided event, which is the last thing before its first append, wait for a lock.
 * @returns how to let it go on
 */
async function holdBeforeAppend(pool: Pool, key: string): Promise<() => Promise<void>> {
  await query(
    pool,
    `create function api.hold() returns trigger language plpgsql as $$
     begin perform pg_advisory_xact_lock(${LOCK}); return new; end $$`,
  );
  await query(
    pool,
    `create trigger hold before update on api.idempotency for each row
     when (new.key = '${key}' and old.event_id is null and new.event_id is not null) execute function api.hold()`,
  );
  const holder = await pool.connect();
  await holder.query('select pg_advisory_lock($1)', [LOCK]);
  return async () => {
    await holder.query('select pg_advisory_unlock($1)', [LOCK]);
    holder.release();
  };
}

async function waits(pool: Pool): Promise<true | undefined> {
  const [row] = await query<{ waiting: number }>(
    pool,
    `select count(*)::int as waiting from pg_locks where locktype = 'advisory' and objid = $1 and not granted`,
    [LOCK],
  );
  return row !== undefined && row.waiting > 0 ? true : undefined;
}
