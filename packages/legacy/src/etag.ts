import type { AnswerHeaders } from './legacy-answer.js';

/**
 * The ETag of an answer, quotes and all; undefined = none that a row can be told by. `If-Match` compares strongly (RFC 9110, 13.1.1): a weak
 * one (`W/"…"`) never matches.
 */
export function strongETag(headers: AnswerHeaders): string | undefined {
  const { etag } = headers;
  return typeof etag === 'string' && /^"[!#-~]*"$/.test(etag) ? etag : undefined;
}
