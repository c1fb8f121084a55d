import { BanyanError, isBanyanError } from '@banyan/core';

/** What the socket says when the server is not there. */
const NETWORK =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENETDOWN|ECONNABORTED|ENOENT)$/;
/** What `pg` says without a code: the connection broke, or a time-out of the client ran out. */
const CLIENT =
  /Connection terminated|timeout exceeded when trying to connect|wait for a connection|Query read timeout|not queryable|client was closed|closed the connection|Connection ended/i;
/**
 * Server states that pass: 08 connection, 53 resources, 57P0x shutdown and start, 58 system, 25006 read-only (fail-over),
 * 25P03 idle transaction ended, 40 serialisation and deadlock, 55P03 lock not available, 57014 statement time-out.
 */
const PASSING = /^(08...|53...|57P0[0-5]|58...|25006|25P0[34]|40...|55P03|57014)$/;
/** What is wrong with the row itself: 22 data, 23 constraint, 54 a limit of the row. It will be refused again. */
const ROW = /^(22...|23...|540..)$/;

/** The SQLSTATE, or the code of the network, of an error that came from `pg`; undefined when it has none. */
export function sqlStateOf(error: unknown): string | undefined {
  if (isBanyanError(error)) return undefined;
  const code = partOf(error, 'code');
  return typeof code === 'string' ? code : undefined;
}

/** True when what was planned ahead is not valid any more: a table was changed, or the connection leads to another server now. */
export function isPlanGone(error: unknown): boolean {
  const code = sqlStateOf(error);
  return code === '26000' || (code === '0A000' && /cached plan/.test(String(partOf(error, 'message'))));
}

/** True when the same statement may succeed later although nobody changed anything. */
function isUnavailable(error: unknown): boolean {
  if (isBanyanError(error)) return error.code === 'POSTGRES_UNAVAILABLE';
  const errors = partOf(error, 'errors');
  if (Array.isArray(errors) && errors.length > 0) return errors.every(isUnavailable);
  const code = sqlStateOf(error);
  if (isPlanGone(error)) return true;
  return code === undefined ? CLIENT.test(String(partOf(error, 'message'))) : NETWORK.test(code) || PASSING.test(code);
}

/** True when the connection itself cannot be used any more, as opposed to a statement that failed on it. */
export function isConnectionLost(error: unknown): boolean {
  const code = sqlStateOf(isBanyanError(error) ? error.cause : error);
  return isUnavailable(error) && (code === undefined || NETWORK.test(code) || /^(08|57P)/.test(code));
}

/** True when PostgreSQL refused the values of a row: a repeat is refused as well, other rows are fine. */
export function isRowRefused(error: unknown): boolean {
  const code = sqlStateOf(error);
  return code !== undefined && ROW.test(code);
}

/** True when the error came from PostgreSQL or from the way to it, and not from code. */
export function isDatabaseError(error: unknown): boolean {
  const code = sqlStateOf(error);
  return isUnavailable(error) || (code !== undefined && /^[0-9A-Z]{5}$/.test(code));
}

/** `POSTGRES_UNAVAILABLE` (retryable) for what may heal; anything else as it is. */
export function classify(error: unknown): unknown {
  if (isBanyanError(error) || !isUnavailable(error)) return error;
  const errors = partOf(error, 'errors');
  const why = Array.isArray(errors) ? errors.map(String).join('; ') : String(error);
  return new BanyanError(
    'POSTGRES_UNAVAILABLE',
    `PostgreSQL does not answer now (${why}); the same call may be repeated.`,
    {
      retryable: true,
      data: { sqlState: sqlStateOf(error) },
      cause: error,
    },
  );
}

/** Not by `instanceof`: errors of Node's own may come from another realm (a worker, a test's sandbox). */
function partOf(error: unknown, name: string): unknown {
  return typeof error === 'object' && error !== null ? (error as Record<string, unknown>)[name] : undefined;
}
