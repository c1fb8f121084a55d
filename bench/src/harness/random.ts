/** Numbers in [0, 1), the same row for the same seed: `seeded`. */
export type Random = () => number;

/** A whole number from 0 to `below - 1`. */
export function under(random: Random, below: number): number {
  return Math.floor(random() * below);
}

/** A copy in another order; each order is as likely as any other (Fisher-Yates). */
export function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  const copy = [...items];
  for (let last = copy.length - 1; last > 0; last -= 1) {
    const other = under(random, last + 1);
    [copy[last], copy[other]] = [copy[other] as T, copy[last] as T];
  }
  return copy;
}
