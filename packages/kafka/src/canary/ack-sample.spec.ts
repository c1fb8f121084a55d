import { describe, expect, it } from '@jest/globals';
import { type Ack, AckSample } from './ack-sample.js';

const ack = (number: number): Ack => ({ topic: 't', partition: 0, offset: BigInt(number), id: String(number) });

describe('AckSample', () => {
  it('gives every acknowledgement since the last pick the same chance', () => {
    // Pseudo-random, the same in each run.
    let state = 1;
    const random = () => {
      state = (state * 48_271) % 2_147_483_647;
      return state / 2_147_483_647;
    };
    const picks = new Array<number>(10).fill(0);
    for (let round = 0; round < 10_000; round += 1) {
      const sample = new AckSample(random);
      for (let number = 0; number < 10; number += 1) sample.note(ack(number));
      const picked = Number(sample.pick()?.offset);
      picks[picked] = (picks[picked] ?? 0) + 1;
    }
    for (const count of picks) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  it('picks an old one again when there was none since, and keeps a bounded number of them', () => {
    const sample = new AckSample(() => 0);
    expect(sample.pick()).toBeUndefined();
    for (let number = 0; number < 1_000; number += 1) {
      sample.note(ack(number));
      expect(sample.pick()?.id).toBe(String(number));
    }
    const again = new Set<string>();
    for (let pick = sample.pick(); pick !== undefined; pick = sample.pick()) {
      again.add(pick.id);
      sample.drop(pick);
    }
    expect(again.size).toBe(64);
  });
});
