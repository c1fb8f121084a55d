import { storable } from '@banyan/postgres';

/**
 * What is known of a request after it was tried. The distinction that matters for a write is whether legacy may have executed
 * it: `answered` = it was read and decided on; `not-sent` and `throttled` = certainly not executed; `unclear` = nobody knows.
 */
export type LegacyAnswer =
  | { readonly type: 'answered'; readonly status: number; readonly headers: AnswerHeaders; readonly body: string }
  | { readonly type: 'not-sent'; readonly reason: string }
  | { readonly type: 'throttled'; readonly status: number; readonly retryAfterMs: number; readonly reason: string }
  | {
      readonly type: 'unclear';
      readonly reason: string;
      readonly retryAfterMs?: number;
      /** What legacy said, where it said something whole. */
      readonly said?: { readonly status: number; readonly body: string };
    };

export type AnswerHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** Without a Retry-After a throttled target is left alone for this long, milliseconds. */
const DEFAULT_RETRY_AFTER_MS = 1000;
/** A Retry-After beyond this is taken as this: a target must not be able to stop the porter for a day. Milliseconds. */
const LONGEST_RETRY_AFTER_MS = 300_000;

/**
 * Sorts a complete HTTP answer. A 5xx is `unclear`: a gateway may have given up on a backend that went on to commit. Whoever knows the
 * target may know better: `HttpTarget.refuses`.
 * @param nowMs wall clock, milliseconds, for a Retry-After that is a date
 */
export function classifyAnswer(status: number, headers: AnswerHeaders, body: string, nowMs: number): LegacyAnswer {
  const retryAfterMs = retryAfter(headers['retry-after'], nowMs);
  if (status === 429) {
    return {
      type: 'throttled',
      status,
      retryAfterMs: retryAfterMs ?? DEFAULT_RETRY_AFTER_MS,
      reason: `HTTP 429: ${excerpt(body)}`,
    };
  }
  if (status >= 500) {
    return {
      type: 'unclear',
      said: { status, body },
      reason: `HTTP ${status}: ${excerpt(body)}`,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    };
  }
  return { type: 'answered', status, headers, body };
}

/** The beginning of an answer, for a message: one line, at most 300 characters. It may have been cut in the middle of an emoji. */
export function excerpt(body: string): string {
  const line = body.replace(/\s+/g, ' ').trim();
  return storable(line.length > 300 ? `${line.slice(0, 300)}…` : line);
}

function retryAfter(header: string | string[] | undefined, nowMs: number): number | undefined {
  const text = (Array.isArray(header) ? header[0] : header)?.trim();
  if (text === undefined || text === '') return undefined;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isNaN(ms) ? undefined : Math.min(Math.max(ms, 0), LONGEST_RETRY_AFTER_MS);
}
