import type { V2Problem } from '@banyan/transformer';
import type { ApiAnswer } from '../upstream/new-api-client.js';

/** What new-api's answer to a command means for the caller of a legacy route. */
export type Verdict =
  /** In V2 and in legacy. */
  | { readonly type: 'ported'; readonly legacyId: string | undefined }
  /** In V2; legacy does not have it yet, or will not as long as its port is off. */
  | {
      readonly type: 'accepted';
      readonly legacyId: string | undefined;
      readonly key: string;
      /** What the porter says of it; undefined = nobody asked, or it said nothing. */
      readonly portState: string | undefined;
    }
  /** It may be in V2: nobody knows. The same key finds out. */
  | { readonly type: 'unknown'; readonly detail: string }
  /** Nothing was done; come again. */
  | { readonly type: 'busy'; readonly detail: string; readonly retryAfterSeconds: number; readonly twin: boolean }
  /** There is no such thing. */
  | { readonly type: 'absent'; readonly problem: V2Problem }
  /** Nothing was done: the key stands for another request. */
  | { readonly type: 'reused'; readonly detail: string; readonly firstRefused: boolean }
  /** Nothing was done, and asking again changes nothing. */
  | { readonly type: 'refused'; readonly status: number; readonly words: string; readonly problem?: V2Problem };

/**
 * What new-api says of what it has not begun, or of an event that is dead. Whatever is not listed may have been done: a caller who
 * believes "nothing was done" of a change sends it again under another key, and it counts twice. Not listed for this reason is
 * `POSTGRES_UNAVAILABLE`, which a store says before the append and behind it.
 */
export const NOT_DONE: ReadonlySet<string> = new Set([
  'API_ADOPTION_HELD',
  'API_AUTHORITY_MOVING',
  'API_CONFLICT',
  'API_KEY_PARKED',
  'API_LOG_AWAY',
  'API_PRECONDITION_FAILED',
  'API_STORE_NOT_READY',
  'ENTITY_HELD_BY_LEGACY',
  // Of the import or the reference that a command needs before it is decided.
  'IMPORT_LOG_BEHIND',
  'IMPORT_PORTER_AWAY',
  'IMPORT_PROJECTOR_BEHIND',
  'LEGACY_UNAVAILABLE',
]);

/** Statuses that a gateway or a later new-api could give to what was done, so that only a code of the list tells. */
const TOLD_BY_CODE = [409, 412, 423, 429];

export function verdictOf(answer: ApiAnswer): Verdict {
  const { status, headers, body } = answer;
  const code = textIn(body, 'code') ?? '';
  const detail = textIn(body, 'detail') ?? `V2 answered with ${status}.`;
  if (status === 200 || status === 201) return doneOf(answer);
  // An event that is named was appended, whatever became of it.
  if (status === 202 || typeof body.eventId === 'string') return { type: 'unknown', detail };
  const problem = problemOf(answer, code, detail);
  if (status === 404) return { type: 'absent', problem };
  if (status === 424) return refusedByLegacy(body, detail);
  if (code === 'API_IDEMPOTENCY_KEY_REUSED') {
    return { type: 'reused', detail, firstRefused: typeof body.firstStatus === 'number' && body.firstStatus >= 400 };
  }
  if (status === 400 || status === 422) {
    return { type: 'refused', status: 400, words: wordsOf(problem), problem };
  }
  const twin = code === 'API_IDEMPOTENCY_IN_FLIGHT';
  if (twin || NOT_DONE.has(code)) {
    const retryAfterSeconds = Number(headers['retry-after'] ?? '1') || 1;
    return { type: 'busy', detail, retryAfterSeconds, twin };
  }
  if (status >= 500 || TOLD_BY_CODE.includes(status)) return { type: 'unknown', detail };
  return { type: 'refused', status: 400, words: detail };
}

function doneOf({ headers, body }: ApiAnswer): Verdict {
  const legacyId = textIn(body, 'legacyId');
  if (headers['banyan-ported'] !== 'yes') {
    const portState = headers['banyan-port-state'];
    return { type: 'accepted', legacyId, key: textIn(body, 'id') ?? '', portState };
  }
  return { type: 'ported', legacyId };
}

/** Legacy refused in the port what V2 accepted: its own status and words. */
function refusedByLegacy(body: ApiAnswer['body'], detail: string): Verdict {
  const status = body.legacyStatus;
  return {
    type: 'refused',
    status: typeof status === 'number' && status >= 400 && status < 600 ? status : 500,
    words: textIn(body, 'legacyWords') ?? detail,
  };
}

function problemOf({ status, body }: ApiAnswer, code: string, detail: string): V2Problem {
  const { errors } = body;
  return { status, code, detail, ...(Array.isArray(errors) ? { errors: errors as V2Problem['errors'] & object } : {}) };
}

/** All faults of a body, where new-api lists them. */
function wordsOf({ detail, errors = [] }: V2Problem): string {
  return errors.length === 0 ? detail : errors.map(({ path, message }) => `${path}: ${message}`).join('\n');
}

function textIn(body: ApiAnswer['body'], name: string): string | undefined {
  const value = body[name];
  return typeof value === 'string' ? value : undefined;
}
