/** What still waits so long after the stop began is answered as it is; with what has to be closed behind it below the 10 s of a drain. */
const GRACE_MS = 3_000;

/** The stop of this process, as its requests see it. */
export interface Drain {
  /** Aborted with the stop. */
  readonly begun: AbortSignal;
  /** Aborted when open requests must come to an end: what is not known by then is answered as such, while there is a process to do so. */
  readonly due: AbortSignal;
  /** Repeatable. */
  begin(): void;
}

export function createDrain(graceMs = GRACE_MS): Drain {
  const begun = new AbortController();
  const due = new AbortController();
  return {
    begun: begun.signal,
    due: due.signal,
    begin: () => {
      if (begun.signal.aborted) return;
      begun.abort();
      setTimeout(() => due.abort(), graceMs).unref();
    },
  };
}

/** Resolves with the work, or with `otherwise()` once the signal is aborted; the work goes on by itself. */
export async function unless<T>(signal: AbortSignal, work: Promise<T>, otherwise: () => T): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const giveUp = (): void => {
    try {
      resolve(otherwise());
    } catch (error) {
      reject(error);
    }
  };
  if (signal.aborted) giveUp();
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
