import { seeded } from './seeded.js';

/** What chance decides follows from its seed alone. */
export class Random {
  /** In [0, 1). */
  readonly next: () => number;

  constructor(seed: number) {
    this.next = seeded(seed ^ 0x9e3779b9);
    // Seeds that are near each other begin alike.
    for (let warm = 0; warm < 4; warm += 1) this.next();
  }

  /** A whole number in [0, below). */
  below(below: number): number {
    return Math.floor(this.next() * below);
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(from: readonly T[]): T {
    const picked = from[this.below(from.length)];
    if (picked === undefined) throw new RangeError('nothing to pick from');
    return picked;
  }

  /** Mostly short, sometimes long: exponential around `mean`. */
  around(mean: number): number {
    return -Math.log(1 - this.next()) * mean;
  }
}
