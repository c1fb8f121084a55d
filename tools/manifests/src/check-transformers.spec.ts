import { describe, expect, it } from '@jest/globals';
import { checkTransformers } from './check-transformers.js';
import { workload } from './testing/workload.js';

const running = (...lists: readonly (string | undefined)[]) =>
  lists.map((value) => workload({ env: value === undefined ? [] : [{ name: 'TRANSFORMERS', value }] }));
const check = (...lists: readonly (string | undefined)[]) =>
  checkTransformers(running(...lists), ['worker'], ['customer', 'order']);

describe('a consumer app', () => {
  it('runs every entity, in one workload or in several', () => {
    expect(check(undefined)).toEqual([]);
    expect(check('customer,order')).toEqual([]);
    expect(check('order', 'customer')).toEqual([]);
  });

  it('is refused when it leaves an entity out, runs it twice, or runs one that there is not', () => {
    expect(check('order')).toEqual(['worker runs customer in 0 workloads']);
    expect(check('order', undefined)).toEqual(['worker runs order in 2 workloads']);
    expect(check(undefined, 'supplier')).toEqual(['worker is to run supplier, which is not being migrated']);
    expect(check()).toHaveLength(2);
  });
});
