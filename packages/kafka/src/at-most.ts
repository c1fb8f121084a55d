import { pause } from './back-off.js';

/** Waits for the work, but not longer; it goes on, and what it throws is its own matter. */
export async function atMost(ms: number, work: Promise<unknown> | undefined): Promise<void> {
  const ended = new AbortController();
  await Promise.race([work?.catch(() => undefined), pause(ms, ended.signal)]);
  ended.abort();
}
