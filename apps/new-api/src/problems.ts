import { HttpProblem, type HttpProblemOptions } from '@banyan/service';

/**
 * What new-api answers beside the shell's own problems (`SHELL_PROBLEMS`) and the codes that commands refuse with (422). The
 * reference page is compared with this list.
 */
export const API_PROBLEMS = {
  API_BODY_INVALID: { status: 422, meaning: 'Fields are missing, unknown or of another type; all are in `errors`.' },
  API_QUERY_INVALID: {
    status: 400,
    meaning: 'The query string is not what the route takes; all faults are in `errors`.',
  },
  API_ID_INVALID: { status: 400, meaning: 'The id in the path is neither a UUID nor legacy:<id>.' },
  API_NOT_FOUND: { status: 404, meaning: 'V2 has no such entity.' },
  API_RECEIPT_UNKNOWN: { status: 404, meaning: 'No receipt was given for this event, or it is older than 7 days.' },
  API_IF_MATCH_INVALID: { status: 400, meaning: 'If-Match is not a list of entity tags.' },
  API_WAIT_FOR_INVALID: { status: 400, meaning: 'Banyan-Wait-For or Banyan-Deadline-Ms is not what it can be.' },
  API_PRECONDITION_FAILED: { status: 412, meaning: 'The entity has another version than If-Match names.' },
  API_CONFLICT: {
    status: 409,
    meaning: 'Others kept changing the entity while the command was decided; nothing was done.',
  },
  ENTITY_HELD_BY_LEGACY: { status: 409, meaning: 'Legacy still decides about this entity; nothing was done.' },
  API_AUTHORITY_MOVING: { status: 503, meaning: 'The right to write moves just now; nothing was done.' },
  API_REFERENCE_UNKNOWN: { status: 422, meaning: 'The command names something that is neither in V2 nor in legacy.' },
  API_REFERENCE_INVALID: { status: 422, meaning: 'The request names a legacy row that cannot be carried over to V2.' },
  API_ADOPTION_HELD: {
    status: 503,
    meaning: 'A send to legacy that is not closed may have made the row; nothing was done.',
  },
  API_LEGACY_REFUSED: {
    status: 424,
    meaning: "V2 has the change, legacy refused it; `legacyStatus` and `legacyWords` are legacy's own.",
  },
  API_KEY_PARKED: {
    status: 423,
    meaning: 'An event of this entity waits for a person; until then it cannot be changed.',
  },
  API_KEY_NOT_STANDING: { status: 409, meaning: 'The key does not stand, so it is changed by commands, not restated.' },
  API_RESTATEMENT_INVALID: {
    status: 422,
    meaning: 'The whole state that was given is none of this entity; all faults are in `errors`, nothing was appended.',
  },
  API_IDEMPOTENCY_KEY_INVALID: { status: 400, meaning: 'The Idempotency-Key is not 1 to 255 printable characters.' },
  API_IDEMPOTENCY_KEY_REUSED: { status: 422, meaning: 'The Idempotency-Key was used with another request.' },
  API_IDEMPOTENCY_IN_FLIGHT: {
    status: 409,
    meaning: 'The same request is being worked on; ask again after Retry-After.',
  },
  API_LOG_AWAY: { status: 503, meaning: 'Kafka or the registry does not answer; nothing was done.' },
  API_OUTCOME_UNKNOWN: {
    status: 503,
    meaning: 'It is not known whether the event is in the log; the same Idempotency-Key finds out.',
  },
  API_STORE_NOT_READY: { status: 503, meaning: "The V2 store or the API's own is not set up or does not answer yet." },
  API_LEGACY_VIEW_INCOMPLETE: {
    status: 503,
    meaning: 'A row of the legacy view names something that legacy has no id for yet.',
  },
  API_EVENT_IMPOSSIBLE: {
    status: 500,
    meaning: 'A command made an event that cannot be recorded: a fault in its transformer.',
  },
} as const satisfies Record<string, { readonly status: number; readonly meaning: string }>;

export type ApiProblemCode = keyof typeof API_PROBLEMS;

/** A problem of the list. 503 carries Retry-After: the caller may come again. */
export function problem(code: ApiProblemCode, message: string, options: HttpProblemOptions = {}): HttpProblem {
  const { status } = API_PROBLEMS[code];
  const retry = status === 503 ? { 'retry-after': '1' } : {};
  return new HttpProblem(status, code, message, {
    retryable: status === 503,
    ...options,
    headers: { ...retry, ...options.headers },
  });
}

export interface Fault {
  /** `lines[0].quantity`; '' = the whole. */
  readonly path: string;
  readonly message: string;
}
