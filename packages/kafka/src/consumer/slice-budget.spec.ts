import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SliceBudget } from './slice-budget.js';

/** What may begin by now. */
const begun = async (...slices: readonly Promise<number>[]) => {
  const sizes: number[] = [];
  for (const slice of slices) void slice.then((size) => sizes.push(size));
  await new Promise((resolve) => setImmediate(resolve));
  return sizes;
};

describe('the budget of slices', () => {
  it('lets small ones begin together, and a large one when enough of them have ended', async () => {
    const budget = new SliceBudget(100);
    expect(await begun(budget.take(() => 30))).toEqual([30]);
    expect(await begun(budget.take(() => 60))).toEqual([60]);
    const large = budget.take(() => 80);
    expect(await begun(large)).toEqual([]);
    budget.giveBack(30);
    expect(await begun(large)).toEqual([]);
    budget.giveBack(60);
    expect(await begun(large)).toEqual([80]);
  });

  it('lets no small one pass a large one that waits', async () => {
    const budget = new SliceBudget(100);
    await budget.take(() => 90);
    const large = budget.take(() => 50);
    const small = budget.take(() => 5);
    expect(await begun(large, small)).toEqual([]);
    budget.giveBack(90);
    expect(await begun(large, small)).toEqual([50, 5]);
  });

  it('lets one begin alone that is larger than all of it', async () => {
    const budget = new SliceBudget(10);
    expect(await begun(budget.take(() => 25))).toEqual([25]);
    const next = budget.take(() => 1);
    expect(await begun(next)).toEqual([]);
    budget.giveBack(25);
    expect(await begun(next)).toEqual([1]);
  });

  it('asks for the size when the slice may begin: more has come, or it was given up', async () => {
    const budget = new SliceBudget(10);
    await budget.take(() => 10);
    let wanted = 1;
    const grown = budget.take(() => wanted);
    const givenUp = budget.take(() => 0);
    wanted = 7;
    budget.giveBack(10);
    expect(await begun(grown, givenUp)).toEqual([7, 0]);
  });

  it('never has more under way than there is, and comes to everyone in turn', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 50 }),
        fc.array(fc.integer({ min: 0, max: 80 }), { minLength: 1, maxLength: 40 }),
        async (records, sizes) => {
          const budget = new SliceBudget(records);
          let underWay = 0;
          const order: number[] = [];
          await Promise.all(
            sizes.map(async (size, index) => {
              const taken = await budget.take(() => size);
              order.push(index);
              expect(underWay === 0 || underWay + taken <= records).toBe(true);
              underWay += taken;
              await new Promise((resolve) => setImmediate(resolve));
              underWay -= taken;
              budget.giveBack(taken);
            }),
          );
          expect(order).toEqual(sizes.map((_, index) => index));
        },
      ),
      { numRuns: 100 },
    );
  });
});
