import type { Wait } from '../ported/when-ported.js';
import type { Preferences } from './preferences.js';

export interface Deadlines {
  readonly appendDeadlineMs: number;
  readonly outcomeDeadlineMs: number;
}

/** How long a command may take, by what its caller says. */
export interface Patience {
  readonly deadlines: Deadlines;
  /** undefined = legacy is not waited for, and the answer says nothing of it. */
  readonly ported: Wait | undefined;
}

/**
 * What a caller says shortens what is waited for, and never lengthens it: what it is not told in time it could not use. Who prefers
 * `respond-async` waits for nothing, or for `wait=` seconds where it says so; that goes for legacy, too: the receipt tells of both.
 */
export function patienceOf(
  { respondAsync, waitS }: Preferences,
  ported: Wait | undefined,
  { appendDeadlineMs, outcomeDeadlineMs }: Deadlines,
): Patience {
  const patienceMs = waitS === undefined ? (respondAsync ? 0 : Number.POSITIVE_INFINITY) : waitS * 1_000;
  const longestMs = Math.min(patienceMs, ported?.deadlineMs ?? Number.POSITIVE_INFINITY);
  return {
    deadlines: {
      // Whether Kafka has the event is worth waiting for even to somebody in a hurry: without it there is nothing to be told.
      appendDeadlineMs: Math.min(appendDeadlineMs, ported?.deadlineMs ?? appendDeadlineMs),
      outcomeDeadlineMs: Math.min(outcomeDeadlineMs, longestMs),
    },
    ported:
      ported === undefined || patienceMs === 0 ? undefined : { deadlineMs: Math.min(ported.deadlineMs, patienceMs) },
  };
}
