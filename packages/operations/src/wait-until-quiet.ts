import { setTimeout as delay } from 'node:timers/promises';
import type { Status } from './status.js';

/**
 * Waits until nothing lags or waits in any app. What is parked does not move by itself and is not waited for.
 * @returns undefined when it is quiet, else what still moved when the time was over
 */
export async function waitUntilQuiet(ask: () => Promise<Status>, timeoutMs: number): Promise<string | undefined> {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const moving = whatMoves(await ask());
    if (moving === undefined || performance.now() >= end) return moving;
    await delay(200);
  }
}

function whatMoves({ apps }: Status): string | undefined {
  for (const { app, away, consumers } of apps) {
    if (away !== undefined) return away;
    for (const { consumer, state, lagRecords, work, waiting, parked } of consumers) {
      if (state !== 'running') return `${app} ${consumer} is ${state}`;
      if (lagRecords > 0) return `${app} ${consumer} lags by ${lagRecords} records`;
      if ((work ?? 0) > 0 && parked === 0 && (waiting ?? 0) === 0) return `${app} ${consumer} has ${work} sends to do`;
    }
  }
  return undefined;
}
