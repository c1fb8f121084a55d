import { systemTimers, type Timers } from '@banyan/core';

/** Waits for the work, and not longer than that; then it goes on by itself, and what it throws is nobody's any more. */
export async function atMost(
  ms: number,
  work: Promise<unknown> | undefined,
  timers: Timers = systemTimers,
): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const callOff = timers.after(ms, resolve);
  try {
    await Promise.race([work, late]);
  } finally {
    callOff();
  }
}
