import { STATUS_CODES } from 'node:http';
import { BanyanError, type BanyanErrorOptions, isBanyanError } from '@banyan/core';
import { HttpException } from '@nestjs/common';

/** RFC 9457 problem details; `code` is that of the BanyanError. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly [extension: string]: unknown;
}

export interface HttpProblemOptions extends BanyanErrorOptions {
  /** Response headers, e.g. `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** An error whose HTTP status is known. `data` becomes members of the problem. */
export class HttpProblem extends BanyanError {
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    readonly status: number,
    code: string,
    message: string,
    options: HttpProblemOptions = {},
  ) {
    super(code, message, options);
    this.name = 'HttpProblem';
    this.headers = options.headers ?? {};
  }
}

/** What the shell itself answers, before any app is asked. */
export const SHELL_PROBLEMS: readonly { readonly status: number; readonly code: string; readonly meaning: string }[] = [
  { status: 400, code: 'HTTP_MALFORMED', meaning: 'The body is not JSON, or the request cannot be read.' },
  { status: 401, code: 'HTTP_TOKEN_WRONG', meaning: 'The command needs OPERATOR_TOKEN as a bearer token.' },
  { status: 403, code: 'HTTP_COMMAND_CLOSED', meaning: 'The app listens for others, and has no OPERATOR_TOKEN.' },
  { status: 404, code: 'HTTP_ROUTE_UNKNOWN', meaning: 'There is no such route.' },
  { status: 405, code: 'HTTP_METHOD_NOT_ALLOWED', meaning: 'The route knows other methods.' },
  { status: 408, code: 'HTTP_TIMEOUT', meaning: 'The request did not arrive in time.' },
  { status: 413, code: 'HTTP_BODY_TOO_LARGE', meaning: 'The body is larger than 1 MB.' },
  { status: 415, code: 'HTTP_MEDIA_TYPE', meaning: 'The body is not application/json.' },
  { status: 503, code: 'HTTP_UNAVAILABLE', meaning: 'The service is stopping or cannot serve now.' },
  { status: 500, code: 'SERVICE_INTERNAL', meaning: 'An error nobody expected; the log has it.' },
];

export interface ProblemAnswer {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The answer to anything thrown. A `BanyanError` without a status is 503 with Retry-After when it may heal, else 500. What nobody
 * expected is told as `SERVICE_INTERNAL` without its message, which may hold anything.
 */
export function problemOf(error: unknown): ProblemAnswer {
  if (error instanceof HttpProblem) return answer(error.status, error, error.headers);
  if (isBanyanError(error)) return error.retryable ? answer(503, error, { 'retry-after': '1' }) : answer(500, error);
  const status = statusOf(error);
  if (status === undefined || status >= 500) {
    const code = status === 503 ? 'HTTP_UNAVAILABLE' : 'SERVICE_INTERNAL';
    return answer(status ?? 500, { code, message: 'The service failed; its log has the cause.', data: {} });
  }
  const known = SHELL_PROBLEMS.find((each) => each.status === status);
  const message = error instanceof Error ? error.message : (STATUS_CODES[status] ?? 'Refused');
  return answer(status, { code: known?.code ?? `HTTP_${status}`, message, data: {} });
}

function answer(
  status: number,
  error: Pick<BanyanError, 'code' | 'message' | 'data'>,
  headers: Readonly<Record<string, string>> = {},
): ProblemAnswer {
  const problem: Problem = {
    ...error.data,
    type: `urn:banyan:problem:${error.code}`,
    title: STATUS_CODES[status] ?? 'Error',
    status,
    detail: error.message,
    code: error.code,
  };
  return { problem, headers };
}

/** Fastify's own errors and Nest's carry a status. */
function statusOf(error: unknown): number | undefined {
  if (error instanceof HttpException) return error.getStatus();
  if (typeof error === 'object' && error !== null && 'statusCode' in error && typeof error.statusCode === 'number') {
    return error.statusCode;
  }
  return error instanceof SyntaxError && 'body' in error ? 400 : undefined;
}
