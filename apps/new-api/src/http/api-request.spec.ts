import { describe, expect, it } from '@jest/globals';
import { type ApiRequest, actionOf } from './api-request.js';

const request = (headers: Record<string, string>): ApiRequest => ({
  method: 'POST',
  path: '/',
  params: {},
  query: {},
  body: {},
  header: (name) => headers[name],
});

describe('what a request is part of', () => {
  it('is what the caller says', () => {
    const headers = { 'banyan-correlation-id': 'an-action', 'banyan-hops': '3' };
    expect(actionOf(request(headers))).toEqual({ correlationId: 'an-action', hops: 3 });
  });

  it.each([
    [{}],
    [{ 'banyan-correlation-id': 'two words', 'banyan-hops': '-1' }],
    [{ 'banyan-correlation-id': 'x'.repeat(129), 'banyan-hops': '1e3' }],
  ])('is nothing where the caller says nothing that can be read: %j', (headers) => {
    expect(actionOf(request(headers as Record<string, string>))).toEqual({});
  });
});
