import { describe, expect, it } from '@jest/globals';
import { requestHash } from './request-hash.js';

const request = { method: 'POST', path: '/v2/orders', ifMatch: undefined, body: { a: { b: 1, c: [1, 2] } } };

describe('requestHash', () => {
  it('is the same for the same request, whatever the order of its fields', () => {
    expect(requestHash({ ...request, body: { a: { c: [1, 2], b: 1 } } })).toBe(requestHash(request));
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
