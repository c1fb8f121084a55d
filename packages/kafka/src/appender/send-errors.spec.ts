import { describe, expect, it } from '@jest/globals';
import { sendVerdict } from './send-errors.js';

describe('sendVerdict', () => {
  it('calls refused only what the broker refuses for good, however deep kafkajs has wrapped it', () => {
    const refused = Object.assign(new Error('x'), { type: 'MESSAGE_TOO_LARGE' });
    expect(sendVerdict(refused)).toBe('refused');
    expect(sendVerdict(new Error('retries exceeded', { cause: new Error('x', { cause: refused }) }))).toBe('refused');
    expect(sendVerdict(Object.assign(new Error('x'), { originalError: refused }))).toBe('refused');
  });

  it('asks for a new producer when the producer id or its sequence is lost', () => {
    expect(sendVerdict({ type: 'UNKNOWN_PRODUCER_ID' })).toBe('producer-lost');
  });

  it('takes everything else for an unknown fate', () => {
    for (const error of [new TypeError('x'), { type: 'REQUEST_TIMED_OUT' }, undefined, 'text', null]) {
      expect(sendVerdict(error)).toBe('unknown');
    }
  });

  it('comes to an end on an error that is its own cause', () => {
    const error = new Error('x');
    error.cause = error;
    expect(sendVerdict(error)).toBe('unknown');
  });
});
