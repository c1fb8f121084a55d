import { bucket } from '../bucket.js';
import { type EventHeaders, isImportOrigin } from '../event-headers.js';
import { type fold, foldMarker } from '../fold.js';
import { type Authority, FIRST_AUTHORITY, type KeyState, type Marker, NEVER_SEEN, type Outcome } from '../key-state.js';
import { type Explored, explore, type Move } from './explore.js';

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
  /** Legacy's row as the last import that counted left it; null = a native came behind it. */
  readonly row: string | null;
  readonly wrong?: string;
}

const KEY = '00000000-0000-4000-8000-000000000032';
const DRAFTS = 3;

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
  row: null,
};

/** The fold, or one that lacks a row. */
export type Fold = typeof fold;

const movesWith =
  (folding: Fold) =>
  (world: World): readonly Move<World>[] => {
    const epoch = world.authority.epoch + 1;
    const decided = world.drafts.length < DRAFTS ? KINDS.map((kind) => decide(world, kind)) : [];
    const ahead = world.drafts.length === 0 ? [decideAhead(world, 1, 0), decideAhead(world, 0, 1)] : [];
    const markers: readonly Marker[] = [
      { type: 'fence', epoch, share: bucket(KEY) },
      { type: 'fence', epoch, share: bucket(KEY) + 1 },
      { type: 'handback', epoch },
    ];
    return [
      ...decided,
      ...ahead,
      ...world.drafts.map(({ headers }, at) => ({ name: `append ${headers.id}`, world: append(folding, world, at) })),
      ...markers.map((marker) => ({ name: `${marker.type} ${epoch}`, world: mark(world, marker) })),
    ];
  };

function decide(world: World, kind: (typeof KINDS)[number]): Move<World> {
  const headers: EventHeaders = {
    key: KEY,
    id: `e${world.drafts.length}`,
    expectedVersion: world.keyState.version,
    epoch: world.authority.epoch,
    ...kind,
  };
  return {
    name: `${headers.id}: ${kind.origin} ${kind.liveness} on ${headers.expectedVersion} in epoch ${headers.epoch}`,
    world: { ...world, drafts: [...world.drafts, { headers }] },
  };
}

/** By a writer who names an epoch or a version that is not there yet. */
function decideAhead(world: World, epochs: number, versions: number): Move<World> {
  const { authority, keyState } = world;
  const headers: EventHeaders = {
    key: KEY,
    id: 'ahead',
    origin: 'api',
    liveness: 'live',
    contentHash: undefined,
    epoch: authority.epoch + epochs,
    expectedVersion: keyState.version + versions,
  };
  return { name: `ahead by ${epochs} and ${versions}`, world: { ...world, drafts: [...world.drafts, { headers }] } };
}

function mark(world: World, marker: Marker): World {
  const authority = foldMarker(world.authority, marker);
  return marker.type === 'handback'
    ? { ...world, authority, nativeSince: false, importEpoch: world.keyState.version === 0 ? null : -1 }
    : { ...world, authority };
}

function append(folding: Fold, world: World, at: number): World {
  const draft = world.drafts[at];
  if (draft === undefined) return world;
  const { headers } = draft;
  const { outcome, keyState } = folding(world.authority, world.keyState, headers);
  const importing = isImportOrigin(headers.origin ?? '');
  const raised = keyState.version > world.keyState.version;
  const row = `${headers.liveness} ${headers.contentHash}`;
  const wrongs: [boolean, string][] = [
    [outcome === 'invalid' && headers.id !== 'ahead', 'an honest event is invalid'],
    [outcome !== 'invalid' && (headers.epoch ?? 0) > world.authority.epoch, 'an epoch is used before its fence'],
    [
      outcome !== 'invalid' && (headers.expectedVersion ?? 0) > world.keyState.version,
      'a version is used before it is made',
    ],
    [raised && draft.first !== undefined && draft.first !== 'invalid', 'a repeat moves the key'],
    [draft.first === 'effective' && !['duplicate', 'stale'].includes(outcome), 'what took effect is told to be dead'],
    [raised && headers.epoch !== world.authority.epoch, 'a stale epoch moves the key'],
    [raised && headers.expectedVersion !== world.keyState.version, 'it was decided on another version'],
    [raised && keyState.version !== world.keyState.version + 1, 'a version is skipped'],
    [outcome === 'effective' && !raised, 'an effect without a version'],
    [outcome === 'effective' && importing && world.nativeSince, 'an import beats a native'],
    [
      outcome === 'effective' && importing && world.row === row && world.importEpoch === headers.epoch,
      'a second run imports again',
    ],
  ];
  if (outcome === 'effective' && !importing && world.importEpoch !== null) {
    wrongs.push([world.authority.share <= bucket(KEY), 'a native changes what legacy holds']);
    wrongs.push([world.importEpoch !== world.authority.epoch, 'a native changes a copy from before this epoch']);
  }
  if (importing && draft.first === undefined && outcome !== 'superseded') {
    const current = headers.epoch === world.authority.epoch && headers.expectedVersion === world.keyState.version;
    wrongs.push([current && keyState.liveness !== headers.liveness, 'what legacy has is not in V2 behind its import']);
    wrongs.push([current && keyState.epoch !== headers.epoch, 'a key that was looked at stays from before the epoch']);
  }
  const wrong = wrongs.find(([is]) => is)?.[1];
  const drafts = world.drafts.with(at, { headers, first: draft.first ?? outcome });
  const after = { ...world, keyState, drafts, ...(wrong === undefined ? {} : { wrong }) };
  if (!raised) return after;
  return importing
    ? { ...after, importEpoch: world.authority.epoch, row }
    : { ...after, nativeSince: true, importEpoch: null, row: null };
}

/** @param depth how many moves a sequence has */
export function exploreFold(folding: Fold, depth: number): Promise<Explored> {
  return explore({ start: START, moves: movesWith(folding), wrong: (world) => world.wrong, depth });
}
