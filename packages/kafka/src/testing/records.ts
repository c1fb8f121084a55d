import type { LogRecord, NewRecord } from '@banyan/contracts';

/** A record for tests that carries a number as its event id. */
export function numbered(topic: string, number: number, more: Partial<NewRecord> = {}): NewRecord {
  return {
    topic,
    key: `key-${number % 24}`,
    value: Buffer.from(`value ${number}`),
    headers: { ce_id: String(number) },
    ...more,
  };
}

export function idOf(record: LogRecord): number {
  return Number(record.headers.ce_id);
}

/** The log as fetched, for units that get no topic's worth of data: records `from` … `from + count - 1`. */
export function fetched(topic: string, partition: number, from: number, count: number): LogRecord[] {
  return Array.from({ length: count }, (_, i) => ({
    ...numbered(topic, from + i),
    partition,
    offset: BigInt(from + i),
    timestampMs: 0,
  }));
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const item of items) list.push(item);
  return list;
}

/** Waits until it is so, at most 150 s; the test's own time-out usually is the limit. */
export async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpMs = performance.now() + 150_000;
  while (!(await isSo())) {
    if (performance.now() > giveUpMs) throw new Error(`never became so: ${isSo}`);
    // Unreferenced: a test that has failed leaves nothing behind that keeps the process alive.
    await new Promise((resolve) => setTimeout(resolve, 5).unref());
  }
}
