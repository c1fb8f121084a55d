import { describe, expect, it } from '@jest/globals';
import { classifyAnswer, excerpt } from './legacy-answer.js';

describe('the class of an answer', () => {
  it.each([
    [200, 'answered'],
    [201, 'answered'],
    [302, 'answered'],
    [404, 'answered'],
    [422, 'answered'],
    [429, 'throttled'],
    [500, 'unclear'],
    [503, 'unclear'],
  ])('HTTP %i is %s', (status, type) => {
    expect(classifyAnswer(status, {}, '', 0).type).toBe(type);
  });

  it.each([
    ['2', 2000],
    ['0', 0],
    ['86400', 300_000],
    ['Thu, 01 Jan 1970 00:00:10 GMT', 7000],
    ['Thu, 01 Jan 1970 00:00:01 GMT', 0],
    ['soon', 1000],
    [undefined, 1000],
  ])('takes Retry-After %s as %s ms, bounded', (header, retryAfterMs) => {
    expect(classifyAnswer(429, { 'retry-after': header }, '', 3000)).toMatchObject({ retryAfterMs });
  });

  it('keeps a Retry-After of a 503 and leaves it out where there is none', () => {
    expect(classifyAnswer(503, { 'retry-after': '1' }, '', 0)).toMatchObject({ type: 'unclear', retryAfterMs: 1000 });
    expect(classifyAnswer(503, {}, '', 0)).not.toHaveProperty('retryAfterMs');
  });

  it('quotes legacy in one line of bounded length', () => {
    expect(excerpt('a\n  b')).toBe('a b');
    expect(excerpt('x'.repeat(5000))).toHaveLength(301);
  });

  it('quotes nothing that cannot be kept: half an emoji, or NUL', () => {
    expect(excerpt(`${'x'.repeat(299)}🌳`)).toBe(`${'x'.repeat(299)}\ufffd…`);
    expect(excerpt('a\u0000b')).toBe('a\ufffdb');
  });
});
