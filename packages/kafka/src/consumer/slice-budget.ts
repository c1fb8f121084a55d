interface Waiting {
  readonly wanted: () => number;
  readonly begin: (records: number) => void;
}

/**
 * How many records may be handled at once, over all partitions of a consumer. Large slices of all of them at the same time would each take as
 * long as all together, and keep all their records for as long; a few small ones do not wait. First come, first served, so that a large slice is
 * not passed by small ones for ever.
 */
export class SliceBudget {
  readonly #records: number;
  readonly #waiting: Waiting[] = [];
  #underWay = 0;

  constructor(records: number) {
    this.#records = records;
  }

  /**
   * Resolves when the slice may begin, with its size; one that is larger than the whole budget begins alone.
   * @param wanted asked when it may begin, since more has come by then, or none is wanted any more
   */
  take(wanted: () => number): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#waiting.push({ wanted, begin: resolve });
    this.#next();
    return promise;
  }

  giveBack(records: number): void {
    this.#underWay -= records;
    this.#next();
  }

  #next(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      const wanted = first.wanted();
      if (this.#underWay > 0 && this.#underWay + wanted > this.#records) return;
      this.#waiting.shift();
      this.#underWay += wanted;
      first.begin(wanted);
    }
  }
}
