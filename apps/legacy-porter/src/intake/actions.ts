/** Correlation ids that are remembered; an action whose events come further apart counts anew. */
const REMEMBERED = 10_000;

/** Tells the first event of an action from those that follow it: how many writes one action of a user makes. */
export class Actions {
  readonly #seen = new Set<string>();

  /** How many of these ids were not seen lately. */
  firstOf(correlationIds: readonly string[]): number {
    let first = 0;
    for (const id of correlationIds) {
      if (this.#seen.delete(id)) {
        this.#seen.add(id);
        continue;
      }
      first += 1;
      this.#seen.add(id);
      const [oldest] = this.#seen;
      if (this.#seen.size > REMEMBERED && oldest !== undefined) this.#seen.delete(oldest);
    }
    return first;
  }
}
