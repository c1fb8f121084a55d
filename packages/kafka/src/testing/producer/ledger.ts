import type { EventLog, Position } from '../../event-log.js';
import type { Arm } from './arms.js';
import { type Lying, type Sent } from './judge.js';

/** What was sent to one topic, and what the callers were told. */
export class AckLedger {
  readonly #topic: string;
  readonly #sent: {
    readonly id: string;
    readonly key: string;
    readonly number: number;
    acked: Position | undefined;
  }[] = [];
  readonly #open = new Set<Promise<void>>();

  constructor(topic: string) {
    this.#topic = topic;
  }

  get acknowledged(): number {
    return this.#sent.filter(({ acked }) => acked !== undefined).length;
  }

  get sent(): readonly Sent[] {
    return this.#sent;
  }

  /** Sends one record for each key, in one turn; resolves when all callers were told. @returns whether each has its record in the log */
  async send(arm: Arm, keys: readonly string[]): Promise<boolean> {
    const entries = keys.map((key) => {
      const number = this.#sent.length;
      const entry = { id: `${key}/${number}`, key, number, acked: undefined as Position | undefined };
      this.#sent.push(entry);
      return entry;
    });
    const records = entries.map(({ id, key }) => ({
      topic: this.#topic,
      key,
      value: Buffer.from(`the value of ${id}`),
      headers: { ce_id: id },
    }));
    const told = arm.send(records).map(async (answer, index) => {
      const position = await answer.catch(() => undefined);
      const entry = entries[index];
      if (entry !== undefined) entry.acked = position;
    });
    const all = Promise.all(told).then(() => undefined);
    this.#open.add(all);
    await all;
    this.#open.delete(all);
    return entries.every(({ acked }) => acked !== undefined);
  }

  /** Until every caller was told. */
  async settled(): Promise<void> {
    await Promise.all(this.#open);
  }
}

/** Every record of a topic, by partition and offset. */
export async function wholeLog(log: EventLog, topic: string): Promise<readonly Lying[]> {
  const found: Lying[] = [];
  for (const { partition, low, high } of await log.ends(topic)) {
    for await (const record of log.read(topic, partition, low, high)) {
      found.push({ id: record.headers.ce_id ?? '', key: record.key ?? '', partition, offset: record.offset });
    }
  }
  return found;
}
