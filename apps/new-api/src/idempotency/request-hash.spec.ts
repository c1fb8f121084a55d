import { describe, expect, it } from '@jest/globals';
import { requestHash } from './request-hash.js';

const request = { method: 'POST', path: '/v2/orders', ifMatch: undefined, body: { a: { b: 1, c: [1, 2] } } };

describe('requestHash', () => {
  it('is the same for the same request, whatever the order of its fields', () => {
    expect(requestHash({ ...request, body: { a: { c: [1, 2], b: 1 } } })).toBe(requestHash(request));
  });

  it('is the same in every version: a repeat may meet another one than its first try', () => {
    const lines = [
      { quantity: 2, productId: 'p', price: 12.5 },
      { z: null, A: true, a: false },
    ];
    const body = { status: 'placed', lines, note: 'Straße 😀\n"é"', total: 1e21, empty: {}, none: [] };
    expect(requestHash({ ...request, body })).toBe('f9cd08af59341e808ab305767a867671963e13f86d270e0338a963eae20468ef');
    expect(requestHash({ method: 'PUT', path: '/v2/orders/1', ifMatch: '"3"', body: null })).toBe(
      '57e99a2b0d304d298674294f20761f154f9f1b1b213e16266436878f0f6d57cf',
    );
  });

  it('differs for another method, path, If-Match or body, the order of lists included', () => {
    const others = [
      { ...request, method: 'PUT' },
      { ...request, path: '/v2/orders/1' },
      { ...request, ifMatch: '"1"' },
      { ...request, body: { a: { b: 1, c: [2, 1] } } },
      { ...request, body: null },
    ].map(requestHash);
    expect(new Set([requestHash(request), ...others]).size).toBe(6);
  });
});
