import { createPool, query } from '@banyan/postgres';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { drained } from './testing/once-in-both.js';
import { placeOrders } from './testing/order-load.js';
import { testWorld } from './testing/test-world.js';
import type { CliResult, World } from './world.js';

interface Plan {
  readonly hash: string;
  readonly entities: readonly {
    entity: string;
    sourceRows: number;
    invalid: { legacyId: string; column: string; reason: string }[];
  }[];
}

interface Run {
  readonly done: boolean;
  readonly vanished: number;
  readonly resumed: boolean;
  readonly books: readonly { entity: string; sourceRows: number; buckets: Record<string, number> }[];
  readonly notImported: readonly { entity: string; legacyId: string; bucket: string; reason?: string }[];
}

interface Verification {
  readonly verdict: string;
  readonly entities: readonly {
    entity: string;
    compared: number;
    differences: { kind: string; legacyId: string | null; details: { path: string }[] }[];
  }[];
}

/** By name: an installation may have more. */
const MOVED = ['customer', 'product', 'order'];

describe('the old data moves once', () => {
  let world: World;

  beforeAll(async () => {
    world = await testWorld('backfill');
  }, 180_000);

  afterAll(() => world?.stop(), 60_000);

  it('tells beforehand which row cannot be mapped, moves all others, and its books balance', async () => {
    await inLegacy('update products set unit_price = 1.2345 where product_id = 1');
    const plan = json<Plan>(await world.banyan('backfill', 'plan', ...MOVED, '--json'));
    expect(plan.entities.map(({ entity, sourceRows }) => [entity, sourceRows])).toEqual([
      ['customer', 91],
      ['product', 77],
      ['order', 830],
    ]);
    expect(plan.entities.flatMap(({ invalid }) => invalid.map(({ legacyId, column }) => [legacyId, column]))).toEqual([
      ['1', 'UnitPrice'],
    ]);

    const result = await world.banyan('backfill', 'run', '--plan', plan.hash, '--json');
    const run = json<Run>(result);
    expect(result.code).toBe(0);
    expect(run.done).toBe(true);
    expect(totals(run)).toMatchObject({ sourceRows: 998, imported: 997, invalid: 1, held: 0 });
    expect(run.notImported).toMatchObject([{ entity: 'product', legacyId: '1', bucket: 'invalid' }]);
  }, 300_000);

  it('finds the row that could not be mapped when it compares, and nothing else', async () => {
    const result = await world.banyan('verify', ...MOVED, '--json');
    const verification = json<Verification>(result);
    expect(result.code).toBe(3);
    expect(verification.verdict).toBe('different');
    expect(
      verification.entities.flatMap(({ differences }) => differences.map(({ kind, legacyId }) => [kind, legacyId])),
    ).toEqual([['unmappable', '1']]);
  }, 120_000);

  it('brings what was mended since, and only that; then both sides are identical', async () => {
    await inLegacy('update products set unit_price = 18 where product_id = 1');
    const run = await backfill();
    expect(totals(run)).toMatchObject({ sourceRows: 998, imported: 1, unchanged: 997, invalid: 0 });
    const again = await backfill();
    expect(totals(again)).toMatchObject({ sourceRows: 998, imported: 0, unchanged: 998 });
    const result = await world.banyan('verify', ...MOVED, '--json');
    expect([result.code, json<Verification>(result).verdict]).toEqual([0, 'identical']);
  }, 300_000);

  it('imports absence: a row deleted in legacy is gone from V2', async () => {
    await inLegacy('delete from order_details where order_id = 10248; delete from orders where order_id = 10248');
    expect(json<Verification>(await world.banyan('verify', 'order', '--json')).entities[0]?.differences).toMatchObject([
      { kind: 'missing-in-legacy', legacyId: '10248' },
    ]);
    const run = await backfill();
    expect([run.vanished, totals(run).imported]).toEqual([1, 0]);
    expect((await world.banyan('verify', ...MOVED, '--json')).code).toBe(0);
  }, 300_000);

  it('never overwrites an order born in V2, and sees a write that went behind its back', async () => {
    const [order] = await placeOrders({
      newApiUrl: world.urls['new-api'],
      name: 'born',
      count: 1,
      concurrency: 1,
      timeoutMs: 60_000,
    });
    await drained(world);
    await inLegacy(`update orders set ship_city = 'Elsewhere' where po_number = '${order?.id}'`);
    const run = await backfill();
    expect(totals(run)).toMatchObject({ sourceRows: 998, imported: 0, 'already-new': 1 });
    const result = await world.banyan('verify', 'order', '--json');
    expect(result.code).toBe(3);
    expect(json<Verification>(result).entities[0]?.differences).toMatchObject([
      { kind: 'different', details: [{ path: 'ShipCity' }] },
    ]);
  }, 300_000);

  it.each([
    [['backfill', 'run', '--plan', 'nobody-made-this'], 2, 'BACKFILL_PLAN_UNKNOWN'],
    [['backfill', 'plan', 'invoice'], 2, 'OPERATIONS_UNKNOWN_ENTITY'],
    [['parked', 'replay', 'order', '00000000-0000-7000-8000-000000000000'], 1, 'OPERATIONS_NOTHING_PARKED'],
    [['no-such-command'], 2, 'unknown command'],
  ])(
    'answers %j with exit code %d and %s',
    async (words, code, said) => {
      const result = await world.banyan(...words);
      expect([result.code, result.stderr.includes(said)]).toEqual([code, true]);
    },
    60_000,
  );

  async function backfill(): Promise<Run> {
    const plan = json<Plan>(await world.banyan('backfill', 'plan', ...MOVED, '--json'));
    return json<Run>(await world.banyan('backfill', 'run', '--plan', plan.hash, '--json'));
  }

  async function inLegacy(sql: string): Promise<void> {
    const pool = createPool({ url: world.databaseUrls.legacy, applicationName: 'somebody-else', max: 1 });
    await query(pool, sql).finally(() => pool.end());
  }
});

function totals(run: Run): Record<string, number> {
  const sums: Record<string, number> = { sourceRows: 0 };
  for (const { sourceRows, buckets } of run.books) {
    sums.sourceRows = (sums.sourceRows ?? 0) + sourceRows;
    for (const [name, count] of Object.entries(buckets)) sums[name] = (sums[name] ?? 0) + count;
  }
  return sums;
}

function json<T>({ stdout, stderr, code }: CliResult): T {
  try {
    return JSON.parse(stdout) as T;
  } catch {
    throw new Error(`banyan ended with ${code}: ${stderr}`);
  }
}
