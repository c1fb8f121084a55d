import { describe, expect, it } from '@jest/globals';
import { bucket } from './bucket.js';

describe('bucket', () => {
  // Computed outside this code base (Python's hashlib). A change here would let two parties write the same key.
  it.each([
    ['00000000-0000-0000-0000-000000000000', 52],
    ['b1a5f0de-6a0e-5c1f-9d5b-6a2b0b1c7e00', 68],
    ['0191e5b0-0000-7000-8000-000000000001', 97],
    ['ffffffff-ffff-ffff-ffff-ffffffffffff', 4],
    ['00000000-0000-4000-8000-000000000241', 0],
    ['00000000-0000-4000-8000-000000000042', 99],
    ['ä', 99],
    ['', 10],
  ])('of %s is %i for ever', (key, expected) => {
    expect(bucket(key)).toBe(expected);
  });

  it('spreads keys evenly', () => {
    const counts = new Array<number>(100).fill(0);
    for (let n = 0; n < 20_000; n += 1) counts[bucket(`key-${n}`)] = (counts[bucket(`key-${n}`)] ?? 0) + 1;
    expect(Math.min(...counts)).toBeGreaterThan(140);
    expect(Math.max(...counts)).toBeLessThan(260);
  });
});
