import { setTimeout as delay } from 'node:timers/promises';

export interface RetryOptions {
  /** Aborted when the app stops. */
  readonly signal: AbortSignal;
  /** Between two tries, milliseconds. */
  readonly everyMs: number;
  readonly onFailure: (error: unknown) => void;
}

/** Tries until it works, or the app stops (undefined): nobody ends because something else is away. */
export async function retried<T>(work: () => Promise<T>, options: RetryOptions): Promise<T | undefined> {
  const { signal, everyMs, onFailure } = options;
  while (!signal.aborted) {
    try {
      return await work();
    } catch (error) {
      onFailure(error);
      await pause(everyMs, signal);
    }
  }
  return undefined;
}

/** Ends early, and without a throw, when the app stops; does not keep the process alive. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await delay(ms, undefined, { signal, ref: false }).catch(() => undefined);
}
