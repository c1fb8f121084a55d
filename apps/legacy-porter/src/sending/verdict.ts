import type { TargetResult } from './pace.js';

/** Another entity whose link a send needs. */
export interface Reference {
  readonly entity: string;
  readonly id: string;
}

/** How legacy said no. */
export interface LegacyRefusal {
  readonly status: number;
  readonly words: string;
}

/** What becomes of a send after one attempt. The runtime writes it in one transaction; nothing else changes the work row. */
export type Verdict =
  /** Legacy is as it shall be: close, link, remember the hash (null = no row), and the row's ETag where legacy told one. */
  | {
      readonly type: 'done';
      readonly legacyId: string;
      readonly hash: string | null;
      /** Legacy was so already: nothing was written. */
      readonly unsent?: true;
      readonly etag?: string | undefined;
    }
  /** A later import carried the key past this event. */
  | { readonly type: 'overtaken'; readonly byVersion: number }
  /** Waits for links of other entities; woken by their writing. */
  | { readonly type: 'waiting'; readonly references: readonly Reference[] }
  /** Waits for a person. Nothing of this send is under way at legacy. */
  | { readonly type: 'parked'; readonly code: string; readonly message: string; readonly refusal?: LegacyRefusal }
  /** Waits for a person, and nobody knows whether legacy took it. */
  | { readonly type: 'in-doubt'; readonly code: string; readonly message: string }
  /** Goes on by itself. */
  | {
      readonly type: 'again';
      readonly reason: string;
      /** Whether this attempt may have reached legacy; false = as before it. */
      readonly mayHaveArrived: boolean;
      /** undefined = the key's own back-off. */
      readonly afterMs?: number;
    };

/** A verdict, and what the attempt says of the target. */
export interface Attempted {
  readonly verdict: Verdict;
  readonly target: TargetResult;
}

const NOTHING_LEARNED: TargetResult = { type: 'none' };
const ANSWERED: TargetResult = { type: 'ok' };

/** Legacy was not asked, or the verdict does not depend on it. */
export function unasked(verdict: Verdict): Attempted {
  return { verdict, target: NOTHING_LEARNED };
}

/** Legacy answered, whatever it said. */
export function answered(verdict: Verdict): Attempted {
  return { verdict, target: ANSWERED };
}

/** Legacy did not answer, or asked to be left alone. */
export function failed(
  why: { readonly reason: string; readonly retryAfterMs?: number },
  mayHaveArrived: boolean,
  afterMs?: number,
): Attempted {
  const { reason, retryAfterMs } = why;
  const wait = afterMs ?? retryAfterMs;
  return {
    verdict: { type: 'again', reason, mayHaveArrived, ...(wait === undefined ? {} : { afterMs: wait }) },
    target: { type: 'failed', reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
  };
}
