import type { Log } from '@banyan/service';
import { describe, expect, it } from '@jest/globals';
import { type Forgetful, Forgetting } from './forgetting.js';

interface Seen {
  readonly batches: number[];
  readonly forgotten: [string, number][];
  readonly oldest: [string, number][];
  readonly warnings: string[];
}

function aJob(old: Record<string, number>, over: { fails?: boolean; everyMs?: number } = {}) {
  const seen: Seen = { batches: [], forgotten: [], oldest: [], warnings: [] };
  const of = Object.keys(old).map(
    (kind): Forgetful => ({
      kind,
      forgetOld: async (limit) => {
        if (over.fails) throw new Error('away');
        const gone = Math.min(limit, old[kind] ?? 0);
        old[kind] = (old[kind] ?? 0) - gone;
        seen.batches.push(limit);
        return gone;
      },
      oldestSeconds: async () => old[kind] ?? 0,
    }),
  );
  const metrics = {
    forgotten: (kind: string, count: number) => void seen.forgotten.push([kind, count]),
    oldest: (kind: string, seconds: number) => void seen.oldest.push([kind, seconds]),
  };
  const everyMs = over.everyMs ?? 60_000;
  const log = { warn: (_fields: object, message: string) => void seen.warnings.push(message) } as Log;
  return { job: new Forgetting({ of, metrics, logger: log, batch: 10, everyMs }), seen };
}

describe('Forgetting', () => {
  it('forgets everything that is too old, in batches of a bounded size, and counts it', async () => {
    const { job, seen } = aJob({ keys: 25, receipts: 0 });
    await job.round();
    expect(seen.batches).toEqual([10, 10, 10, 10]);
    expect(seen.forgotten).toEqual([
      ['keys', 10],
      ['keys', 10],
      ['keys', 5],
      ['receipts', 0],
    ]);
    expect(seen.oldest).toEqual([
      ['keys', 0],
      ['receipts', 0],
    ]);
  });

  it('begins with the start, not an hour later, and goes on after a round that failed', async () => {
    const old = { keys: 3 };
    const over = { fails: true, everyMs: 1 };
    const { job, seen } = aJob(old, over);
    job.start();
    await new Promise((resolve) => setImmediate(resolve));
    expect(old.keys).toBe(3);
    over.fails = false;
    while (seen.oldest.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
    await job.stop();
    expect(old.keys).toBe(0);
    expect(seen.warnings).toContain('old keys and receipts stay: away');
  });

  it('ends after the batch under way when it is stopped', async () => {
    const { job, seen } = aJob({ keys: 1_000 });
    job.start();
    await new Promise((resolve) => setImmediate(resolve));
    await job.stop();
    expect(seen.batches).toEqual([10]);
  });
});
