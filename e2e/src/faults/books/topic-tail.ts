import type { LogRecord } from '@banyan/contracts';
import type { EventLog } from '@banyan/kafka';

/** What came into a topic since it was last looked at, partition by partition. */
export class TopicTail {
  readonly #next = new Map<number, bigint>();

  constructor(
    private readonly log: EventLog,
    private readonly topic: string,
  ) {}

  async read(): Promise<ReadonlyMap<number, readonly LogRecord[]>> {
    const fresh = new Map<number, readonly LogRecord[]>();
    for (const { partition, low, high } of await this.log.ends(this.topic)) {
      const from = this.#next.get(partition) ?? low;
      if (from >= high) continue;
      const records: LogRecord[] = [];
      for await (const record of this.log.read(this.topic, partition, from, high)) records.push(record);
      fresh.set(partition, records);
      this.#next.set(partition, high);
    }
    return fresh;
  }
}
