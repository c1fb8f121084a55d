import { VirtualTime } from '@banyan/core/testing';
import { describe, expect, it } from '@jest/globals';
import type { ResyncProgress, ResyncRequest } from './repair-store.js';
import { runResync } from './run-resync.js';

/** A consumer of `total` keys, of which each batch is as many as it asks for and takes `tookMs`. */
class Rig {
  readonly time = new VirtualTime();
  readonly stopping = new AbortController();
  /** When each batch began, in virtual milliseconds. */
  readonly begun: number[] = [];
  readonly workedMs: number[] = [];
  readonly errors: unknown[] = [];
  ended: ResyncProgress | undefined;
  wanted: ResyncRequest | undefined;
  underWay = 0;
  failing: Error | undefined;
  #done = 0;

  constructor(
    readonly total: number,
    readonly tookMs = 40,
  ) {}

  run(): ReturnType<typeof runResync> {
    const { time } = this;
    return runResync({
      wanted: () => this.wanted,
      underWay: async () => this.underWay,
      batch: async ({ request }, { size, workedMs }) => {
        this.begun.push(time.monotonic());
        this.workedMs.push(workedMs);
        if (this.failing !== undefined) throw this.failing;
        await new Promise<void>((resolve) => void time.after(this.tookMs, resolve));
        const done = Math.min(this.total, this.#done + size);
        const finished = done - this.#done < size;
        this.#done = done;
        return { request, after: undefined, total: this.total, done, standing: 0, failed: 0, workedMs: 0, finished };
      },
      finished: async (progress) => {
        this.ended = progress;
        this.wanted = undefined;
      },
      onError: (error) => this.errors.push(error),
      clock: time,
      timers: time,
      stopping: this.stopping.signal,
    });
  }
}

const ALL = { request: 1, scope: {} };

describe('a resync that is carried out', () => {
  it('rests as long as each batch took, tells that time, and ends once', async () => {
    const rig = new Rig(250);
    rig.wanted = ALL;
    const { done } = rig.run();
    await rig.time.until(() => rig.ended !== undefined);
    expect(rig.begun.map((at) => at - (rig.begun[0] ?? 0))).toEqual([0, 80, 160]);
    expect(rig.workedMs).toEqual([0, 80, 80]);
    expect(rig.ended).toMatchObject({ request: 1, done: 250 });
    rig.stopping.abort();
    await done;
  });

  it('stands between two batches when it is not wanted any more, and goes on when it is woken', async () => {
    const rig = new Rig(250);
    rig.wanted = ALL;
    const { wake } = rig.run();
    await rig.time.until(() => rig.begun.length === 1);
    rig.wanted = undefined;
    await rig.time.pass(60_000);
    expect([rig.begun.length, rig.ended]).toEqual([1, undefined]);
    rig.wanted = ALL;
    await rig.time.pass(60_000);
    expect(rig.begun).toHaveLength(1);
    wake();
    await rig.time.until(() => rig.ended !== undefined);
    expect(rig.begun).toHaveLength(3);
    rig.stopping.abort();
  });

  it('makes nothing further while many sends of it are under way, and is not over before the last of them', async () => {
    const rig = new Rig(50);
    rig.wanted = ALL;
    rig.underWay = 200;
    rig.run();
    await rig.time.pass(10_000);
    expect(rig.begun).toHaveLength(0);
    rig.underWay = 199;
    await rig.time.pass(10_000);
    expect([rig.begun.length > 0, rig.ended]).toEqual([true, undefined]);
    rig.underWay = 0;
    await rig.time.until(() => rig.ended !== undefined);
    rig.stopping.abort();
  });

  it('tries again after what went wrong, and says it', async () => {
    const rig = new Rig(50);
    rig.wanted = ALL;
    rig.failing = new Error('away');
    rig.run();
    await rig.time.until(() => rig.errors.length === 2);
    expect((rig.begun[1] ?? 0) - (rig.begun[0] ?? 0)).toBe(2_000);
    rig.failing = undefined;
    await rig.time.until(() => rig.ended !== undefined);
    rig.stopping.abort();
  });

  it('ends behind the batch that is under way when its process stops', async () => {
    const rig = new Rig(1_000);
    rig.wanted = ALL;
    const { done } = rig.run();
    await rig.time.until(() => rig.begun.length === 1);
    rig.stopping.abort();
    await rig.time.pass(60_000);
    await done;
    expect([rig.begun.length, rig.ended]).toEqual([1, undefined]);
  });
});
