import { HEADER } from '@banyan/contracts';
import { isBanyanError } from '@banyan/core';
import { pause } from '../back-off.js';
import type { EventLog } from '../event-log.js';
import type { Ack } from './ack-sample.js';

/** What lies where a record was acknowledged. */
export type AckVerdict =
  | { readonly kind: 'same' }
  /** Another record: the acknowledged one was never written there. */
  | { readonly kind: 'other'; readonly found: string }
  /** Nothing: the log ends before, or begins behind it. */
  | { readonly kind: 'missing' }
  /** Kafka did not say. */
  | { readonly kind: 'unread'; readonly error: unknown };

/** A log that is too short is believed when it stays so: a new leader may know an older end for a moment. */
const MISSING_TIMES = 3;
const MISSING_PAUSE_MS = 1_000;
const MISSING = new Set(['LOG_OUT_OF_RANGE', 'LOG_OFFSET_GAP', 'LOG_TOPIC_MISSING']);

/** Reads an acknowledged record back. Never throws. @param pauseMs between two looks at a log that is too short, default 1,000 */
export async function checkAck(
  log: Pick<EventLog, 'read'>,
  ack: Ack,
  { pauseMs = MISSING_PAUSE_MS, signal }: { readonly pauseMs?: number; readonly signal?: AbortSignal } = {},
): Promise<AckVerdict> {
  for (let missing = 1; ; missing += 1) {
    try {
      const found = await idAt(log, ack);
      return found === ack.id ? { kind: 'same' } : { kind: 'other', found };
    } catch (error) {
      if (!isBanyanError(error) || !MISSING.has(error.code) || signal?.aborted) return { kind: 'unread', error };
      if (missing === MISSING_TIMES) return { kind: 'missing' };
      await pause(pauseMs, signal);
    }
  }
}

async function idAt(log: Pick<EventLog, 'read'>, { topic, partition, offset }: Ack): Promise<string> {
  for await (const record of log.read(topic, partition, offset, offset + 1n)) return record.headers[HEADER.id] ?? '';
  throw new Error('the read ended without a record');
}
