import type { Clock } from '@banyan/core';
import type { PartitionBooks, PartitionTally } from './books.js';

/** What is looked at: a consumer's store. */
export interface Booked {
  readonly name: string;
  tallies(): Promise<readonly PartitionTally[]>;
  books(): Promise<readonly PartitionBooks[]>;
}

/** Counting what is parked may take a hundredth of the time: it is as much work as there is parked. */
const SHARE = 100;

/** The books of an app's consumers as they were a few seconds ago, for metrics. What could not be looked at is not there: an old number would look like a good one. */
export class BooksWatch {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #tallies: ReadonlyMap<string, readonly PartitionTally[]> = new Map();
  #books: ReadonlyMap<string, readonly PartitionBooks[]> = new Map();
  #countAgainAtMs = Number.NEGATIVE_INFINITY;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** What every record became, by consumer; none = it is not known now. */
  tallies(name: string): readonly PartitionTally[] {
    return this.#tallies.get(name) ?? [];
  }

  /** The same with what is parked counted where it lies, so perhaps some minutes older. */
  books(name: string): readonly PartitionBooks[] {
    return this.#books.get(name) ?? [];
  }

  /** To be called every few seconds. Throws what the stores throw; then `forget`. */
  async look(consumers: readonly Booked[]): Promise<void> {
    this.#tallies = await each(consumers, (one) => one.tallies());
    const begunMs = this.#clock.monotonic();
    if (begunMs < this.#countAgainAtMs) return;
    this.#books = await each(consumers, (one) => one.books());
    const endedMs = this.#clock.monotonic();
    this.#countAgainAtMs = endedMs + SHARE * (endedMs - begunMs);
  }

  /** Nothing can be looked at now. */
  forget(): void {
    this.#tallies = new Map();
    this.#books = new Map();
    this.#countAgainAtMs = Number.NEGATIVE_INFINITY;
  }
}

async function each<T>(
  consumers: readonly Booked[],
  ask: (consumer: Booked) => Promise<T>,
): Promise<ReadonlyMap<string, T>> {
  return new Map(await Promise.all(consumers.map(async (one) => [one.name, await ask(one)] as const)));
}
