import { describe, expect, it } from '@jest/globals';
import type { EventHeaders } from './event-headers.js';
import { fold, foldMarker, ownerOf, RECENT_LIMIT } from './fold.js';
import { type Authority, FIRST_AUTHORITY, type KeyState, NEVER_SEEN } from './key-state.js';

const BUCKET_9 = '00000000-0000-4000-8000-000000000015';

const authority = (given: Partial<Authority> = {}): Authority => ({ epoch: 3, share: 0, handback: 0, ...given });

const imported = (given: Partial<KeyState> = {}): KeyState => ({
  version: 5,
  liveness: 'live',
  owner: 'legacy',
  epoch: 3,
  hash: 'v1:row',
  recent: [{ eventId: 'e5', version: 5 }],
  ...given,
});

const born = (given: Partial<KeyState> = {}): KeyState => ({
  version: 5,
  liveness: 'live',
  owner: 'new',
  epoch: 3,
  recent: [{ eventId: 'e5', version: 5 }],
  ...given,
});

const native = (given: Partial<EventHeaders> = {}): EventHeaders => ({
  key: BUCKET_9,
  id: 'n',
  origin: 'api',
  expectedVersion: 5,
  epoch: 3,
  liveness: 'live',
  contentHash: undefined,
  ...given,
});

const anImport = (given: Partial<EventHeaders> = {}): EventHeaders =>
  native({ id: 'i', origin: 'backfill', contentHash: 'v1:other', ...given });

const outcome = (a: Authority, k: KeyState, h: EventHeaders): string => fold(a, k, h).outcome;

describe('fold, row 1: invalid', () => {
  it.each([
    ['no id', native({ id: undefined })],
    ['no origin', native({ origin: undefined })],
    ['an origin that is none', native({ origin: 'gossip' as never })],
    ['no expected version', native({ expectedVersion: undefined })],
    ['no epoch', native({ epoch: undefined })],
    ['no liveness', native({ liveness: undefined })],
    ['no content hash, an import', anImport({ contentHash: undefined })],
    ['an epoch the partition has not reached', native({ epoch: 4 })],
    ['a version the key has not reached', native({ expectedVersion: 6 })],
    ['an import of an epoch the partition has not reached', anImport({ epoch: 4 })],
    ['an import on a version the key has not reached', anImport({ expectedVersion: 6 })],
  ])('is an event with %s', (_, headers) => {
    expect(fold(authority(), born(), headers)).toEqual({ outcome: 'invalid', keyState: born() });
    expect(outcome(authority(), imported({ epoch: 2, owner: 'none' }), headers)).toBe('invalid');
  });

  it('comes before duplicate: an id in the ring does not make a malformed record a repeat', () => {
    expect(outcome(authority(), born(), native({ id: 'e5', epoch: undefined }))).toBe('invalid');
  });
});

describe('fold, row 2: duplicate', () => {
  it('is an event whose id raised the version lately, whatever else it says', () => {
    expect(outcome(authority(), born(), native({ id: 'e5', expectedVersion: 4, epoch: 0 }))).toBe('duplicate');
    expect(outcome(authority(), born(), anImport({ id: 'e5' }))).toBe('duplicate');
    expect(outcome(authority(), born(), native({ id: 'e5' }))).toBe('duplicate');
  });

  it('remembers the last sixteen that raised the version', () => {
    let keyState = NEVER_SEEN;
    for (let n = 0; n < RECENT_LIMIT + 1; n += 1) {
      const folded = fold(FIRST_AUTHORITY, keyState, native({ id: `e${n}`, expectedVersion: n, epoch: 0 }));
      expect(folded.outcome).toBe('effective');
      keyState = folded.keyState;
    }
    expect(RECENT_LIMIT).toBe(16);
    expect(keyState.recent.map((entry) => entry.version)).toEqual(Array.from({ length: 16 }, (_, n) => n + 2));
    const repeat = (n: number): string =>
      outcome(FIRST_AUTHORITY, keyState, native({ id: `e${n}`, expectedVersion: n, epoch: 0 }));
    expect(repeat(1)).toBe('duplicate');
    // Pushed out of the ring: still without effect, since the version it was decided on is past.
    expect(repeat(0)).toBe('conflict');
  });
});

describe('fold, row 3: stale by epoch', () => {
  it.each([
    ['a native', native({ epoch: 2 })],
    ['an import', anImport({ epoch: 2 })],
    ['a native on a past version too', native({ epoch: 2, expectedVersion: 4 })],
  ])('is %s of an epoch older than the partition’s', (_, headers) => {
    expect(fold(authority(), born(), headers)).toEqual({ outcome: 'stale', keyState: born() });
    expect(outcome(authority(), imported(), headers)).toBe('stale');
  });
});

describe('fold, row 4: conflict', () => {
  it.each([
    ['a native', native({ expectedVersion: 4 })],
    ['an import', anImport({ expectedVersion: 4 })],
    ['an import with the key’s own hash', anImport({ expectedVersion: 4, contentHash: 'v1:row' })],
  ])('is %s decided on another version than the key’s', (_, headers) => {
    expect(fold(authority({ share: 100 }), imported(), headers)).toEqual({ outcome: 'conflict', keyState: imported() });
    expect(outcome(authority(), born(), headers)).toBe('conflict');
  });
});

describe('fold, row 5: superseded', () => {
  it('is an import on a key that V2 owns', () => {
    expect(fold(authority(), born(), anImport())).toEqual({ outcome: 'superseded', keyState: born() });
  });

  it('is an absence on a key that V2 owns, and an import on one that V2 deleted: nothing is resurrected', () => {
    expect(outcome(authority(), born(), anImport({ liveness: 'deleted' }))).toBe('superseded');
    expect(outcome(authority(), born({ liveness: 'deleted' }), anImport())).toBe('superseded');
  });

  it('holds in later epochs, until a hand-back', () => {
    expect(outcome(authority({ epoch: 7 }), born(), anImport({ epoch: 7 }))).toBe('superseded');
    expect(outcome(authority({ epoch: 7, handback: 3 }), born(), anImport({ epoch: 7 }))).toBe('superseded');
    expect(outcome(authority({ epoch: 7, handback: 4 }), born(), anImport({ epoch: 7 }))).toBe('effective');
  });
});

describe('fold, row 6: unchanged', () => {
  const same = anImport({ contentHash: 'v1:row' });

  it('is an import with the key’s own hash and liveness', () => {
    expect(fold(authority(), imported(), same)).toEqual({ outcome: 'unchanged', keyState: imported() });
    const gone = imported({ liveness: 'deleted' });
    expect(fold(authority(), gone, { ...same, liveness: 'deleted' })).toEqual({ outcome: 'unchanged', keyState: gone });
  });

  it('moves epoch, version and ring where it brings a later epoch, and keeps the rest', () => {
    expect(fold(authority(), imported({ epoch: 2 }), same)).toEqual({
      outcome: 'unchanged',
      keyState: imported({
        version: 6,
        recent: [
          { eventId: 'e5', version: 5 },
          { eventId: 'i', version: 6 },
        ],
      }),
    });
  });

  it('is not an import with the same hash and another liveness', () => {
    expect(outcome(authority(), imported(), { ...same, liveness: 'deleted' })).toBe('effective');
    expect(outcome(authority(), imported({ liveness: 'deleted' }), same)).toBe('effective');
  });
});

describe('fold, row 7: an effective import', () => {
  it('makes the key legacy’s, at the event’s epoch, with the event’s hash', () => {
    expect(fold(authority(), imported({ epoch: 2 }), anImport())).toEqual({
      outcome: 'effective',
      keyState: {
        version: 6,
        liveness: 'live',
        owner: 'legacy',
        epoch: 3,
        hash: 'v1:other',
        recent: [
          { eventId: 'e5', version: 5 },
          { eventId: 'i', version: 6 },
        ],
      },
    });
  });

  it.each(['backfill', 'refresh', 'adoption', 'capture', 'cdc'] as const)('comes from %s', (origin) => {
    expect(fold(FIRST_AUTHORITY, NEVER_SEEN, anImport({ origin, expectedVersion: 0, epoch: 0 }))).toEqual({
      outcome: 'effective',
      keyState: {
        version: 1,
        liveness: 'live',
        owner: 'legacy',
        epoch: 0,
        hash: 'v1:other',
        recent: [{ eventId: 'i', version: 1 }],
      },
    });
  });

  it('is an absence too, also of a key that nobody ever saw', () => {
    const folded = fold(FIRST_AUTHORITY, NEVER_SEEN, anImport({ expectedVersion: 0, epoch: 0, liveness: 'deleted' }));
    expect(folded).toMatchObject({
      outcome: 'effective',
      keyState: { version: 1, liveness: 'deleted', owner: 'legacy' },
    });
  });

  it('takes a handed-back key whatever its content, since a native change has no hash to compare', () => {
    const folded = fold(authority({ handback: 3 }), born({ epoch: 2 }), anImport());
    expect(folded).toMatchObject({ outcome: 'effective', keyState: { owner: 'legacy', epoch: 3, hash: 'v1:other' } });
  });
});

describe('fold, row 8: stale because legacy holds the key', () => {
  it('is a native on a key whose bucket is not below the share', () => {
    expect(fold(authority({ share: 9 }), imported(), native())).toEqual({ outcome: 'stale', keyState: imported() });
    expect(outcome(authority({ share: 10 }), imported(), native())).toBe('effective');
    expect(outcome(authority({ share: 0 }), imported(), native())).toBe('stale');
  });

  it('is a native on a key without an import of this epoch, whatever the share', () => {
    expect(outcome(authority({ share: 100 }), imported({ epoch: 2 }), native())).toBe('stale');
    expect(outcome(authority({ share: 100 }), imported({ epoch: 3 }), native())).toBe('effective');
  });

  it('is a native on a handed-back key', () => {
    expect(outcome(authority({ handback: 3, share: 100 }), born({ epoch: 2 }), native())).toBe('stale');
  });

  it('is a native on a key that legacy deleted', () => {
    expect(outcome(authority(), imported({ liveness: 'deleted' }), native())).toBe('stale');
  });
});

describe('fold, row 9: an effective native', () => {
  it.each(['api', 'repair'] as const)('of origin %s makes the key V2’s and clears the hash', (origin) => {
    expect(fold(authority({ share: 100 }), imported(), native({ origin }))).toEqual({
      outcome: 'effective',
      keyState: {
        version: 6,
        liveness: 'live',
        owner: 'new',
        epoch: 3,
        recent: [
          { eventId: 'e5', version: 5 },
          { eventId: 'n', version: 6 },
        ],
      },
    });
  });

  it('needs no share where nobody owns the key, or V2 does', () => {
    expect(fold(FIRST_AUTHORITY, NEVER_SEEN, native({ expectedVersion: 0, epoch: 0 }))).toMatchObject({
      outcome: 'effective',
      keyState: { version: 1, owner: 'new' },
    });
    expect(outcome(authority(), born({ epoch: 1 }), native())).toBe('effective');
  });

  it('leaves the liveness it says, and a create may follow a delete on the tombstone’s version', () => {
    const deleted = fold(authority(), born(), native({ liveness: 'deleted' }));
    expect(deleted).toMatchObject({ outcome: 'effective', keyState: { version: 6, liveness: 'deleted' } });
    const again = native({ id: 'n2', expectedVersion: 6 });
    expect(fold(authority(), deleted.keyState, again)).toMatchObject({
      outcome: 'effective',
      keyState: { liveness: 'live' },
    });
  });

  it('ignores a content hash', () => {
    expect(fold(authority(), born(), native({ contentHash: 'v1:x' })).keyState).not.toHaveProperty('hash');
  });
});

describe('foldMarker', () => {
  it('lets a fence set epoch and share and keep the hand-back', () => {
    expect(foldMarker({ epoch: 3, share: 100, handback: 2 }, { type: 'fence', epoch: 4, share: 10 })).toEqual({
      epoch: 4,
      share: 10,
      handback: 2,
    });
  });

  it('lets a hand-back set epoch and hand-back to its own and the share to 0', () => {
    expect(foldMarker({ epoch: 3, share: 100, handback: 2 }, { type: 'handback', epoch: 4 })).toEqual({
      epoch: 4,
      share: 0,
      handback: 4,
    });
  });

  it.each([
    { type: 'fence', epoch: 3, share: 10 },
    { type: 'fence', epoch: 2, share: 10 },
    { type: 'handback', epoch: 3 },
    { type: 'handback', epoch: 1 },
  ] as const)('does nothing where the marker is not newer: %o', (marker) => {
    const before = { epoch: 3, share: 100, handback: 2 };
    expect(foldMarker(before, marker)).toEqual(before);
  });

  it('may skip epochs', () => {
    expect(foldMarker(FIRST_AUTHORITY, { type: 'fence', epoch: 9, share: 1 }).epoch).toBe(9);
  });
});

describe('ownerOf', () => {
  it('reads V2’s keys from before the last hand-back as legacy’s, and no others', () => {
    expect(ownerOf(authority({ handback: 3 }), born({ epoch: 2 }))).toBe('legacy');
    expect(ownerOf(authority({ handback: 3 }), born({ epoch: 3 }))).toBe('new');
    expect(ownerOf(authority({ handback: 3 }), imported({ epoch: 2 }))).toBe('legacy');
    expect(ownerOf(authority({ handback: 3 }), NEVER_SEEN)).toBe('none');
  });
});
