import { BanyanError } from '@banyan/core';
import { type AnswerHeaders, excerpt, type LegacyAnswer } from './legacy-answer.js';
import type { LegacyApi } from './legacy-api.js';

export interface JsonAnswer {
  readonly json: unknown;
  readonly headers: AnswerHeaders;
}

/** GETs JSON; undefined = HTTP 404. Throws as `LegacyReader` says. */
export async function readJson(api: LegacyApi, path: string): Promise<JsonAnswer | undefined> {
  const answer = await api.send({ method: 'GET', path });
  if (answer.type !== 'answered') throw unavailable(path, answer);
  if (answer.status === 404) return undefined;
  if (answer.status !== 200) throw unexpected(path, `HTTP ${answer.status}: ${excerpt(answer.body)}`);
  return { json: parseJson(path, answer.body), headers: answer.headers };
}

/** GETs a JSON array; a 404 is no empty list but a wrong address. */
export async function readList(api: LegacyApi, path: string): Promise<{ rows: unknown[]; headers: AnswerHeaders }> {
  const answer = await readJson(api, path);
  if (answer === undefined) throw unexpected(path, 'HTTP 404 where a list must be');
  if (!Array.isArray(answer.json)) throw unexpected(path, 'the answer is no list');
  return { rows: answer.json, headers: answer.headers };
}

export function parseJson(path: string, body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    throw unexpected(path, `the answer is no JSON: ${excerpt(body)}`, cause);
  }
}

export function unexpected(path: string, what: string, cause?: unknown): BanyanError {
  return new BanyanError(
    'LEGACY_UNEXPECTED',
    `Legacy's answer to ${path} is not its contract: ${what}. Check LEGACY_URL and the entity's reader.`,
    { data: { path }, cause },
  );
}

function unavailable(path: string, answer: Exclude<LegacyAnswer, { type: 'answered' }>): BanyanError {
  const retryAfterMs = 'retryAfterMs' in answer ? answer.retryAfterMs : undefined;
  return new BanyanError(
    'LEGACY_UNAVAILABLE',
    `Legacy did not answer GET ${path} (${answer.reason}); it is asked again.`,
    {
      retryable: true,
      data: { path, answer: answer.type, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) },
    },
  );
}
