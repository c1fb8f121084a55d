import { describe, expect, it } from '@jest/globals';
import { simulate } from './testing/simulate.js';
import { HAPPENINGS } from './world/happenings.js';

const WORLDS = 2_000;

describe('simulated worlds', () => {
  it(
    `keep every promise, ${WORLDS} of them`,
    async () => {
      const { code, said } = await simulate('--seeds', String(WORLDS));
      expect({ code, said }).toEqual({
        code: 0,
        said: expect.stringMatching(
          new RegExp(`${WORLDS} worlds from seed 1: 0 broke a promise; [1-9]\\d{4} acknowledged`),
        ),
      });
      // A fault that no world meets any more would leave its rule without a test.
      expect(said).not.toContain('never happened');
      expect(said.split('\n').filter((line) => /^ +[1-9]\d* {2}/.test(line))).toHaveLength(HAPPENINGS.length);
    },
    15 * 60_000,
  );

  it('are the same when their seed is', async () => {
    const [first, again] = [await simulate('--seed', '9', '--trace'), await simulate('--seed', '9', '--trace')];
    const lived = ({ said }: { readonly said: string }) => said.split('\n').filter((line) => / ms {2}/.test(line));
    expect(lived(first).length).toBeGreaterThan(50);
    expect(lived(again)).toEqual(lived(first));
  }, 120_000);

  it('say what has happened in them, and what never did', async () => {
    const { said } = await simulate('--seeds', '1');
    expect(said).toMatch(/^ +[1-9]\d* {2}outcome effective$/m);
    expect(said).toMatch(/^never happened: .*$/m);
  });

  it('are the same ones on several threads', async () => {
    const [one, several] = [await simulate('--seeds', '7'), await simulate('--seeds', '7', '--workers', '3')];
    const counted = ({ said }: { readonly said: string }) => said.replace(/\d+ s$/m, '');
    expect(counted(several)).toBe(counted(one));
  });

  it.each([
    'import-beats-native',
    'blind-resend',
    'sent-before-the-journal',
    'swallowed-error',
    'retry-overtakes',
    'parked-bytes-lost',
    'replay-overtakes',
    'receipt-before-the-journal',
    'discard-beside-the-books',
    're-port-covers',
  ])(
    'break one when they are built wrongly: %s',
    async (bug) => {
      const { code, said } = await simulate('--bug', bug, '--most', '200');
      expect({ code, said }).toEqual({ code: 0, said: expect.stringContaining(`found      ${bug}`) });
    },
    180_000,
  );

  it('say what is asked for wrongly', async () => {
    expect((await simulate('--bug', 'no-such')).code).not.toBe(0);
    expect((await simulate('--seeds', 'many')).code).not.toBe(0);
  });
});
