import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { LogRecord } from '@banyan/contracts';
import type { EventLog } from '@banyan/kafka';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { controlLive } from './control-health.js';
import { Follower } from './follower.js';

const clock = { now: () => Date.now(), monotonic: () => performance.now() };
const record = (offset: number) => ({ offset: BigInt(offset) }) as LogRecord;

/** A log of two records in which one thing may hang. */
function aFollower(hangs: { ends?: boolean; read?: boolean; take?: boolean }) {
  const taken: bigint[] = [];
  const never = () => new Promise<never>(() => undefined);
  const log: Pick<EventLog, 'ends' | 'read'> = {
    ends: async () => (hangs.ends ? never() : [{ partition: 0, low: 0n, high: 2n }]),
    async *read(_topic, _partition, from) {
      for (let offset = Number(from); offset < 2; offset += 1) {
        if (hangs.read && offset === 1) await never();
        yield record(offset);
      }
    },
  };
  const follower = new Follower({
    log: log as EventLog,
    topic: 'control',
    pollMs: 200,
    clock,
    take: async ({ offset }) => {
      if (hangs.take) await never();
      taken.push(offset);
    },
  });
  return { follower, taken, live: () => controlLive({ sinceTriedMs: () => follower.sinceTriedMs }) };
}

describe('Follower', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it.each(['ends', 'read'] as const)(
    'tries anew when %s of the log hangs: it is alive, says why, and heals',
    async (what) => {
      const hangs: Parameters<typeof aFollower>[0] = { [what]: true };
      const { follower, taken, live } = aFollower(hangs);
      void follower.follow();
      await jest.advanceTimersByTimeAsync(120_000);
      expect(live()).toEqual({ ok: true });
      expect(follower.caughtUp).toBe(false);
      expect(follower.lastError?.message).toContain('did not answer within 15000 ms');
      hangs[what] = false;
      await jest.advanceTimersByTimeAsync(20_000);
      expect(taken).toEqual([0n, 1n]);
      expect(follower.caughtUp).toBe(true);
      expect(follower.lastError).toBeUndefined();
    },
  );

  it('is dead when it hangs itself, within 20 s', async () => {
    const { follower, live } = aFollower({ take: true });
    void follower.follow();
    await jest.advanceTimersByTimeAsync(20_000);
    expect(live()).toEqual({ ok: true });
    await jest.advanceTimersByTimeAsync(1);
    expect(live()).toEqual({ ok: false, reason: 'the control log was not tried to be read for 20 s' });
  });

  it('is not dead before it has begun, while nothing is new, or once it was stopped', async () => {
    const { follower, live } = aFollower({});
    await jest.advanceTimersByTimeAsync(60_000);
    expect(live().ok).toBe(true);
    void follower.follow();
    await jest.advanceTimersByTimeAsync(120_000);
    expect(live().ok).toBe(true);
    const stopped = follower.stop();
    await jest.advanceTimersByTimeAsync(120_000);
    await stopped;
    expect(live().ok).toBe(true);
  });
});

it('keeps nothing of the looks that are over', async () => {
  const answers: WeakRef<object>[] = [];
  const log: Pick<EventLog, 'ends' | 'read'> = {
    ends: async () => {
      const answer = [{ partition: 0, low: 0n, high: 0n }];
      answers.push(new WeakRef(answer));
      return answer;
    },
    async *read() {},
  };
  const follower = new Follower({ log: log as EventLog, topic: 'control', pollMs: 1, clock, take: async () => {} });
  try {
    await follower.follow();
    while (answers.length < 50) await new Promise((resolve) => setTimeout(resolve, 1));
    setFlagsFromString('--expose_gc');
    runInNewContext('gc')();
    // The last look may still be under way.
    expect(answers.filter((answer) => answer.deref() !== undefined).length).toBeLessThan(5);
  } finally {
    await follower.stop();
  }
});

describe('a follower whose log is not the one that it read', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  /** A log that anybody may cut, or make anew. */
  function onALog(low: number, high: number) {
    const is = { low, high };
    const taken: bigint[] = [];
    const lost: { code: string; knew: boolean }[] = [];
    const log: Pick<EventLog, 'ends' | 'read'> = {
      ends: async () => [{ partition: 0, low: BigInt(is.low), high: BigInt(is.high) }],
      async *read(_topic, _partition, from) {
        for (let offset = Number(from); offset < is.high; offset += 1) yield record(offset);
      },
    };
    const follower = new Follower({
      log: log as EventLog,
      topic: 'control',
      pollMs: 200,
      clock,
      take: async ({ offset }) => void taken.push(offset),
      onLost: ({ code }, knew) => lost.push({ code, knew }),
    });
    void follower.follow();
    return { is, follower, taken, lost, live: () => controlLive({ sinceTriedMs: () => follower.sinceTriedMs }) };
  }

  it('takes nothing more of it, says so once, and stays with what it knows', async () => {
    const { is, follower, taken, lost, live } = onALog(0, 3);
    await jest.advanceTimersByTimeAsync(1_000);
    is.high = 1;
    await jest.advanceTimersByTimeAsync(10_000);
    expect(lost).toEqual([{ code: 'CONTROL_LOST', knew: true }]);
    // Grown beyond what was read, it looks as if it went on.
    is.high = 5;
    await jest.advanceTimersByTimeAsync(60_000);
    expect(taken).toEqual([0n, 1n, 2n]);
    expect([follower.caughtUp, follower.lastError]).toMatchObject([true, { code: 'CONTROL_LOST' }]);
    expect([lost.length, live().ok]).toEqual([1, true]);
  });

  it('says at its start that nothing is known, where the beginning is gone', async () => {
    const { follower, taken, lost } = onALog(2, 3);
    await jest.advanceTimersByTimeAsync(10_000);
    expect(lost).toEqual([{ code: 'CONTROL_LOST', knew: false }]);
    expect([taken, follower.caughtUp]).toEqual([[], false]);
  });

  it('believes an older end only when it stays', async () => {
    const { is, follower, taken, lost } = onALog(0, 3);
    await jest.advanceTimersByTimeAsync(1_000);
    for (let times = 0; times < 5; times += 1) {
      is.high = 2;
      await jest.advanceTimersByTimeAsync(1_500);
      is.high = 3;
      await jest.advanceTimersByTimeAsync(2_000);
    }
    is.high = 4;
    await jest.advanceTimersByTimeAsync(2_000);
    expect([lost, taken, follower.lastError]).toEqual([[], [0n, 1n, 2n, 3n], undefined]);
  });
});
