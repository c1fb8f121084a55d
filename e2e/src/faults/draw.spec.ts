import { Random } from '@banyan/core/testing';
import { describe, expect, it } from '@jest/globals';
import { drawFaults } from './draw.js';
import { FAULTS, faultNamed } from './list/all-faults.js';

describe('the faults of a campaign', () => {
  it('follow from the seed, come alone and in pairs, and each of them comes', () => {
    const drawn = (seed: number) => {
      const random = new Random(seed);
      return Array.from({ length: 1_000 }, () => drawFaults(FAULTS, random));
    };
    const names = drawn(7).map((faults) => faults.map(({ name }) => name));
    expect(drawn(7).map((faults) => faults.map(({ name }) => name))).toEqual(names);
    expect(drawn(8).map((faults) => faults.map(({ name }) => name))).not.toEqual(names);
    expect(new Set(names.map(({ length }) => length))).toEqual(new Set([1, 2]));
    expect(new Set(names.flat())).toEqual(new Set(FAULTS.map(({ name }) => name)));
  });

  it('never break the same thing twice at once', () => {
    const random = new Random(1);
    for (let trial = 0; trial < 2_000; trial += 1) {
      const broken = drawFaults(FAULTS, random).flatMap(({ breaks }) => breaks);
      expect(new Set(broken).size).toBe(broken.length);
    }
  });

  it('have names of their own, and an unknown one tells those there are', () => {
    const names = FAULTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(() => faultNamed('nothing')).toThrow(names[0]);
  });
});
