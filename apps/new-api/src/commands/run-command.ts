import { isBanyanError } from '@banyan/core';
import { HttpProblem, type Log, problemOf } from '@banyan/service';
import type { Answer } from '../http/answer.js';
import { API_PROBLEMS } from '../problems.js';
import { CommandAttempt, type CommandTools } from './command-attempt.js';
import type { CommandCall } from './command-call.js';
import type { Journal } from './journal.js';

/** Runs a command and leaves its journal such that a repeat of the request ends the same. */
export async function runCommand(
  tools: CommandTools & { readonly logger: Log },
  call: CommandCall,
  journal: Journal,
): Promise<Answer> {
  const attempt = new CommandAttempt(tools, call, journal);
  // What could not be stored costs a repeat some work, never its outcome: the event itself is in the journal.
  const tidy = (work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => {
      tools.logger.warn({ err: error }, 'the idempotency key was not brought up to date');
    });
  try {
    const answer = await attempt.run();
    await tidy(answer.status === 202 ? journal.release({ dropPending: false }) : journal.finish(answer));
    return answer;
  } catch (error) {
    if (!attempt.mayBeInLog && isRefusal(error)) await tidy(journal.finish(answerOf(error)));
    else await tidy(journal.release({ dropPending: !attempt.mayBeInLog }));
    throw error;
  }
}

/** Said by the command itself or by If-Match: a repeat gets the same. Anything else may be another time. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof HttpProblem) || error.status >= 500) return false;
  return error.code === 'API_PRECONDITION_FAILED' || !(isBanyanError(error) && error.code in API_PROBLEMS);
}

function answerOf(error: unknown): Answer {
  const { problem, headers } = problemOf(error);
  return {
    status: problem.status,
    headers: { ...headers, 'content-type': 'application/problem+json; charset=utf-8' },
    body: problem,
  };
}
