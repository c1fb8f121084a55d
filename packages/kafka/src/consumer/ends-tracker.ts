import type { PartitionEnds } from '../topics/topic-admin.js';

/** The ends of the topic as last seen: asked for now and then, raised by every fetch. */
export class EndsTracker {
  readonly #fetch: () => Promise<readonly PartitionEnds[]>;
  readonly #ends = new Map<number, PartitionEnds>();
  #running: Promise<void> | undefined;
  #queued: Promise<void> | undefined;

  constructor(fetch: () => Promise<readonly PartitionEnds[]>) {
    this.#fetch = fetch;
  }

  of(partition: number): PartitionEnds | undefined {
    return this.#ends.get(partition);
  }

  all(): readonly PartitionEnds[] {
    return [...this.#ends.values()];
  }

  raise(partition: number, high: bigint): void {
    const known = this.#ends.get(partition);
    if (known === undefined || known.high >= high) return;
    this.#ends.set(partition, { ...known, high });
  }

  /**
   * Asks the log; the answer is never older than the call: a question that is under way already was asked too early, so callers
   * wait for the next one, which they share.
   */
  refresh(): Promise<void> {
    this.#queued ??= this.#askNext();
    return this.#queued;
  }

  async #askNext(): Promise<void> {
    await this.#running?.catch(() => undefined);
    this.#queued = undefined;
    this.#running = this.#ask();
    await this.#running;
  }

  async #ask(): Promise<void> {
    const found = await this.#fetch();
    this.#ends.clear();
    for (const ends of found) this.#ends.set(ends.partition, ends);
  }
}
