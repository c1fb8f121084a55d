import { describe, expect, it } from '@jest/globals';
import { partitionFor } from './partitioner.js';

describe('partitionFor', () => {
  it('agrees with the murmur2 of the Java client', () => {
    // Utils.murmur2 of Apache Kafka's own test: "21" -> -973932308, "foobar" -> -790332482, "abc" -> 479470107
    const java = { '21': -973932308, foobar: -790332482, abc: 479470107 };
    for (const [key, hash] of Object.entries(java)) {
      for (const count of [1, 3, 12]) expect(partitionFor('t', key, count)).toBe((hash & 0x7fffffff) % count);
    }
  });

  it('lets records without a key take the partitions in turn', () => {
    const partitions = Array.from({ length: 6 }, () => partitionFor('t', null, 3));
    expect(new Set(partitions.slice(0, 3))).toEqual(new Set([0, 1, 2]));
    expect(partitions.slice(3)).toEqual(partitions.slice(0, 3));
  });
});
