import { describe, expect, it } from '@jest/globals';
import { preferencesOf } from './preferences.js';

describe('preferencesOf', () => {
  it.each([
    [undefined, false, undefined],
    ['respond-async', true, undefined],
    ['Respond-Async', true, undefined],
    ['respond-async=""', true, undefined],
    ['respond-async, wait=10', true, 10],
    ['wait = 7 ; strict, respond-async;a="b,c"', true, 7],
    ['return="a, respond-async", wait="3"', false, 3],
    ['handling=lenient,,respond-async', true, undefined],
    ['wait=1, wait=2', false, 1],
    ['wait=0', false, 0],
    // What cannot be read is no preference, and no fault.
    ['respond-async=no', false, undefined],
    ['wait=soon', false, undefined],
    ['wait=-1', false, undefined],
    ['wait', false, undefined],
    ['wait="', false, undefined],
    ['respond async', false, undefined],
    [`${'x'.repeat(1_000)}, respond-async`, false, undefined],
  ])('reads %j', (header, respondAsync, waitS) => {
    expect(preferencesOf(header)).toEqual({ respondAsync, waitS });
  });

  it('takes no time over what is made to be slow', () => {
    expect(preferencesOf('"'.repeat(999))).toEqual({ respondAsync: false, waitS: undefined });
    expect(preferencesOf(`a${','.repeat(990)}"`)).toEqual({ respondAsync: false, waitS: undefined });
  });
});
