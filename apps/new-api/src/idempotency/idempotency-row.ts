import { notedSnapshot, type PendingEvent, type StoredSnapshot } from '../commands/pending-event.js';
import type { Answer } from '../http/answer.js';

/** A row of api.idempotency. */
export interface IdempotencyRow {
  readonly key: string;
  readonly request_hash: string;
  readonly event_id: string | null;
  readonly topic: string | null;
  readonly partition: number | null;
  readonly record_key: string | null;
  readonly value: Buffer | null;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly noted: StoredSnapshot | null;
  readonly acknowledged_offset: number | null;
  readonly status: number | null;
  readonly answer_headers: Readonly<Record<string, string>> | null;
  readonly body: string | null;
  readonly retry_after_s: number;
}

export function pendingOf(row: IdempotencyRow): PendingEvent | undefined {
  const { event_id, topic, partition, record_key, value, headers, noted, acknowledged_offset } = row;
  if (event_id === null || topic === null || partition === null || record_key === null) return undefined;
  if (value === null || headers === null || noted === null) return undefined;
  return {
    eventId: event_id,
    record: { topic, partition, key: record_key, value, headers },
    noted: notedSnapshot(noted),
    position: acknowledged_offset === null ? undefined : { partition, offset: BigInt(acknowledged_offset) },
  };
}

export function answerOf(row: IdempotencyRow): Answer | undefined {
  if (row.status === null || row.body === null) return undefined;
  return { status: row.status, headers: row.answer_headers ?? {}, body: JSON.parse(row.body) as unknown };
}
