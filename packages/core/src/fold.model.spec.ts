import { describe, expect, it } from '@jest/globals';
import { bucket } from './bucket.js';
import { type EventHeaders, isImportOrigin } from './event-headers.js';
import { fold, foldMarker } from './fold.js';
import { type Authority, FIRST_AUTHORITY, type KeyState, type Marker, NEVER_SEEN, type Outcome } from './key-state.js';

/**
 * A small world, searched whole: one key, up to three events, each decided on what its writer sees at some moment and
 * appended at any later moments, any number of times; epochs move between any two of these. Every sequence of so many moves
 * is tried on the real functions; worlds that are alike are looked at once.
 */
interface World {
  readonly authority: Authority;
  readonly keyState: KeyState;
  readonly drafts: readonly { readonly headers: EventHeaders; readonly first?: Outcome }[];
  /** History that the fold does not keep: an effective native since the last hand-back; the epoch of the import since. */
  readonly nativeSince: boolean;
  readonly importEpoch: number | null;
}

const KEY = '00000000-0000-4000-8000-000000000032';
const DRAFTS = 3;
const DEPTH = 7;

const KINDS: readonly Pick<EventHeaders, 'origin' | 'liveness' | 'contentHash'>[] = [
  { origin: 'api', liveness: 'live', contentHash: undefined },
  { origin: 'api', liveness: 'deleted', contentHash: undefined },
  { origin: 'capture', liveness: 'live', contentHash: 'v1:a' },
  { origin: 'backfill', liveness: 'live', contentHash: 'v1:b' },
  { origin: 'adoption', liveness: 'deleted', contentHash: 'v1:none' },
];

const START: World = {
  authority: FIRST_AUTHORITY,
  keyState: NEVER_SEEN,
  drafts: [],
  nativeSince: false,
  importEpoch: null,
};

function* movesOf(world: World): Generator<World> {
  if (world.drafts.length < DRAFTS) for (const kind of KINDS) yield decide(world, kind);
  for (const at of world.drafts.keys()) yield append(world, at);
  const epoch = world.authority.epoch + 1;
  yield mark(world, { type: 'fence', epoch, share: bucket(KEY) });
  yield mark(world, { type: 'fence', epoch, share: bucket(KEY) + 1 });
  yield mark(world, { type: 'handback', epoch });
}

function decide(world: World, kind: (typeof KINDS)[number]): World {
  const headers: EventHeaders = {
    key: KEY,
    id: `e${world.drafts.length}`,
    expectedVersion: world.keyState.version,
    epoch: world.authority.epoch,
    ...kind,
  };
  return { ...world, drafts: [...world.drafts, { headers }] };
}

function mark(world: World, marker: Marker): World {
  const authority = foldMarker(world.authority, marker);
  return marker.type === 'handback'
    ? { ...world, authority, nativeSince: false, importEpoch: world.keyState.version === 0 ? null : -1 }
    : { ...world, authority };
}

function append(world: World, at: number): World {
  const draft = world.drafts[at];
  if (draft === undefined) return world;
  const { headers } = draft;
  const { outcome, keyState } = fold(world.authority, world.keyState, headers);
  const importing = isImportOrigin(headers.origin ?? '');
  const raised = keyState.version > world.keyState.version;
  const wrong = (what: string): never => {
    throw new Error(`${what}: ${JSON.stringify({ world, headers, outcome, keyState }, null, 1)}`);
  };
  if (outcome === 'invalid') wrong('an honest event is invalid');
  if (raised && draft.first !== undefined) wrong('a repeat moves the key');
  if (outcome === 'effective' && draft.first !== undefined) wrong('a repeat takes effect');
  if (raised && headers.epoch !== world.authority.epoch) wrong('a stale epoch moves the key');
  if (raised && keyState.version !== world.keyState.version + 1) wrong('a version is skipped');
  if (outcome === 'effective' && !raised) wrong('an effect without a version');
  if (outcome === 'effective' && importing && world.nativeSince) wrong('an import beats a native');
  if (outcome === 'effective' && !importing && world.importEpoch !== null) {
    if (world.authority.share <= bucket(KEY)) wrong('a native changes what legacy holds');
    if (world.importEpoch !== world.authority.epoch) wrong('a native changes a copy from before this epoch');
  }
  const drafts = world.drafts.with(at, { headers, first: draft.first ?? outcome });
  if (!raised) return { ...world, keyState, drafts };
  return importing
    ? { ...world, keyState, drafts, importEpoch: world.authority.epoch }
    : { ...world, keyState, drafts, nativeSince: true, importEpoch: null };
}

describe('the fold in a small world', () => {
  it(`keeps its promises in every sequence of ${DEPTH} moves`, () => {
    const seen = new Set<string>([JSON.stringify(START)]);
    let frontier: readonly World[] = [START];
    let moves = 0;
    for (let depth = 0; depth < DEPTH; depth += 1) {
      const next: World[] = [];
      for (const world of frontier) {
        for (const reached of movesOf(world)) {
          moves += 1;
          const text = JSON.stringify(reached);
          if (seen.has(text)) continue;
          seen.add(text);
          next.push(reached);
        }
      }
      frontier = next;
    }
    expect(moves).toBeGreaterThan(100_000);
  });
});
