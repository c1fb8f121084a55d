import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { HttpProblem, problemOf } from './problem.js';

export interface CommandGuardOptions {
  /** Where the app listens. */
  readonly host: string;
  /** What an operator has to show; undefined = nothing, as long as only this machine can reach the app. */
  readonly token: string | undefined;
}

const COMMANDS = '/internal/';
const LOOPBACK = /^(localhost|::1|127(\.\d{1,3}){3})$/;

/**
 * Keeps the internal routes that change something to operators: until there are roles, who reaches them from another machine has to
 * show the token of the configuration, and without one they are closed to everybody there. Questions stay open, as they were.
 */
export function guardCommands(fastify: FastifyInstance, options: CommandGuardOptions): void {
  fastify.addHook('onRequest', async (request, reply) => {
    // The route that was found, not the path that was sent: `/%69nternal/…` finds it as well.
    const isCommand = request.method !== 'GET' && request.routeOptions.url?.startsWith(COMMANDS) === true;
    const refusal = isCommand ? refusalOf(options, request.headers.authorization) : undefined;
    if (refusal === undefined) return;
    const { problem, headers } = problemOf(refusal);
    await reply.code(problem.status).headers(headers).type('application/problem+json').send(problem);
  });
}

function refusalOf({ host, token }: CommandGuardOptions, authorization: string | undefined): HttpProblem | undefined {
  if (token === undefined) {
    if (LOOPBACK.test(host)) return undefined;
    return new HttpProblem(
      403,
      'HTTP_COMMAND_CLOSED',
      `This app listens on ${host}, and commands from elsewhere need a token: set OPERATOR_TOKEN here and where you call from, or let it listen on 127.0.0.1.`,
    );
  }
  if (equal(authorization ?? '', `Bearer ${token}`)) return undefined;
  return new HttpProblem(401, 'HTTP_TOKEN_WRONG', 'This command needs the token of this app: set OPERATOR_TOKEN.', {
    headers: { 'www-authenticate': 'Bearer' },
  });
}

/** In a time that tells nothing about where two texts differ. */
function equal(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
