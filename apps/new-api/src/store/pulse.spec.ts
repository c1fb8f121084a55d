import { describe, expect, it } from '@jest/globals';
import { Pulse } from './pulse.js';

describe('Pulse', () => {
  it('is ready as long as the database answers, and says why not', async () => {
    let away: Error | undefined;
    let asked = 0;
    const ask = async (): Promise<void> => {
      asked += 1;
      if (away !== undefined) throw away;
    };
    const pulse = new Pulse('v2 database', ask, 1);
    const askedAgain = async (): Promise<void> => {
      for (const before = asked; asked < before + 2; ) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    expect(pulse.ready()).toEqual({ ok: false, reason: 'not looked at yet' });
    pulse.start();
    await askedAgain();
    expect(pulse.ready()).toEqual({ ok: true });
    away = new Error('PostgreSQL does not answer now');
    await askedAgain();
    expect(pulse.ready()).toEqual({ ok: false, reason: 'PostgreSQL does not answer now' });
    away = undefined;
    await askedAgain();
    expect(pulse.ready()).toEqual({ ok: true });
    await pulse.stop();
    // A restart would not bring a database back.
    expect('live' in pulse).toBe(false);
  });
});
