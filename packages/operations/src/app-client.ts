import { BanyanError } from '@banyan/core';
import { request } from 'undici';

const TIMEOUT_MS = 5_000;

export interface Command {
  /** Sent as JSON with a POST: a command. */
  readonly body: unknown;
  /** Where the app listens for other machines. */
  readonly token: string | undefined;
  /** How long an answer is waited for. Default 5,000. */
  readonly timeoutMs?: number;
}

/**
 * Asks an app's internal API, or tells it what to do. Throws `OPERATIONS_APP_AWAY` (retryable) or `OPERATIONS_APP_REFUSED` with the
 * app's own words. An answer that breaks off, or is not one of an app, is as good as none: something else may stand at its address.
 */
export async function askApp<T>(app: string, baseUrl: string, path: string, command?: Command): Promise<T> {
  const url = new URL(path, baseUrl);
  const away = (what: string, cause: unknown): BanyanError =>
    new BanyanError(
      'OPERATIONS_APP_AWAY',
      `${app} ${what} at ${url.origin}; is it running, and is its address right?`,
      {
        retryable: true,
        data: { app, url: url.href },
        cause,
      },
    );
  const { statusCode, text } = await answerOf(url, command).catch((cause: unknown) => {
    throw away('does not answer', cause);
  });
  if (statusCode >= 300) {
    throw new BanyanError('OPERATIONS_APP_REFUSED', `${app} answered HTTP ${statusCode}: ${wordsOf(text)}`, {
      data: { app, url: url.href, statusCode },
    });
  }
  try {
    const answer: unknown = JSON.parse(text);
    if (typeof answer === 'object' && answer !== null) return answer as T;
  } catch (cause) {
    throw away('gives no answer of its own', cause);
  }
  throw away('gives no answer of its own', undefined);
}

async function answerOf(url: URL, command: Command | undefined): Promise<{ statusCode: number; text: string }> {
  const timeoutMs = command?.timeoutMs ?? TIMEOUT_MS;
  const { statusCode, body } = await request(url, {
    method: command === undefined ? 'GET' : 'POST',
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    ...(command === undefined ? {} : { body: JSON.stringify(command.body), headers: headersOf(command) }),
  });
  return { statusCode, text: await body.text() };
}

function headersOf({ token }: Command): Record<string, string> {
  const json = { 'content-type': 'application/json' };
  return token === undefined ? json : { ...json, authorization: `Bearer ${token}` };
}

/** The sentence in a problem document, else the text itself. */
function wordsOf(text: string): string {
  try {
    const problem = JSON.parse(text) as { detail?: unknown; title?: unknown };
    return String(problem.detail ?? problem.title ?? text);
  } catch {
    return text.slice(0, 500);
  }
}
