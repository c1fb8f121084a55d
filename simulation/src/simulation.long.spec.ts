import { expect, it } from '@jest/globals';
import { simulate } from './testing/simulate.js';

const WORLDS = 20_000;
/** Behind those of the short run. */
const FROM = 2_001;

it(
  `${WORLDS} more simulated worlds keep every promise`,
  async () => {
    const { code, said } = await simulate('--seeds', String(WORLDS), '--from', String(FROM));
    // In full: it names the seeds.
    expect({ code, said }).toEqual({ code: 0, said: expect.any(String) });
  },
  55 * 60_000,
);

it(
  'every way to build it wrongly is found',
  async () => {
    const { code, said } = await simulate('--bugs');
    expect({ code, said }).toMatchObject({ code: 0, said: expect.stringMatching(/\n(\d+) of \1 bugs found/) });
  },
  55 * 60_000,
);
