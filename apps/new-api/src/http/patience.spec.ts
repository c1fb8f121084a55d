import { describe, expect, it } from '@jest/globals';
import { patienceOf } from './patience.js';

const given = { appendDeadlineMs: 5_000, outcomeDeadlineMs: 10_000 };
const none = { respondAsync: false, waitS: undefined };
const ported = { deadlineMs: 7_000 };

describe('patienceOf', () => {
  it.each([
    ['nothing is said', none, undefined, [5_000, 10_000, undefined]],
    ['legacy is waited for', none, ported, [5_000, 7_000, 7_000]],
    ['legacy is waited for a moment', none, { deadlineMs: 100 }, [100, 100, 100]],
    ['respond-async', { ...none, respondAsync: true }, undefined, [5_000, 0, undefined]],
    ['respond-async, and legacy', { ...none, respondAsync: true }, ported, [5_000, 0, undefined]],
    ['respond-async, wait=0, and legacy', { respondAsync: true, waitS: 0 }, ported, [5_000, 0, undefined]],
    ['respond-async, wait=3', { respondAsync: true, waitS: 3 }, undefined, [5_000, 3_000, undefined]],
    ['respond-async, wait=3, and legacy', { respondAsync: true, waitS: 3 }, ported, [5_000, 3_000, 3_000]],
    ['wait=3', { ...none, waitS: 3 }, undefined, [5_000, 3_000, undefined]],
    ['wait=999: no longer than ever', { ...none, waitS: 999 }, ported, [5_000, 7_000, 7_000]],
  ] as const)('%s', (_, preferences, wait, [appendDeadlineMs, outcomeDeadlineMs, deadlineMs]) => {
    expect(patienceOf(preferences, wait, given)).toEqual({
      deadlines: { appendDeadlineMs, outcomeDeadlineMs },
      ported: deadlineMs === undefined ? undefined : { deadlineMs },
    });
  });
});
