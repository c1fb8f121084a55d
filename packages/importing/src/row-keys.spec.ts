import { importedId } from '@banyan/core';
import { describe, expect, it } from '@jest/globals';
import type { OpenIntent } from './porter-client.js';
import { keysOfRows } from './row-keys.js';
import { derivedThing, FakePorter, thing } from './testing/things.js';

const BORN = '01900000-0000-7000-8000-000000000001';

function create(state: OpenIntent['state'], highWaterMark: string | null): OpenIntent {
  return { entity: 'thing', key: BORN, eventId: 'e1', operation: 'create', highWaterMark, state, legacyId: null };
}

const keys = (porter: FakePorter, ids: readonly string[], waitForIntentsMs = 1_000) =>
  keysOfRows({ porter, waitForIntentsMs, lookEveryMs: 1 }, thing, ids);

describe('keysOfRows', () => {
  it('takes the key that a link names, else the UUIDv5 of the id', async () => {
    const porter = new FakePorter();
    porter.link('thing', BORN, '9');
    expect(Object.fromEntries(await keys(porter, ['8', '9']))).toEqual({
      '8': { type: 'key', key: importedId('thing', '8') },
      '9': { type: 'key', key: BORN },
    });
  });

  it('waits for an open send that may have made the row, and takes its link', async () => {
    const porter = new FakePorter();
    porter.openIntents = [create('open', '8')];
    porter.onIntents = (times) => {
      // The send closes between two looks: link and intent in one transaction.
      if (times === 3) {
        porter.link('thing', BORN, '9');
        porter.openIntents = [];
      }
    };
    expect((await keys(porter, ['9'])).get('9')).toEqual({ type: 'key', key: BORN });
  });

  it('never gives a second id to a row whose send closed between the two questions', async () => {
    const porter = new FakePorter();
    porter.openIntents = [create('open', '8')];
    porter.onIntents = () => {
      porter.link('thing', BORN, '9');
      porter.openIntents = [];
    };
    expect((await keys(porter, ['9'])).get('9')).toEqual({ type: 'key', key: BORN });
  });

  it('holds the rows that a send in doubt may have made, and no other', async () => {
    const porter = new FakePorter();
    porter.openIntents = [create('in-doubt', '8')];
    const found = await keys(porter, ['8', '9', '10']);
    expect(found.get('8')).toEqual({ type: 'key', key: importedId('thing', '8') });
    expect(found.get('9')).toMatchObject({ type: 'held', reason: expect.stringContaining(BORN) });
    // As numbers: '10' is above '8'.
    expect(found.get('10')).toMatchObject({ type: 'held' });
  });

  it('holds the rows when an open send does not close in time', async () => {
    const porter = new FakePorter();
    porter.openIntents = [create('open', null)];
    expect((await keys(porter, ['9'], 5)).get('9')).toMatchObject({ type: 'held' });
  });

  it('asks nobody where the id is in the row itself', async () => {
    const porter = new FakePorter();
    porter.away = true;
    const found = await keysOfRows({ porter, waitForIntentsMs: 0 }, derivedThing, ['A']);
    expect(found.get('A')).toEqual({ type: 'key', key: importedId('derived-thing', 'A') });
  });
});
