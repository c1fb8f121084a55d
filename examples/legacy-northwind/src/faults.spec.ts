import { describe, expect, it, jest } from '@jest/globals';
import { Faults, faultSettings } from './faults.js';

const get = { method: 'GET', url: '/api/orders/10248' };
const post = { method: 'POST', url: '/api/orders' };

describe('faults', () => {
  it('come in the order hang, 429, errors, each as often as it was set', () => {
    const faults = new Faults();
    faults.set({ hang: 1, tooMany: { count: 1, retryAfterSeconds: 7 }, errors: { status: 503, count: 2 } });
    expect([1, 2, 3, 4, 5].map(() => faults.take(get))).toEqual([
      { type: 'hang' },
      { type: 'answer', status: 429, retryAfterSeconds: 7 },
      { type: 'answer', status: 503 },
      { type: 'answer', status: 503 },
      undefined,
    ]);
  });

  it('spare requests that they are not for, and are not used up by them', () => {
    const faults = new Faults();
    faults.set({
      errors: { status: 500, count: 1 },
      latencyMs: 5,
      only: { method: 'POST', pathPrefix: '/api/orders' },
    });
    expect([faults.take(get), faults.latencyMs(get)]).toEqual([undefined, 0]);
    expect([faults.take(post), faults.latencyMs(post)]).toEqual([{ type: 'answer', status: 500 }, 5]);
  });

  it('cut off those that hang when they are replaced', () => {
    const faults = new Faults();
    const cut = jest.fn();
    const forgotten = jest.fn();
    faults.hold(cut);
    faults.hold(forgotten)();
    faults.set({});
    faults.set({});
    expect(cut).toHaveBeenCalledTimes(1);
    expect(forgotten).not.toHaveBeenCalled();
  });

  it('drop the answers of the writes they name', () => {
    const faults = new Faults();
    faults.set({ dropAfterCommit: { count: 1, method: 'POST', pathPrefix: '/api/orders' } });
    expect([get, post, post].map((request) => faults.takeDropAfterCommit(request))).toEqual([false, true, false]);
  });

  it('are refused when a word is unknown', () => {
    expect(faultSettings.safeParse({ latency: 5 }).success).toBe(false);
  });
});
