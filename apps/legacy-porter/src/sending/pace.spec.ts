import { describe, expect, it } from '@jest/globals';
import { afterResult, bounded, fullPace, type Pace, retryAfterAttempts, roomFor, type TargetResult } from './pace.js';

const MAX = 16;
const OK: TargetResult = { type: 'ok' };
const FAILED: TargetResult = { type: 'failed', reason: 'HTTP 503' };
const after = (pace: Pace, ...results: TargetResult[]) =>
  results.reduce((now, result) => afterResult(now, result, MAX, 1_000), pace);

describe('the pace of a target', () => {
  it('begins full', () => {
    expect(roomFor(fullPace(MAX), 5, 0)).toBe(11);
  });

  it('halves with each failure, never below one, and grows by one with each success', () => {
    expect(after(fullPace(MAX), FAILED).limit).toBe(8);
    expect(after(fullPace(MAX), ...Array(9).fill(FAILED)).limit).toBe(1);
    expect(after(fullPace(MAX), FAILED, OK, OK).limit).toBe(10);
    expect(after(fullPace(MAX), OK).limit).toBe(MAX);
  });

  it('takes a new bound at once where it bore the old one, and keeps what a slow target bears', () => {
    expect(bounded(fullPace(MAX), MAX, 40).limit).toBe(40);
    expect(bounded(fullPace(MAX), MAX, 2).limit).toBe(2);
    const slow = after(fullPace(MAX), FAILED);
    expect(bounded(slow, MAX, 40)).toEqual(slow);
    expect(bounded(slow, MAX, 3).limit).toBe(3);
  });

  it('does not pause everything for one key that fails twice', () => {
    expect(roomFor(after(fullPace(MAX), FAILED, FAILED), 0, 1_000)).toBe(4);
    expect(roomFor(after(fullPace(MAX), FAILED, FAILED, OK, FAILED, FAILED), 0, 1_000)).toBeGreaterThan(0);
  });

  it('pauses from the third failure in a row, longer each time, at most 5 s', () => {
    const pauses = [3, 4, 5, 30].map((count) => after(fullPace(MAX), ...Array(count).fill(FAILED)).pausedUntil - 1_000);
    expect(pauses).toEqual([200, 400, 800, 5_000]);
  });

  it('keeps a Retry-After although requests that were under way succeed', () => {
    const pace = after(fullPace(MAX), { type: 'failed', reason: 'HTTP 429', retryAfterMs: 3_000 }, OK, OK);
    expect([roomFor(pace, 0, 3_999), roomFor(pace, 0, 4_000)]).toEqual([0, 10]);
  });

  it('says why it is slow, until it no longer is', () => {
    expect(after(fullPace(MAX), FAILED).reason).toBe('HTTP 503');
    expect(after(fullPace(MAX), FAILED, ...Array(8).fill(OK)).reason).toBeUndefined();
  });

  it('learns nothing from an attempt that did not ask the target', () => {
    const pace = after(fullPace(MAX), FAILED);
    expect(after(pace, { type: 'none' })).toBe(pace);
  });

  it('lets a key wait longer with each attempt, at most 30 s', () => {
    expect([1, 2, 3, 50].map(retryAfterAttempts)).toEqual([200, 400, 800, 30_000]);
  });
});
