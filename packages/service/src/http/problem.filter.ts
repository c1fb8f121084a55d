import { isBanyanError } from '@banyan/core';
import { type ArgumentsHost, Catch, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { logger } from '../logger.js';
import { problemOf } from './problem.js';

/** Turns everything thrown into `application/problem+json`. Failures of ours are logged with their cause, refusals are not. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = logger('http');

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const reply = http.getResponse<FastifyReply>();
    const request = http.getRequest<FastifyRequest>();
    const { problem, headers } = problemOf(error);
    if (problem.status >= 500) {
      const fields = { code: problem.code, method: request.method, url: request.url };
      // A dependency that is away is expected to come back; anything else is a fault of ours. While it is away each request says so, and
      // its message has the reason: a stack beside each would fill the disk with the same lines.
      if (problem.status === 503) this.log.warn(fields, problem.detail);
      else this.log.error({ ...causeOf(error), ...fields }, problem.detail);
    }
    if (reply.sent) return;
    void reply.status(problem.status).headers(headers).type('application/problem+json').send(JSON.stringify(problem));
  }
}

/** An error raised on purpose says what happened; only what lies beneath it is news. Anything else is told whole. */
function causeOf(error: unknown): object {
  if (!isBanyanError(error)) return { err: error };
  return error.cause === undefined ? {} : { err: error.cause };
}
