import { isBanyanError, type Outcome } from '@banyan/core';
import { learnOutcome, type ProjectionProgress, scanOutcome } from '@banyan/importing';
import type { Position } from '@banyan/kafka';
import type { ReadState } from '@banyan/postgres';
import type { LogWriter } from '../log/log-writer.js';
import { problem } from '../problems.js';
import type { V2View } from '../store/v2-store.js';
import { foldedHeaders, type NotedEvent, type PendingEvent } from './pending-event.js';

export interface OutcomeTools {
  readonly store: V2View;
  readonly log: Pick<LogWriter, 'read'>;
  readonly progress: ProjectionProgress;
  /** How long an outcome is waited for, milliseconds; 0 = not at all. */
  readonly outcomeDeadlineMs: number;
}

/** What became of an event that Kafka has acknowledged. */
export type EventOutcome =
  /** The projector has not passed it before the deadline. */
  | { readonly type: 'behind' }
  | { readonly type: 'effective'; readonly version: number; readonly state: ReadState }
  /** It takes no effect, for ever: its command may be decided again. */
  | { readonly type: 'dead'; readonly outcome: Exclude<Outcome, 'effective' | 'duplicate'>; readonly state: ReadState };

/**
 * Learns the outcome of one's own event, by its id. Never from "the version got bigger": that would take another writer's event for the
 * own one. A store that is away is waited for until the deadline.
 */
export async function outcomeOf(
  tools: OutcomeTools,
  entity: string,
  pending: PendingEvent,
  position: Position,
): Promise<EventOutcome> {
  const { store, progress, outcomeDeadlineMs } = tools;
  const { key } = pending.record;
  const { partition, offset } = position;
  if (outcomeDeadlineMs === 0) return { type: 'behind' };
  if (!(await progress.reached({ consumer: entity, partition, offset }, outcomeDeadlineMs))) return { type: 'behind' };
  let state: ReadState;
  try {
    state = await store.state(entity, key, partition);
  } catch (error) {
    if (isBanyanError(error) && error.retryable) return { type: 'behind' };
    throw error;
  }
  const headers = foldedHeaders(pending);
  const learned = learnOutcome(state.authority, state.keyState, headers);
  const outcome = learned.type === 'known' ? learned.outcome : await scannedOrUnknown(tools, pending, position);
  if (outcome === 'effective' || outcome === 'duplicate')
    return { type: 'effective', version: madeVersion(pending), state };
  return { type: 'dead', outcome, state };
}

/** A log that cannot be read behind the append leaves it unknown: `LOG_UNAVAILABLE` alone would read as if nothing was done. */
async function scannedOrUnknown(tools: OutcomeTools, pending: PendingEvent, position: Position): Promise<Outcome> {
  try {
    return await scannedOutcome(tools, pending, position);
  } catch (cause) {
    if (!isBanyanError(cause) || !cause.retryable || cause.code === 'API_OUTCOME_UNKNOWN') throw cause;
    const { eventId, record } = pending;
    throw problem(
      'API_OUTCOME_UNKNOWN',
      `Event ${eventId} is in the log, and its outcome cannot be read now (${cause.message}). Ask again with the same Idempotency-Key to find out.`,
      { data: { eventId, id: record.key }, cause },
    );
  }
}

/** The version that an event makes when it takes effect. */
export function madeVersion(event: NotedEvent): number {
  return (foldedHeaders(event).expectedVersion ?? 0) + 1;
}

/**
 * The outcome of an acknowledged event as the log tells it, from where its key stood on. Throws `LOG_UNAVAILABLE` (retryable), and
 * `API_OUTCOME_UNKNOWN` when it does not lie there.
 */
export async function scannedOutcome(
  tools: Pick<OutcomeTools, 'log'>,
  { eventId, record, noted }: NotedEvent,
  { partition, offset }: Position,
): Promise<Outcome> {
  const records = tools.log.read(record.topic, partition, noted.nextOffset, offset + 1n);
  const outcome = await scanOutcome(records, noted, { key: record.key, id: eventId });
  if (outcome !== undefined) return outcome;
  throw problem('API_OUTCOME_UNKNOWN', `Event ${eventId} is not where Kafka acknowledged it; ask again.`, {
    data: { eventId, partition, offset: String(offset) },
  });
}
