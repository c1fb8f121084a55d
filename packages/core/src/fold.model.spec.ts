import { describe, expect, it } from '@jest/globals';
import { isImportOrigin } from './event-headers.js';
import { fold } from './fold.js';
import { exploreFold, type Fold } from './testing/fold-world.js';
import { tell } from './testing/index.js';

/** `fold.model.long.spec.ts` goes further. */
const DEPTH = 6;

/** The real fold, with what a row asks about taken out of what it is given, or what it says out of what it answers. */
const WITHOUT: readonly [row: string, what: string, variant: Fold][] = [
  [
    '1, of an epoch the partition has not reached',
    'an epoch is used before its fence',
    (authority, keyState, headers) =>
      fold(authority, keyState, { ...headers, epoch: Math.min(headers.epoch ?? 0, authority.epoch) }),
  ],
  [
    '1, on a version the key has not reached',
    'a version is used before it is made',
    (authority, keyState, headers) =>
      fold(authority, keyState, {
        ...headers,
        expectedVersion: Math.min(headers.expectedVersion ?? 0, keyState.version),
      }),
  ],
  [
    '2',
    'what took effect is told to be dead',
    (authority, keyState, headers) => fold(authority, { ...keyState, recent: [] }, headers),
  ],
  [
    '3',
    'a stale epoch moves the key',
    (authority, keyState, headers) =>
      fold(authority, keyState, { ...headers, epoch: Math.max(headers.epoch ?? 0, authority.epoch) }),
  ],
  [
    '4',
    'it was decided on another version',
    (authority, keyState, headers) =>
      fold(authority, keyState, {
        ...headers,
        expectedVersion: Math.max(headers.expectedVersion ?? 0, keyState.version),
      }),
  ],
  [
    '5',
    'an import beats a native',
    (authority, keyState, headers) =>
      fold(authority, isImportOrigin(headers.origin ?? '') ? { ...keyState, owner: 'none' } : keyState, headers),
  ],
  [
    '6, nothing new',
    'a second run imports again',
    (authority, { hash: _, ...keyState }, headers) => fold(authority, keyState, headers),
  ],
  [
    '6, a later epoch moves the key',
    'a key that was looked at stays from before the epoch',
    (authority, keyState, headers) => {
      const folded = fold(authority, keyState, headers);
      return folded.outcome === 'unchanged' ? { ...folded, keyState } : folded;
    },
  ],
  [
    '7, absence is an import',
    'what legacy has is not in V2 behind its import',
    (authority, keyState, headers) =>
      isImportOrigin(headers.origin ?? '') && headers.liveness === 'deleted'
        ? { outcome: 'unchanged', keyState }
        : fold(authority, keyState, headers),
  ],
  [
    '8, the share',
    'a native changes what legacy holds',
    (authority, keyState, headers) => fold({ ...authority, share: 100 }, keyState, headers),
  ],
  [
    '8, an import of this epoch',
    'a native changes a copy from before this epoch',
    (authority, keyState, headers) =>
      fold(authority, keyState.owner === 'legacy' ? { ...keyState, epoch: authority.epoch } : keyState, headers),
  ],
  [
    '9, the owner is new',
    'an import beats a native',
    (authority, keyState, headers) => {
      const folded = fold(authority, keyState, headers);
      return folded.keyState.owner === 'new' ? { ...folded, keyState: { ...folded.keyState, owner: 'none' } } : folded;
    },
  ],
];

describe('the fold in a small world', () => {
  it(`keeps its promises in every sequence of ${DEPTH} moves`, async () => {
    const explored = await exploreFold(fold, DEPTH);
    tell('the fold', explored);
    expect(explored.violation).toBeUndefined();
    expect(explored.moves).toBeGreaterThan(50_000);
  });

  it.each(WITHOUT)('without row %s: %s', async (_row, what, variant) => {
    const { violation } = await exploreFold(variant, DEPTH);
    expect(violation?.what).toBe(what);
  });
});
