/** Partition counts as first learned. A count never changes while Banyan runs (createTopics refuses another one at start). */
export class PartitionCounts {
  readonly #fetch: (topic: string) => Promise<number>;
  readonly #known = new Map<string, number>();
  readonly #asking = new Map<string, Promise<number>>();

  /** @param fetch throws `LOG_TOPIC_MISSING`, or `LOG_UNAVAILABLE` when Kafka is away */
  constructor(fetch: (topic: string) => Promise<number>) {
    this.#fetch = fetch;
  }

  async of(topic: string): Promise<number> {
    return this.#known.get(topic) ?? (await this.#ask(topic));
  }

  #ask(topic: string): Promise<number> {
    const asking = this.#asking.get(topic);
    if (asking !== undefined) return asking;
    const asked = this.#fetch(topic)
      .then((count) => {
        this.#known.set(topic, count);
        return count;
      })
      .finally(() => this.#asking.delete(topic));
    this.#asking.set(topic, asked);
    return asked;
  }
}
