import { describe, expect, it } from '@jest/globals';
import { NOTHING_CONTROLLED, openResync } from './control-state.js';
import { foldControl } from './fold-control.js';
import { endResync, resyncReport, wantedResync } from './resync.js';
import { after, entry, write } from './testing/builders.js';
import { inMemoryControl } from './testing/in-memory-control.js';

const NAME = 'v2-projector.order';
const subject = `resync:${NAME}`;
const everything = { subject, key: null, unlike: false, olderThan: null };
const end = (request: number, outcome: 'done' | 'cancelled' = 'done') =>
  ({ subject, request, outcome, done: 9, standing: 1, failed: 2 }) as const;
const AT = '2025-01-01T00:00:00.000Z';

describe('a resync', () => {
  it('is open from its request to its end, and both tell who and when', () => {
    const asked = after([['ResyncRequested', { ...everything, unlike: true, olderThan: 3 }]]);
    expect(openResync(asked, NAME)).toEqual({
      request: 1,
      key: null,
      unlike: true,
      olderThan: 3,
      by: 'ann',
      at: AT,
      reason: null,
    });
    expect(openResync(asked, 'v2-projector.customer')).toBeUndefined();
    const { state } = write(asked, 'ResyncEnded', end(1), 'v2-projector-0');
    expect(openResync(state, NAME)).toBeUndefined();
    expect(state.resyncs[NAME]).toMatchObject({
      request: 1,
      ended: { outcome: 'done', done: 9, standing: 1, failed: 2, by: 'v2-projector-0', at: AT },
    });
  });

  it('is one at a time: the second is told who asked for the first', () => {
    const asked = after([['ResyncRequested', everything]]);
    expect(write(asked, 'ResyncRequested', everything, 'bob').verdict).toMatchObject({
      why: `one of ${NAME} is under way, asked for by ann at ${AT}`,
    });
    expect(foldControl(asked, entry('ResyncRequested', everything, { by: 'bob' })).verdict).toMatchObject({
      by: 'ann',
    });
    const again = after(
      [
        ['ResyncEnded', end(1)],
        ['ResyncRequested', everything],
      ],
      asked,
    );
    expect(openResync(again, NAME)?.request).toBe(3);
  });

  it('is ended once, and never by a word about an earlier one', () => {
    const ended = after([
      ['ResyncRequested', everything],
      ['ResyncEnded', end(1, 'cancelled')],
    ]);
    expect(write(ended, 'ResyncEnded', end(1)).verdict).toMatchObject({ why: `request 1 of ${NAME} is not open` });
    const again = after([['ResyncRequested', everything]], ended);
    expect(write(again, 'ResyncEnded', end(1)).verdict.accepted).toBe(false);
    expect(write(NOTHING_CONTROLLED, 'ResyncEnded', end(1)).verdict.accepted).toBe(false);
  });

  it('is wanted while it is open, of nobody who is held, and of nobody who has not read the log', async () => {
    const control = inMemoryControl();
    const wanted = () => wantedResync(control, NAME);
    expect(wanted()).toBeUndefined();
    await control.append({
      type: 'banyan.control.v1.ResyncRequested',
      data: { ...everything, key: 'k', unlike: true },
    });
    expect(wanted()).toEqual({ request: 1, scope: { key: 'k', unlike: true } });
    expect(wantedResync({ ...control, caughtUp: () => false }, NAME)).toBeUndefined();
    await control.append({ type: 'banyan.control.v1.ConsumerPaused', data: { subject: `consumer:${NAME}` } });
    expect(wanted()).toBeUndefined();
    await control.append({ type: 'banyan.control.v1.ConsumerResumed', data: { subject: `consumer:${NAME}` } });
    const counts = { request: 1, total: 1, done: 1, standing: 0, failed: 0, workedMs: 5, finished: true };
    await endResync(control, NAME, counts);
    await endResync(control, NAME, counts);
    expect([wanted(), control.history(subject).map(({ accepted }) => accepted)]).toEqual([
      undefined,
      [true, true, false],
    ]);
  });

  it('is reported with how far it has come, and how long it will take at that pace', () => {
    const counts = { request: 1, total: 40, done: 10, standing: 1, failed: 0, workedMs: 5_000, finished: false };
    const asked = after([['ResyncRequested', { ...everything, olderThan: 3 }]]);
    const report = (state = asked, its: typeof counts | undefined = counts) => resyncReport(state, NAME, its);
    expect(report()).toEqual({
      ...{ request: 1, by: 'ann', at: AT, reason: null, key: null, unlike: false, olderThan: 3 },
      ...{ state: 'running', total: 40, done: 10, standing: 1, failed: 0, secondsLeft: 15 },
    });
    const held = after([['ConsumerPaused', { subject: `consumer:${NAME}` }]], asked);
    expect(report(held)).toMatchObject({ state: 'paused', done: 10, secondsLeft: null });
    expect(resyncReport(asked, NAME, undefined)).toMatchObject({ state: 'waiting', total: 0, secondsLeft: null });
    expect(report(asked, { ...counts, request: 0 })).toMatchObject({ state: 'waiting', done: 0 });
    expect(report(asked, { ...counts, finished: true })).toMatchObject({ state: 'ending', secondsLeft: null });
    const over = after([['ResyncEnded', end(1)]], asked);
    expect(report(over, { ...counts, request: 2 })).toMatchObject({ state: 'done', total: 9, done: 9, failed: 2 });
    expect(report(NOTHING_CONTROLLED)).toBeUndefined();
  });

  it('is that of a consumer, named by its app and itself', () => {
    const of = (name: string) => write(NOTHING_CONTROLLED, 'ResyncRequested', { ...everything, subject: name }).verdict;
    expect(of('resync:order')).toMatchObject({ why: 'a consumer is <app>.<consumer>, not order' });
    expect(of(`consumer:${NAME}`)).toMatchObject({ why: expect.stringContaining('resync:<name>') });
  });
});
