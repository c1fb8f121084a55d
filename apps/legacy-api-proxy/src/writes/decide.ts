import { setTimeout as delay } from 'node:timers/promises';
import { isBanyanError } from '@banyan/core';
import type { CommandCall, NewApi } from '../upstream/new-api-client.js';
import { type Verdict, verdictOf } from './verdict.js';

/** Between two tries of one command, milliseconds. */
const PAUSE_MS = 100;

/**
 * Sends a command until its fate is known or the deadline has come. Each try carries the same key, so it takes effect once; a try
 * whose fate is unknown is remembered, and nothing behind it may say that nothing was done.
 * @param leftMs how much of the deadline is left
 */
export async function decide(
  newApi: Pick<NewApi, 'command'>,
  command: Omit<CommandCall, 'deadlineMs'>,
  leftMs: () => number,
): Promise<Verdict> {
  let maybeDone: string | undefined;
  for (;;) {
    const verdict = await attempt(newApi, { ...command, deadlineMs: Math.max(1, leftMs()) });
    if (verdict.type === 'unknown') maybeDone = verdict.detail;
    const again = verdict.type === 'unknown' || (verdict.type === 'busy' && (verdict.twin || maybeDone !== undefined));
    if (!again) return verdict;
    if (leftMs() <= 2 * PAUSE_MS) return ending(verdict, maybeDone);
    await delay(PAUSE_MS);
  }
}

/** A twin in flight has the same key: what becomes of it becomes of this one. */
function ending(verdict: Verdict, maybeDone: string | undefined): Verdict {
  if (verdict.type !== 'busy') return verdict;
  return { type: 'unknown', detail: maybeDone ?? verdict.detail };
}

async function attempt(newApi: Pick<NewApi, 'command'>, call: CommandCall): Promise<Verdict> {
  try {
    return verdictOf(await newApi.command(call));
  } catch (error) {
    if (!isBanyanError(error) || error.code !== 'PROXY_NEW_API_AWAY') throw error;
    if (error.data.sent === true) return { type: 'unknown', detail: 'V2 did not answer in time.' };
    return { type: 'busy', detail: 'V2 cannot be reached.', retryAfterSeconds: 1, twin: false };
  }
}
