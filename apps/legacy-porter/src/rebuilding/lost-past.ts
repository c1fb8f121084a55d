/** Where an event lies in its topic. */
export interface Place {
  readonly partition: number;
  readonly offset: bigint;
}

/**
 * How far, by consumer, sends may have been made by a porter whose database was lost or put back: events before that are looked up before
 * they are sent. Empty in an installation that never lost one.
 */
export class LostPast {
  readonly #until = new Map<string, ReadonlyMap<number, bigint>>();

  know(consumer: string, until: ReadonlyMap<number, bigint>): void {
    this.#until.set(consumer, until);
  }

  holds(consumer: string, { partition, offset }: Place): boolean {
    return offset < (this.#until.get(consumer)?.get(partition) ?? 0n);
  }
}
