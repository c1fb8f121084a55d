import { setTimeout as sleep } from 'node:timers/promises';

/** How long to wait between tries: doubled each time up to `maxMs`, with a quarter of jitter to either side. */
export interface BackOff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/** @param attempt 0 for the wait after the first failure */
export function backOffMs(attempt: number, { firstMs, maxMs }: BackOff, random: () => number = Math.random): number {
  return Math.min(firstMs * 2 ** Math.min(attempt, 30), maxMs) * (0.75 + random() / 2);
}

/** Waits; an abort ends the wait early, without an error. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  } catch {
    // aborted: whoever aborted looks at the signal, this wait is only over
  }
}
