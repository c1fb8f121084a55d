import { describe, expect, it } from '@jest/globals';
import { NOTHING_CONTROLLED, openRebuild } from './control-state.js';
import { after, write } from './testing/builders.js';

const AT = '2025-01-01T00:00:00.000Z';
const subject = 'rebuild:v2_next';
const started = ['RebuildStarted', { subject }] as const;
const ended = ['RebuildEnded', { subject }] as const;

describe('a rebuild', () => {
  it('is open from its start to its end, and both tell who and when', () => {
    expect(openRebuild(NOTHING_CONTROLLED)).toBeUndefined();
    const open = after([started]);
    expect(openRebuild(open)).toEqual({ database: 'v2_next', by: 'ann', at: AT, reason: null });
    const { state } = write(open, ...ended, 'bob');
    expect(openRebuild(state)).toBeUndefined();
    expect(state.rebuilds).toEqual({
      v2_next: { by: 'ann', at: AT, reason: null, ended: { by: 'bob', at: AT, reason: null } },
    });
  });

  it('is one at a time: the second is told who asked for the first, and how to end it', () => {
    const open = after([started]);
    for (const other of ['v2_next', 'v2_third'])
      expect(write(open, 'RebuildStarted', { subject: `rebuild:${other}` }, 'bob').verdict).toMatchObject({
        why: `V2 is being rebuilt in v2_next already, asked for by ann at ${AT}; banyan rebuild end v2_next`,
      });
  });

  it('may be asked for again where it was ended, by another who says so', () => {
    const { state, verdict } = write(after([started, ended]), ...started, 'bob');
    expect(verdict.accepted).toBe(true);
    expect(openRebuild(state)).toEqual({ database: 'v2_next', by: 'bob', at: AT, reason: null });
  });

  it('is ended by its name alone, and once', () => {
    expect(write(after([started]), 'RebuildEnded', { subject: 'rebuild:v2' }).verdict).toMatchObject({
      why: 'V2 is not being rebuilt in v2',
    });
    expect(write(after([started, ended]), ...ended).verdict.accepted).toBe(false);
    expect(write(NOTHING_CONTROLLED, ...ended).verdict.accepted).toBe(false);
  });

  it.each(['V2', '2v', 'v-2', 'a b', "v2'", 'x'.repeat(64)])('is in no database called %s', (name) => {
    expect(write(NOTHING_CONTROLLED, 'RebuildStarted', { subject: `rebuild:${name}` }).verdict).toMatchObject({
      why: expect.stringContaining(`not ${name}`),
    });
  });
});
