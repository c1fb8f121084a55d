import { describe, expect, it } from '@jest/globals';
import { idOf, numberOf, parcelChanges } from './data-set.js';
import { ExpectedParcels } from './table.js';

describe('the data of the benches', () => {
  it('is the same each time', () => {
    expect([...parcelChanges('skewed', 100, 20)]).toEqual([...parcelChanges('skewed', 100, 20)]);
  });

  it('is decided on the version that its key has, of skewed keys', () => {
    const versions = new Map<number, number>();
    for (const { number, on, data } of parcelChanges('skewed', 5_000, 200)) {
      expect(on).toBe(versions.get(number) ?? 0);
      expect(data.revision).toBe(on + 1);
      versions.set(number, on + 1);
    }
    const first = [...versions].filter(([number]) => number < 200 / 16).reduce((sum, [, count]) => sum + count, 0);
    expect(first / 5_000).toBeGreaterThan(0.4);
    expect(first / 5_000).toBeLessThan(0.6);
  });

  it('has a key for each change, where they are unique', () => {
    const ids = new Set([...parcelChanges('unique', 1_000, 1_000)].map(({ number }) => idOf(number)));
    expect(ids.size).toBe(1_000);
  });

  it('has ids that can be taken apart', () => {
    expect([0, 1, 499_999].map((number) => numberOf(idOf(number)))).toEqual([0, 1, 499_999]);
    expect(idOf(499_999)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('has another checksum when any column differs, a millisecond included', () => {
    const [change] = [...parcelChanges('unique', 1, 1)];
    if (change === undefined) throw new Error('no data');
    const { data } = change;
    const tallyOf = (more: Partial<typeof data>) => {
      const expected = new ExpectedParcels();
      expected.add(idOf(1), { ...data, ...more });
      return expected.tally();
    };
    const others = [
      { revision: 2 },
      { status: 'delivered' as const },
      { place: 'x' },
      { carrier: 'x' },
      { weightGrams: -1 },
      { valueCents: -1 },
      { currency: 'USD' },
      { fragile: !data.fragile },
      { note: data.note === null ? '' : null },
      { dueOn: '2000-01-01' },
      { movedAt: data.movedAt + 1 },
    ];
    expect(others).toHaveLength(Object.keys(data).length);
    for (const other of others) expect(tallyOf(other).checksum).not.toBe(tallyOf({}).checksum);
  });
});
