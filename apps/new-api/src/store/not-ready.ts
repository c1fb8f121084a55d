import type { BanyanError } from '@banyan/core';
import { sqlStateOf } from '@banyan/postgres';
import { problem } from '../problems.js';

/** No such table, no such schema, no right to it. */
const NOT_THERE_YET = ['42P01', '3F000', '42501'];

/** A store that is not set up yet is 503 `API_STORE_NOT_READY`, not a failure of the service. @param remedy what makes it ready */
export async function orNotReady<T>(answer: Promise<T>, store: string, remedy: string): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (!NOT_THERE_YET.includes(sqlStateOf(error) ?? '')) throw error;
    throw notReady(
      `${store} is not set up, or this role may not use it (${(error as Error).message}); ${remedy}`,
      error,
    );
  }
}

export function notReady(why: string, cause: unknown): BanyanError {
  return problem('API_STORE_NOT_READY', `${why}.`, { cause });
}
