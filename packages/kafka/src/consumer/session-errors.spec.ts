import { describe, expect, it } from '@jest/globals';
import { isFatal } from './session-errors.js';

describe('isFatal', () => {
  it('takes what a broker looks like that is coming up for something that heals', () => {
    const noCoordinator = Object.assign(new Error('none'), { name: 'KafkaJSGroupCoordinatorNotFound' });
    expect(isFatal(noCoordinator, false)).toBe(false);
    expect(isFatal(new Error('wrapped', { cause: noCoordinator }), false)).toBe(false);
  });

  it('believes kafkajs when it wants to try again', () => {
    expect(isFatal(new Error('x'), true)).toBe(false);
  });

  it('takes a refusal by the broker, and a fault of kafkajs itself, for fatal', () => {
    expect(isFatal(Object.assign(new Error('x'), { type: 'GROUP_AUTHORIZATION_FAILED' }), false)).toBe(true);
    expect(isFatal(new Error('wrapped', { cause: new TypeError('x of undefined') }), false)).toBe(true);
  });
});
