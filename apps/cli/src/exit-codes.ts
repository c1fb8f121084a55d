/** What the shell sees. Scripts rely on these numbers; they never change meaning. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  differences: 3,
  refused: 4,
  interrupted: 5,
} as const;

/** Errors that mean "a guard said no", as opposed to "it went wrong". */
const REFUSALS = new Set([
  'AUTHORITY_REFUSED',
  'BACKFILL_ALREADY_RUNS',
  'BACKFILL_PLAN_STALE',
  'CLI_ENVIRONMENT_NOT_CONFIRMED',
  'OPERATIONS_REBUILD_DATABASE',
  'OPERATIONS_REFUSED',
]);
const USAGE = new Set([
  'BACKFILL_PLAN_UNKNOWN',
  'CLI_STATE_UNREADABLE',
  'CLI_USAGE',
  'CONFIG_INVALID',
  'OPERATIONS_MISMATCH_UNKNOWN',
  'OPERATIONS_UNKNOWN_CONSUMER',
  'OPERATIONS_UNKNOWN_ENTITY',
  'OPERATIONS_UNKNOWN_MODE',
  'OPERATIONS_UNKNOWN_PORT',
  'OPERATIONS_UNKNOWN_ROUTE',
]);

export function exitCodeOf(errorCode: string): number {
  if (REFUSALS.has(errorCode)) return EXIT.refused;
  return USAGE.has(errorCode) ? EXIT.usage : EXIT.failure;
}
