import type { Position } from '@banyan/kafka';
import type { Answer } from '../http/answer.js';
import type { PendingEvent } from './pending-event.js';

/** What one request remembers beyond its process; without an Idempotency-Key nothing. */
export interface Journal {
  /** An event that an earlier try of this request may have appended: to be finished before anything is decided. */
  readonly pending: PendingEvent | undefined;
  /** Before the first append of these bytes. Takes the place of an earlier event, which must be dead. */
  note(event: PendingEvent): Promise<void>;
  /** Kafka has it: a later try need not append it again. */
  acknowledged(position: Position): Promise<void>;
  /** The answer that repeats of the request get. */
  finish(answer: Answer): Promise<void>;
  /** This try ends without an answer of its own; `pending` stays for the next one. */
  release(options: { readonly dropPending: boolean }): Promise<void>;
}

export const NO_JOURNAL: Journal = {
  pending: undefined,
  note: async () => undefined,
  acknowledged: async () => undefined,
  finish: async () => undefined,
  release: async () => undefined,
};
