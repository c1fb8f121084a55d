import { describe, expect, it } from '@jest/globals';
import { causedBy } from './caused-by.js';

describe('what legacy is told of the event behind a write', () => {
  it('is the action it belongs to, and that one more event lies behind it', () => {
    const trace = { correlationId: 'an-action', hops: 2, traceparent: '00-a-b-01' };
    expect(causedBy({ eventId: 'e1', trace })).toEqual({
      'banyan-correlation-id': 'an-action',
      'banyan-hops': '3',
      traceparent: '00-a-b-01',
    });
    expect(causedBy({ eventId: 'e1', trace: {} })).toEqual({ 'banyan-correlation-id': 'e1', 'banyan-hops': '1' });
  });

  it('leaves out what no header can hold', () => {
    const trace = { correlationId: 'a\nb: c', traceparent: 'ä' };
    expect(causedBy({ eventId: 'e1', trace })).toEqual({ 'banyan-hops': '1' });
  });
});
