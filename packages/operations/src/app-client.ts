import { BanyanError } from '@banyan/core';
import { request } from 'undici';

const TIMEOUT_MS = 5_000;

/** Asks an app's internal API. Throws `OPERATIONS_APP_AWAY` (retryable) or `OPERATIONS_APP_REFUSED` with the app's own words. */
export async function askApp<T>(app: string, baseUrl: string, path: string, body?: unknown): Promise<T> {
  const url = new URL(path, baseUrl);
  const answer = await request(url, {
    method: body === undefined ? 'GET' : 'POST',
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  }).catch((cause: unknown) => {
    throw new BanyanError(
      'OPERATIONS_APP_AWAY',
      `${app} does not answer at ${url.origin}; is it running, and is its address right?`,
      {
        retryable: true,
        data: { app, url: url.href },
        cause,
      },
    );
  });
  const text = await answer.body.text();
  if (answer.statusCode >= 300) {
    throw new BanyanError('OPERATIONS_APP_REFUSED', `${app} answered HTTP ${answer.statusCode}: ${wordsOf(text)}`, {
      data: { app, url: url.href, statusCode: answer.statusCode },
    });
  }
  return JSON.parse(text) as T;
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
