/** Waiting as a parameter: what polls, rests or gives up after a while takes its timers from here. */
export interface Timers {
  /** Calls `work` once, `ms` milliseconds from now. @returns how to call it off */
  after(ms: number, work: () => void): () => void;
}

export const systemTimers: Timers = {
  after: (ms, work) => {
    const timer = setTimeout(work, ms);
    return () => clearTimeout(timer);
  },
};

/** Ends after `ms` milliseconds, or at once when the signal is aborted; never rejects. */
export function sleep(ms: number, timers: Timers, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const end = (): void => {
      callOff();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const callOff = timers.after(ms, end);
    signal?.addEventListener('abort', end);
  });
}
