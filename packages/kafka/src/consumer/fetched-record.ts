import type { LogRecord } from '@banyan/contracts';
import type { FetchedMessage } from '../kafkajs/internals.js';
import { BatchedRecord } from '../record-batch/read-batches.js';

/** A record that waits to be handled. */
export interface FetchedRecord {
  readonly offset: bigint;
  /** Broker's time, milliseconds since 1970 UTC. */
  readonly timestampMs: number;
  /** What it takes, about. */
  readonly bytes: number;
  /** The record as the port has it, made anew at each call. */
  read(): LogRecord;
}

/** What a fetch brought, by a group or alone. */
export function fetchedRecord(topic: string, partition: number, message: FetchedMessage): FetchedRecord {
  if (message instanceof BatchedRecord) return message;
  return inMemory({
    topic,
    partition,
    offset: BigInt(message.offset),
    timestampMs: Number(message.timestamp),
    key: message.key === null ? null : message.key.toString('utf8'),
    value: message.value,
    headers: textHeaders(message.headers ?? {}),
  });
}

/** One that is read already. */
export function inMemory(record: LogRecord): FetchedRecord {
  const { offset, timestampMs, value } = record;
  return { offset, timestampMs, bytes: (value?.length ?? 0) + 200, read: () => record };
}

/** Header values as text; of a header that comes twice the last one, of one without a value ''. */
function textHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const text: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const last: unknown = Array.isArray(value) ? value.at(-1) : value;
    text[name] = Buffer.isBuffer(last) ? last.toString('utf8') : String(last ?? '');
  }
  return text;
}
