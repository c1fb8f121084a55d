import { type EventHeaders, FIRST_AUTHORITY, NEVER_SEEN } from '@banyan/core';
import { type Explored, explore, foldLog, keyStateOf, type LogEntry, type Move, tell } from '@banyan/core/testing';
import { NO_STATE, type StoredState } from '@banyan/postgres';
import { describe, expect, it } from '@jest/globals';
import type { Change } from './change.js';
import { foldSlice } from './fold-slice.js';
import type { ParkedRecord } from './parked-record.js';
import { type ParkedItem, replayParked, stateAfter } from './replay-parked.js';
import { itemOf, type Notes, notes } from './testing/notes.js';

/**
 * One key, a few events of which one cannot be read until the code is mended, replays at any time, in vain or not, and commands that are
 * decided on what stands there: all ways in which slices, replays and the mending may fall together.
 */
interface World {
  readonly log: readonly LogEntry[];
  readonly next: number;
  readonly state: StoredState;
  readonly parked: readonly Kept[];
  /** The events whose effects were carried out, in order: the rows, or the sends. */
  readonly effects: readonly string[];
  readonly mended: boolean;
  /** Commands that are still to be decided. */
  readonly commands: number;
  readonly restatements: number;
}

type Kept = Pick<ParkedRecord, 'kind' | 'change'> & { readonly offset: number };

/** A rule that is taken out. */
type Without =
  /** Later events of a key wait behind one that is parked. */
  | 'order'
  /** A parked event keeps its place in the fold. */
  | 'place'
  /** A command is decided only where the document is that of the key's version. */
  | 'document and version together'
  /** A whole state from legacy closes what is parked before it. */
  | 'closing';

const KEY = '00000000-0000-4000-8000-000000000032';
const POISON = 'poison';

const event = (
  id: string,
  expectedVersion: number,
  contentHash?: string,
  native: 'api' | 'repair' = 'api',
): LogEntry => {
  const headers: EventHeaders = {
    key: KEY,
    id,
    origin: contentHash === undefined ? native : 'backfill',
    expectedVersion,
    epoch: 0,
    liveness: 'live',
    contentHash,
  };
  return { type: 'event', headers };
};
/** V2's key: one event good, one that is poison, one behind it. */
const NATIVE = [event('a', 0), event(POISON, 1), event('b', 2)];
/** Legacy's key: an import that is poison, and a later one. */
const IMPORTED = [event('a', 0, 'v1:a'), event(POISON, 1, 'v1:p'), event('b', 2, 'v1:b')];

function exploreParking(log: readonly LogEntry[], commands: number, without?: Without): Promise<Explored> {
  const start = { log, next: 0, state: NO_STATE, parked: [], effects: [], mended: false, commands, restatements: 1 };
  return explore<World>({
    start,
    moves: (world) => [
      ...slices(world, without),
      ...replays(world),
      ...mending(world),
      ...command(world, without),
      ...restating(world),
    ],
    wrong: (world) => wrong(world),
    wrongAtRest: ({ state, parked }) =>
      state.parked || parked.length > 0 ? 'a key stands although its code is mended' : undefined,
  });
}

function itemAt({ log, mended }: World, offset: number) {
  const entry = log[offset];
  if (entry?.type !== 'event') throw new Error('no event');
  return itemOf(entry, BigInt(offset), entry.headers.id === POISON && !mended);
}

function slices(world: World, without: Without | undefined): Move<World>[] {
  return [1, 2]
    .filter((size) => world.next + size <= world.log.length)
    .map((size) => ({ name: `a slice of ${size}`, world: afterSlice(world, size, without) }));
}

function afterSlice(world: World, size: number, without: Without | undefined): World {
  const { next, state } = world;
  const items = Array.from({ length: size }, (_, n) => itemAt(world, next + n));
  const given = without === 'order' ? { ...state, parked: false } : state;
  const folded = foldSlice({
    entity: notes,
    authority: FIRST_AUTHORITY,
    states: new Map([[KEY, given]]),
    knownInvalid: new Set(),
    items: without === 'place' ? items.filter((item) => 'event' in item.decoded) : items,
  });
  const parked = folded.parked.map(({ kind, change, record }) => ({ kind, change, offset: Number(record.offset) }));
  const closings = without === 'closing' ? [] : folded.closings;
  const left = [...world.parked, ...parked].filter(
    ({ kind, offset }) => kind !== 'state' || !closings.some(({ before }) => offset < before),
  );
  const after = folded.states.get(KEY) ?? state;
  return {
    ...world,
    next: next + size,
    state: plain(without === 'order' && state.parked ? { ...after, parked: true } : after),
    parked: left.map(plain),
    effects: [...world.effects, ...effectsOf(folded.changes)],
  };
}

/** A replay of the key, as the store does it in one transaction. */
function replays(world: World): Move<World>[] {
  if (world.parked.length === 0) return [];
  const items = world.parked.flatMap(({ kind, change, offset }, id): ParkedItem[] =>
    kind === 'invalid' || change === undefined ? [] : [{ ...itemAt(world, offset), id, parkedKind: kind, change }],
  );
  const { state, changes } = replayParked(notes, KEY, world.state, items);
  const done = new Set(changes.map(({ item }) => item.id));
  const left = items.filter(({ id }) => !done.has(id)).map(({ parkedKind }) => parkedKind);
  const effects = [...world.effects, ...effectsOf(changes.map(({ change }) => change))];
  const parked = world.parked.filter((_, id) => !done.has(id));
  return [{ name: 'a replay', world: { ...world, state: plain(stateAfter(state, left)), parked, effects } }];
}

function mending(world: World): Move<World>[] {
  return world.mended ? [] : [{ name: 'the code is mended', world: { ...world, mended: true } }];
}

/** A command that is decided on the document, as new-api does: it names the version that the document is of. */
function command(world: World, without: Without | undefined): Move<World>[] {
  const { state, log, commands, next } = world;
  if (commands === 0 || next < log.length) return [];
  // A key that stands answers 423.
  if (state.parked && without !== 'document and version together') return [];
  const version = without === 'document and version together' ? state.keyState.version : state.appliedVersion;
  const ids = (state.document as Notes | undefined)?.ids ?? [];
  return [
    {
      name: `a command on ${ids}`,
      world: { ...world, commands: commands - 1, log: [...log, event(`on ${ids}`, version)] },
    },
  ];
}

/** A person restates a key of V2 that stands: on the version of the fold, not on that of the document. */
function restating(world: World): Move<World>[] {
  const { state, log, restatements, next } = world;
  if (restatements === 0 || next < log.length || !state.parked || state.keyState.owner !== 'new') return [];
  const whole = event(`whole ${restatements}`, state.keyState.version, undefined, 'repair');
  return [{ name: 'a restatement', world: { ...world, restatements: restatements - 1, log: [...log, whole] } }];
}

function effectsOf(changes: readonly Change[]): readonly string[] {
  return changes.filter(({ outcome }) => outcome === 'effective').map(({ eventId }) => eventId);
}

function wrong({ log, next, state, effects }: World): string | undefined {
  const bare = foldLog(log.slice(0, next)).at(-1)?.after;
  const keyState = bare === undefined ? NEVER_SEEN : keyStateOf(bare, KEY);
  if (state.keyState.version !== keyState.version) return 'the fold is another one than that of the other consumers';
  const places = effects.map((id) => log.findIndex((entry) => entry.type === 'event' && entry.headers.id === id));
  if (places.some((at, n) => at < (places[n - 1] ?? -1))) return 'effects of a key are out of order';
  if (new Set(places).size < places.length) return 'an effect is carried out twice';
  if (!state.parked && state.appliedVersion !== keyState.version) return 'a free key has a document of another version';
  const { ids = [] } = (state.document as Notes | undefined) ?? {};
  const decided = ids.find((id, n) => id.startsWith('on ') && id !== `on ${ids.slice(0, n)}`);
  return decided === undefined ? undefined : 'a command was decided on another document than it changed';
}

function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

describe('one key, an event that cannot be read, and replays', () => {
  it.each([
    ['a key of V2', NATIVE],
    ['a key of legacy', IMPORTED],
  ])('%s stands, goes on in order, and has each effect once', async (name, log) => {
    const explored = await exploreParking(log, 2);
    tell(`parking, ${name}`, explored);
    expect(explored.violation).toBeUndefined();
    expect(explored.atRest).toBeGreaterThan(0);
  });

  it.each<[history: string, without: Without, log: readonly LogEntry[], what: string]>([
    ['a later event does not wait', 'order', NATIVE, 'effects of a key are out of order'],
    ['a parked event loses its place', 'place', NATIVE, 'the fold is another one than that of the other consumers'],
    [
      'a command is decided on the document from before the parked event, with the version behind it',
      'document and version together',
      NATIVE,
      'a command was decided on another document than it changed',
    ],
    ['a restatement leaves what it passed', 'closing', NATIVE, 'effects of a key are out of order'],
    [
      'an import that passed a standing key leaves what it passed',
      'closing',
      IMPORTED,
      'effects of a key are out of order',
    ],
  ])('goes wrong where %s', async (_history, without, log, what) => {
    expect((await exploreParking(log, 1, without)).violation?.what).toBe(what);
  });
});
