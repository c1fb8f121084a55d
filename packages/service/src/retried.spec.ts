import { describe, expect, it } from '@jest/globals';
import { pause, retried } from './retried.js';

describe('trying until it works', () => {
  it('tells each failure and answers with what came of it', async () => {
    const failures: unknown[] = [];
    let tries = 0;
    const work = async (): Promise<string> => {
      tries += 1;
      if (tries < 3) throw new Error(`away ${tries}`);
      return 'there';
    };
    const { signal } = new AbortController();
    const onFailure = (error: unknown) => failures.push((error as Error).message);
    expect(await retried(work, { signal, everyMs: 1, onFailure })).toBe('there');
    expect(failures).toEqual(['away 1', 'away 2']);
  });

  it('ends with nothing when the app stops, without waiting for the next try', async () => {
    const stopping = new AbortController();
    const work = async (): Promise<string> => {
      throw new Error('away');
    };
    const onFailure = () => stopping.abort();
    expect(await retried(work, { signal: stopping.signal, everyMs: 60_000, onFailure })).toBeUndefined();
    await pause(60_000, stopping.signal);
  });
});
