import { VirtualTime } from '@banyan/core/testing';
import { describe, expect, it } from '@jest/globals';
import { tellOfSlowness } from './tell-of-slowness.js';

describe('telling that a target is slow', () => {
  it('counts every time, and writes the same word about a target once in ten seconds', async () => {
    const time = new VirtualTime();
    const counted: string[] = [];
    const lines: string[] = [];
    const write = (level: string) => (_fields: object, message: string) => void lines.push(`${level}: ${message}`);
    const tell = tellOfSlowness({
      clock: time,
      logger: { info: write('info'), warn: write('warn') } as never,
      metrics: { slowed: (target, reason) => void counted.push(`${target} ${reason}`) },
    });
    const slow = { reason: 'latency', words: 'legacy answers in 840 ms' } as const;
    for (let times = 0; times < 3; times += 1) {
      tell('legacy', slow);
      tell('legacy', undefined);
      await time.pass(6_000);
    }
    tell('billing', { reason: 'breaker-open', words: 'breaker of billing open' });
    expect(counted).toEqual(['legacy latency', 'legacy latency', 'legacy latency', 'billing breaker-open']);
    const free = 'info: legacy is driven as hard as it may be again';
    const said = 'warn: legacy answers in 840 ms';
    expect(lines).toEqual([said, free, said, free, 'warn: breaker of billing open']);
  });
});
