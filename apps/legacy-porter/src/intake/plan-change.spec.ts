import { HEADER } from '@banyan/contracts';
import type { Origin, Outcome } from '@banyan/core';
import type { Change } from '@banyan/sink';
import { describe, expect, it } from '@jest/globals';
import { planChange } from './plan-change.js';

interface Given {
  readonly origin?: Origin;
  readonly outcome?: Outcome;
  readonly live?: readonly [boolean, boolean];
  readonly data?: object;
}

function change({ origin = 'api', outcome = 'effective', live = [false, true], data = {} }: Given): Change {
  const [beforeLive, afterLive] = live;
  return {
    key: 'a-key',
    partition: 0,
    offset: 0n,
    headers: { [HEADER.liveness]: afterLive ? 'live' : 'deleted' },
    eventId: 'an-event',
    eventType: 'x.v1.Happened',
    origin,
    expectedVersion: 0,
    contentHash: origin === 'api' || origin === 'repair' ? undefined : 'v1:row',
    outcome,
    version: 1,
    before: undefined,
    after: {},
    beforeLive,
    afterLive,
    event: { type: 'x.v1.Happened', data },
  } as Change;
}

describe('what a change means for a port', () => {
  it.each([
    [[false, true], 'create'],
    [[true, true], 'update'],
    [[true, false], 'delete'],
  ] as const)('a native that takes effect, live %j: %s', (live, operation) => {
    expect(planChange(change({ live }))).toMatchObject({ type: 'send', operation });
    expect(planChange(change({ live, origin: 'repair' }))).toMatchObject({ type: 'send', operation });
  });

  it('sends nothing, and says so, where legacy has no row and needs none', () => {
    expect(planChange(change({ live: [false, false] }))).toMatchObject({ type: 'receipt', outcome: 'skipped' });
  });

  it.each(['backfill', 'refresh', 'adoption', 'capture', 'cdc'] as const)(
    'never sends what came from legacy by %s',
    (origin) => {
      for (const live of [
        [false, true],
        [true, true],
      ] as const) {
        expect(planChange(change({ origin, live, data: { legacyId: '7' } }))).toMatchObject({
          type: 'imported',
          legacyId: '7',
          hash: 'v1:row',
        });
      }
      expect(planChange(change({ origin, live: [true, false], data: { legacyId: '7' } }))).toMatchObject({
        hash: null,
      });
    },
  );

  it.each([
    ['stale', 'receipt'],
    ['conflict', 'receipt'],
    ['duplicate', 'none'],
  ] as const)('a native that folds as %s: %s', (outcome, type) => {
    expect(planChange(change({ outcome }))).toMatchObject({
      type,
      ...(type === 'receipt' ? { outcome: 'refused' } : {}),
    });
  });

  it.each([
    ['stale', 'none'],
    ['conflict', 'none'],
    ['duplicate', 'none'],
    ['unchanged', 'none'],
    ['superseded', 'seen'],
  ] as const)('an import that folds as %s: %s', (outcome, type) => {
    expect(planChange(change({ outcome, origin: 'backfill' })).type).toBe(type);
  });

  it('says which row an import of a key of V2 read', () => {
    const seen = change({ outcome: 'superseded', origin: 'backfill', live: [true, true], data: { legacyId: '7' } });
    expect(planChange(seen)).toMatchObject({ type: 'seen', legacyId: '7', hash: 'v1:row' });
  });

  it('refuses an import that does not say which row it is', () => {
    expect(() => planChange(change({ origin: 'backfill' }))).toThrow(
      expect.objectContaining({ code: 'PORTER_IMPORT_WITHOUT_ID' }),
    );
  });
});
