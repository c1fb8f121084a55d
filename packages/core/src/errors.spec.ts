import { describe, expect, it } from '@jest/globals';
import { BanyanError, isBanyanError } from './errors.js';

describe('BanyanError', () => {
  it('is not retryable unless it says so', () => {
    expect(new BanyanError('X_Y', 'm').retryable).toBe(false);
    expect(new BanyanError('X_Y', 'm', { retryable: true }).retryable).toBe(true);
  });

  it('keeps its values and its cause', () => {
    const cause = new Error('below');
    const error = new BanyanError('X_Y', 'm', { data: { key: 1 }, cause });
    expect(error).toMatchObject({ code: 'X_Y', message: 'm', data: { key: 1 }, cause });
    expect(isBanyanError(error)).toBe(true);
    expect(isBanyanError(cause)).toBe(false);
  });
});
