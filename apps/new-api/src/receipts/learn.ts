import { fold, isBanyanError, type Outcome } from '@banyan/core';
import { learnOutcome, scanOutcome } from '@banyan/importing';
import type { ReadState } from '@banyan/postgres';
import { type OutcomeTools, scannedOutcome } from '../commands/event-outcome.js';
import { foldedHeaders } from '../commands/pending-event.js';
import type { KeptReceipt } from './receipt-store.js';

/** How far an event has come in V2. */
export type Learned =
  /** Kafka has not said that it has it, and the projector has not met it. */
  | { readonly type: 'unknown' }
  /** It is in the log, and the projector has not passed it. */
  | { readonly type: 'accepted' }
  | {
      readonly type: 'passed';
      readonly outcome: Outcome;
      /** Whether the outcome is the exact word: a dead event may be called `conflict` where only the log knows that it was `stale`. */
      readonly exact: boolean;
      readonly state: ReadState;
    };

/**
 * Learns what became of an event from the projector's store, and from the log where the store has moved on: nothing of it is in anybody's
 * memory. Throws what the V2 store throws (retryable).
 */
export async function learn(tools: Pick<OutcomeTools, 'store' | 'log'>, kept: KeptReceipt): Promise<Learned> {
  const { entity, record, noted, position, outcome } = kept;
  const state = await tools.store.state(entity, record.key, record.partition);
  if (outcome !== undefined) return { type: 'passed', outcome, exact: true, state };
  const behind: Learned = { type: position === undefined ? 'unknown' : 'accepted' };
  // A store that is built anew has not come to where the event was decided: it says nothing of it yet.
  if (state.nextOffset < noted.nextOffset) return behind;
  if (position !== undefined && state.nextOffset <= position.offset) return behind;
  const passed = (word: Outcome, exact: boolean): Learned => ({ type: 'passed', outcome: word, exact, state });
  const headers = foldedHeaders(kept);
  const { authority, keyState } = state;
  if (keyState.recent.some((entry) => entry.eventId === kept.eventId)) return passed('effective', true);
  if (position !== undefined) {
    const known = learnOutcome(authority, keyState, headers);
    try {
      return passed(await scannedOutcome(tools, kept, position), true);
    } catch (error) {
      if (known.type === 'scan' || !isRetryable(error)) throw error;
      return passed(known.outcome, false);
    }
  }
  const madeByOther = keyState.version > (headers.expectedVersion ?? 0);
  if (madeByOther) {
    // Whether it is in the log or only on its way: it can be the next version no more, unless it was that, and the ring has moved on.
    const records = tools.log.read(record.topic, record.partition, noted.nextOffset, state.nextOffset);
    return passed((await scanOutcome(records, noted, { key: record.key, id: kept.eventId })) ?? 'conflict', true);
  }
  // As the event would fold now: dead for ever, or it may still come and count.
  const now = fold(authority, keyState, headers).outcome;
  return now === 'stale' ? passed(now, true) : behind;
}

function isRetryable(error: unknown): boolean {
  return isBanyanError(error) && error.retryable;
}
