import { newId } from '@banyan/core';
import { query } from '@banyan/postgres';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Customers, customer, row } from '../testing/customers.js';
import { type VerifyOptions, verify } from './verify.js';

let world: Customers;

beforeAll(async () => {
  world = await Customers.open();
}, 180_000);

beforeEach(() => world.clear());

afterAll(async () => {
  await world?.close();
});

const verified = async (options: Partial<VerifyOptions> = {}) => {
  const { verdict, reason, entities } = await verify(world.sides(), { settleTimeoutMs: 0, ...options });
  const [customers] = entities;
  if (customers === undefined) throw new Error('no verdict');
  return { verdict, reason, ...customers, kinds: customers.differences.map(({ kind, legacyId }) => [kind, legacyId]) };
};

const codes = (count: number) => Array.from({ length: count }, (_, at) => `C${String(at).padStart(4, '0')}`);

describe('verify', () => {
  it('is identical when every row is the same on both sides, page by page', async () => {
    for (const code of codes(501)) {
      world.legacy.set(code, row(code));
      await world.project(row(code));
    }
    const counts = { legacyRows: 501, v2Rows: 501, compared: 501, differing: 0, notLookedAt: 0, differences: [] };
    expect(await verified()).toMatchObject({ verdict: 'identical', ...counts });
  });

  it('tells what is on one side alone, what is not the same, and what V2 has twice', async () => {
    for (const code of ['ALFKI', 'BERGS', 'CHOPS', 'DRACD']) world.legacy.set(code, row(code));
    await world.project(row('ALFKI'));
    await world.project(row('BERGS', 'Another name'));
    await world.project(row('DRACD'));
    await world.project(row('EASTC'));
    const twin = await world.project(row('ALFKI'), { key: newId() });
    const found = await verified();
    expect(found).toMatchObject({ verdict: 'different', legacyRows: 4, v2Rows: 5, differing: 4 });
    expect(found.kinds).toEqual(
      expect.arrayContaining([
        ['different', 'BERGS'],
        ['missing-in-v2', 'CHOPS'],
        ['missing-in-legacy', 'EASTC'],
        ['missing-in-legacy', 'ALFKI'],
      ]),
    );
    const alfki = found.differences.find(({ legacyId }) => legacyId === 'ALFKI');
    // Which of the two the row belongs to, the links do not say; one of them is told.
    expect([twin, (await keysOf('ALFKI')).find((key) => key !== twin)]).toContain(alfki?.key);
  });

  it('looks again by the page, lists some differences and counts the rest', async () => {
    for (const code of codes(60)) world.legacy.set(code, row(code));
    const found = await verified({ listedMax: 5 });
    expect(found).toMatchObject({ verdict: 'different', differing: 60, notLookedAt: 0 });
    expect(found.differences).toHaveLength(5);
    // The walk through legacy, V2's empty page, and one look again for all of them.
    expect(world.reads).toBeLessThanOrEqual(4);
  });

  it('remembers no more keys than it may, and counts those beyond', async () => {
    for (const code of codes(60)) world.legacy.set(code, row(code));
    expect(await verified({ lookedAtMax: 10 })).toMatchObject({ verdict: 'different', differing: 10, notLookedAt: 50 });
  });

  it('does not report what was only the lag, and counts it as compared', async () => {
    world.legacy.set('ALFKI', row('ALFKI'));
    world.legacy.set('BERGS', row('BERGS'));
    await world.project(row('ALFKI'));
    const sides = world.sides();
    const reader = sides.readerOf(customer);
    let reads = 0;
    const late = {
      ...sides,
      readerOf: () => ({
        ...reader,
        rows: async (ids: readonly string[]) => {
          reads += 1;
          // Behind the walk the projector comes as far as the import of BERGS.
          if (reads === 3) await world.project(row('BERGS'));
          return reader.rows(ids);
        },
      }),
    };
    expect(await verify(late, { settleTimeoutMs: 0 })).toMatchObject({
      verdict: 'identical',
      entities: [{ compared: 2, differing: 0 }],
    });
  });
});

describe('verify, while a store is behind the log', () => {
  it('does not call a difference confirmed, also where the process that is asked knows of no lag', async () => {
    world.legacy.set('ALFKI', row('ALFKI'));
    await query(world.v2, `insert into v2.sink_offset (consumer, partition, next_offset) values ('customer', 0, 4)`);
    const high = { 'p.northwind.customer.v1': 5n, 'p.banyan.receipts.v1': 0n };
    const ends = async (topic: string) => [{ partition: 0, low: 0n, high: high[topic as keyof typeof high] }];
    const sides = { ...world.sides(), log: { ends }, topicPrefix: 'p.' };
    expect(await verify(sides, { settleTimeoutMs: 0 })).toMatchObject({
      verdict: 'incomplete',
      reason: 'v2-projector customer lags by 1 records',
    });
    high['p.northwind.customer.v1'] = 4n;
    expect(await verify(sides, { settleTimeoutMs: 0 })).toMatchObject({ verdict: 'different' });
  });
});

async function keysOf(code: string): Promise<string[]> {
  const rows = await query<{ key: string }>(world.v2, 'select key::text as key from v2.link where legacy_id = $1', [
    code,
  ]);
  return rows.map(({ key }) => key);
}
