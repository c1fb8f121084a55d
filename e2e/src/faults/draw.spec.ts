import { Random } from '@banyan/core/testing';
import { describe, expect, it } from '@jest/globals';
import { drawFaults, eachOnce } from './draw.js';
import type { Fault } from './fault.js';
import { FAULTS, faultsNamed, nameOf } from './list/all-faults.js';

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
    const drawn = Array.from({ length: 2_000 }, () => drawFaults(FAULTS, random));
    for (const faults of [...drawn, ...eachOnce(FAULTS)]) {
      const broken = faults.flatMap(({ breaks }) => breaks);
      expect(new Set(broken).size).toBe(broken.length);
    }
  });

  it('come each once, in hardly more than half as many trials', () => {
    const trials = eachOnce(FAULTS);
    expect(trials.flat().toSorted(byName)).toEqual(FAULTS.toSorted(byName));
    expect(trials.length).toBeLessThanOrEqual(Math.ceil(FAULTS.length * 0.6));
  });

  it('have names of their own, two at once as well, and an unknown one tells those there are', () => {
    const names = FAULTS.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const faults of eachOnce(FAULTS)) expect(faultsNamed(nameOf(faults))).toEqual(faults);
    expect(() => faultsNamed(`${names[0]} + nothing`)).toThrow(names[1]);
  });
});

function byName(one: Fault, other: Fault): number {
  return one.name < other.name ? -1 : 1;
}
