import { rowHash } from '@banyan/compare';
import { HEADER } from '@banyan/contracts';
import {
  type ControlChange,
  type ControlEntry,
  type ControlState,
  type EntityControl,
  entityControl,
  foldControl,
  type MoveFacts,
  type MoveGoal,
  NOTHING_CONTROLLED,
  nextMoveStep,
  PROXY_APP,
  unprepared,
} from '@banyan/control';
import { importedId, isImportOrigin, ownerOf } from '@banyan/core';
import { type Answer, type Explored, explore, type Move, type Question } from '@banyan/core/testing';
import { decideWrite } from '@banyan/legacy';
import { gateOf, prepareDue } from '@banyan/legacy-api-proxy/testing';
import { apiClient, importer, type Noted, type Said, saidBy } from './api-client.js';
import {
  addedOf,
  consume,
  consumeAll,
  importOf,
  type Kept,
  markerOf,
  type PlainState,
  readOf,
  type Stored,
} from './log.js';
import { EMPTY_PORTER, type PorterStore, settled, takeIn } from './porter-store.js';
import { NAME, type Tally, type TallyRow, tally } from './tally.js';

/**
 * One row of legacy, and who may write it: an operator who moves writes to V2 and back, proxies that hear of it late and let legacy's
 * client write directly, a request to a new-api that hears of it late, the porter, and imports that may take any time. Everybody
 * decides with the real functions.
 */
interface World {
  readonly control: ControlState;
  readonly goals: readonly MoveGoal[];
  /** Epoch of the marker that was appended last. */
  readonly marked: number;
  readonly row: TallyRow;
  readonly log: readonly Kept[];
  readonly v2: Stored;
  readonly folded: Stored;
  readonly porter: PorterStore;
  readonly proxies: readonly Proxy[];
  readonly direct: Direct;
  readonly api: Request;
  readonly imports: readonly { readonly answers: readonly Answer[]; readonly ended: boolean }[];
}

interface Proxy {
  /** The entity as it has heard of it. */
  readonly heard: EntityControl;
}

/** A write of legacy's client, through the last of the proxies. */
type Direct = 'to come' | 'under way' | 'done' | 'none';

interface Request {
  readonly attempt: number;
  /** The entity as this instance heard of it, when the try began. */
  readonly heard: EntityControl;
  readonly begunWith: Noted | null;
  readonly remembers: Noted | null;
  readonly appended: boolean;
  readonly answers: readonly Answer[];
  readonly said: Said | 'nothing';
}

export interface Size {
  /** What the operator wants, one after the other. */
  readonly goals: readonly MoveGoal[];
  /** Whose writes are at the beginning. */
  readonly begin: 'legacy' | 'V2';
  readonly proxies: number;
  readonly direct: boolean;
  /** A write of V2: a request to new-api that begins whenever it likes, one that is done and not in legacy yet, or none. */
  readonly native: 'to come' | 'done' | 'none';
  readonly backfills: number;
  /** The row is imported behind the direct write. */
  readonly capture?: boolean;
  /** V2 has changed the row before, and its change is in legacy. */
  readonly owned?: boolean;
  /** Projector and porter read the log in step: fewer worlds. */
  readonly inStep?: boolean;
  /** V2's copy of the row is from before legacy's last change. */
  readonly oldCopy?: boolean;
}

/** A rule that is taken out. */
export type Without =
  /** A fence lies in the topic before a hand-back is drained. */
  | 'fence'
  /** Imports carry the version and the epoch that they observed. */
  | 'version and epoch of imports'
  /** A proxy acknowledges behind its last open write. */
  | 'open writes'
  /** Every proxy is waited for. */
  | 'every proxy'
  /** A native needs an import of this epoch, rule 8 of the fold. */
  | 'rule 8'
  /** The turn waits for the porter. */
  | 'drain'
  /** The turn is an epoch of its own. */
  | 'own epoch'
  /** Natives are decided only in the announced epoch. */
  | 'announcement';

const KEY = importedId('tally', NAME);
const client = apiClient(tally);
const importing = importer(tally);
const [port] = tally.legacy.ports;

export function exploreAuthority(size: Size, without?: Without): Promise<Explored> {
  return explore({
    start: start(size, without),
    moves: async (world) => [
      ...driverMoves(world, without),
      ...world.proxies.flatMap((_, at) => proxyMoves(world, at, without)),
      ...directMoves(world, size),
      ...(await apiMoves(world, without)),
      ...(await Promise.all(world.imports.map((_, at) => importMoves(world, at, without)))).flat(),
      ...consumers(world, size, without),
      ...porterMoves(world),
    ],
    wrong: ({ v2 }) => ((documentOf(v2)?.torn ?? '') === '' ? undefined : 'a write was decided on another state'),
    wrongAtRest,
  });
}

function start(size: Size, without?: Without): World {
  const { goals, begin, proxies, direct, native, backfills, owned = false, oldCopy = false } = size;
  const old: TallyRow = { Id: NAME, Name: NAME, Ids: 'old' };
  const ported: TallyRow = owned ? { ...old, Ids: 'old,earlier' } : old;
  const moved = begin === 'V2';
  const epoch = moved ? 1 : 0;
  const seen = ported.Ids.split(',');
  const before = [
    ...(moved ? [markerOf({ type: 'fence', epoch, share: 100 })] : []),
    importOf(KEY, 'import', { legacyId: NAME, name: NAME, ids: ['old'] }, { epoch, hash: rowHash(old) }),
    ...(owned ? [addedOf(KEY, 'earlier', ['old'], { epoch, version: 1 })] : []),
  ];
  const last = native === 'done' ? [addedOf(KEY, 'native', seen, { epoch, version: seen.length })] : [];
  const stored = consumeAll(tally, before);
  const at: EntityControl = {
    opened: true,
    writeMode: moved ? 'new' : 'legacy',
    epoch,
    share: moved ? 100 : 0,
    lastEpoch: epoch,
  };
  const heard = { heard: at };
  const registered = without === 'every proxy' ? proxies - 1 : proxies;
  return {
    control: { ...withProxies(registered), entities: { tally: at } },
    goals,
    marked: epoch,
    row: oldCopy ? { ...old, Ids: 'old,before' } : ported,
    log: [...before, ...last],
    v2: stored,
    folded: stored,
    porter: { ...EMPTY_PORTER, link: NAME, ported: { version: seen.length, hash: rowHash(ported) } },
    proxies: Array.from({ length: proxies }, () => heard),
    direct: direct ? 'to come' : 'none',
    api: { ...NEW_REQUEST, heard: at, said: native === 'to come' ? 'nothing' : native === 'done' ? 'done' : 'refused' },
    imports: Array.from({ length: backfills }, () => ({ answers: [], ended: false })),
  };
}

const NEW_REQUEST = { attempt: 0, begunWith: null, remembers: null, appended: false, answers: [] };

function withProxies(count: number): ControlState {
  let control = NOTHING_CONTROLLED;
  for (let n = 0; n < count; n += 1) {
    const data = { subject: `party:proxy-${n}`, name: `proxy-${n}`, app: PROXY_APP, url: null, incarnation: '1' };
    control = written(control, { type: 'banyan.control.v1.PartyJoined', data });
  }
  return control;
}

/** The operator: the next step of the real driver, each decided in the control log. */
function driverMoves(world: World, without: Without | undefined): Move<World>[] {
  const [goal, ...goals] = world.goals;
  if (goal === undefined) return [];
  const entity = entityControl(world.control, 'tally');
  const waits = entity.move === undefined ? [] : unprepared(world.control, entity.move);
  const action = nextMoveStep({
    name: 'tally',
    entity,
    unprepared: waits,
    goal,
    facts: factsOf(world, entity, without),
  });
  switch (action.do) {
    case 'write': {
      const control = written(world.control, action.change);
      return [{ name: `the operator: ${action.change.type}`, world: { ...world, control } }];
    }
    case 'mark': {
      const { marker } = action;
      if (world.marked >= marker.epoch) return [];
      const log = without === 'fence' && marker.type === 'fence' ? world.log : [...world.log, markerOf(marker)];
      return [{ name: `the operator: ${marker.type} ${marker.epoch}`, world: { ...world, marked: marker.epoch, log } }];
    }
    case 'stop':
      return [{ name: `the operator: ${goal} is done`, world: { ...world, goals } }];
    default:
      return [];
  }
}

function factsOf(
  { v2, folded, porter, marked }: World,
  entity: EntityControl,
  without: Without | undefined,
): MoveFacts {
  const epochs = [v2.authority.epoch, folded.authority.epoch];
  // Without a fence in the topic the operator takes its decision for the deed.
  const decided = without === 'fence' && entity.move?.step === 'fenced' ? marked : 0;
  const lowestEpoch = Math.max(decided, Math.min(...epochs));
  const unsettled = porter.work.length === 0 || without === 'drain' ? [] : ['1 send'];
  return { lowestEpoch, highestEpoch: Math.max(marked, ...epochs), unsettled };
}

function written(control: ControlState, change: ControlChange): ControlState {
  const expectedVersion = control.versions[change.data.subject] ?? 0;
  const data = { ...change.data, expectedVersion, by: 'ann', reason: null, atMs: 0 };
  const event = { type: change.type, data } as ControlEntry['event'];
  const { state, verdict } = foldControl(control, { id: 'control', event });
  // What is refused has no effect: an acknowledgement of a move that is over, or of a proxy that nobody waits for.
  if (!verdict.accepted && change.type !== 'banyan.control.v1.MovePrepared') throw new Error(verdict.why);
  return state;
}

function proxyMoves(world: World, at: number, without: Without | undefined): Move<World>[] {
  const proxy = world.proxies[at];
  if (proxy === undefined) return [];
  const now = entityControl(world.control, 'tally');
  const name = `proxy-${at}`;
  const moves: Move<World>[] = [];
  if (now !== proxy.heard) {
    moves.push({ name: `${name} hears`, world: { ...world, proxies: world.proxies.with(at, { heard: now }) } });
  }
  const open = at === world.proxies.length - 1 && world.direct === 'under way' ? 1 : 0;
  const epoch = prepareDue({
    entity: proxy.heard,
    registered: true,
    joined: true,
    party: name,
    openDirect: without === 'open writes' ? 0 : open,
    predecessorSettled: true,
  });
  if (epoch !== undefined) {
    const data = { subject: 'entity:tally', party: name, epoch, incarnation: '1' };
    const control = written(world.control, { type: 'banyan.control.v1.MovePrepared', data });
    moves.push({ name: `${name} has prepared`, world: { ...world, control } });
  }
  return moves;
}

function directMoves(world: World, { capture = true }: Size): Move<World>[] {
  const proxy = world.proxies.at(-1);
  if (proxy === undefined) return [];
  if (world.direct === 'to come') {
    const gate = gateOf({ entity: proxy.heard, registered: true });
    const { authority, keyState } = readOf(world.v2, KEY);
    const begins = gate === 'direct' || (gate === 'asked' && ownerOf(authority, keyState) !== 'new');
    return begins ? [{ name: 'a direct write begins', world: { ...world, direct: 'under way' } }] : [];
  }
  if (world.direct !== 'under way') return [];
  const row = { ...world.row, Ids: `${world.row.Ids},direct` };
  const imports = capture ? [...world.imports, { answers: [], ended: false }] : world.imports;
  return [{ name: 'legacy takes the direct write', world: { ...world, row, direct: 'done', imports } }];
}

async function apiMoves(world: World, without: Without | undefined): Promise<Move<World>[]> {
  const { api } = world;
  if (api.said !== 'nothing') return [];
  const set = (change: Partial<Request>, more: Partial<World> = {}): World => ({
    ...world,
    ...more,
    api: { ...api, ...change },
  });
  const now = entityControl(world.control, 'tally');
  const { attempt, answers, begunWith, remembers } = api;
  if (answers.length === 0 && now !== api.heard) {
    // It may begin on what it heard, or hear first.
    return [...(await tryMoves()), { name: 'the API hears', world: set({ heard: now }) }];
  }
  return tryMoves();

  async function tryMoves(): Promise<Move<World>[]> {
    const pending = begunWith === null ? {} : { pending: begunWith };
    // Without the rule an instance decides in whatever epoch it read from the store, which is what it asks first, with the state.
    const [first] = begunWith === null ? answers : [];
    const epoch = first !== undefined && 'value' in first ? (first.value as PlainState).epoch : api.heard.epoch;
    const heard = without === 'announcement' ? { ...withoutMove(api.heard), epoch } : api.heard;
    const turn = await client.turn({ id: 'native', key: KEY, attempt, control: heard, ...pending }, answers);
    if (turn.type !== 'asks') return [{ name: 'the API answers', world: ended(saidBy(turn)) }];
    const { question } = turn;
    const answered = (value: unknown, change: Partial<Request> = {}): Partial<Request> => ({
      ...change,
      answers: [...answers, { value }],
    });
    const note = remembered(remembers, question);
    if (note !== undefined) return apiMoves(set(answered(null, { remembers: note })), without);
    const appended = api.appended || question.name === 'append';
    return answersTo(world, question, without).map(({ value, more }) => ({
      name: `the API: ${question.name}`,
      world: set(answered(value, { appended }), more),
    }));
  }

  function ended(said: Said): World {
    const again = { answers: [], begunWith: remembers, attempt: api.appended ? attempt + 1 : attempt, appended: false };
    if (said === 'done') return set({ said, answers: [] });
    // Where writes still move its caller comes again.
    return world.goals.length > 0 || now !== api.heard || said === 'unknown' ? set(again) : set({ said, answers: [] });
  }
}

function withoutMove({ move: _, ...entity }: EntityControl): EntityControl {
  return entity;
}

function remembered(before: Noted | null, { name, args }: Question): Noted | null | undefined {
  if (name === 'note') return args[0] as Noted;
  if (name === 'acknowledged') return before === null ? null : { ...before, offset: args[0] as number };
  if (name === 'release') return args[0] === true ? null : before;
  return name === 'finish' ? before : undefined;
}

async function importMoves(world: World, at: number, without: Without | undefined): Promise<Move<World>[]> {
  const now = world.imports[at];
  if (now === undefined || now.ended) return [];
  const set = (change: Partial<typeof now>, more: Partial<World> = {}): World => ({
    ...world,
    ...more,
    imports: world.imports.with(at, { ...now, ...change }),
  });
  const turn = await importing.turn({ name: `i${at}`, legacyId: NAME }, now.answers);
  if (turn.type === 'threw') throw turn.error;
  if (turn.type === 'returned')
    return [{ name: `import ${at}: ${turn.value}`, world: set({ ended: true, answers: [] }) }];
  return answersTo(world, turn.question, without).map(({ value, more }) => ({
    name: `import ${at}: ${turn.question.name}`,
    world: set({ answers: [...now.answers, { value }] }, more),
  }));
}

function answersTo(
  world: World,
  { name, args }: Question,
  without: Without | undefined,
): { readonly value: unknown; readonly more?: Partial<World> }[] {
  const { log, v2, row } = world;
  const { authority, keyState, ...state } = readOf(trusted(v2, without), KEY);
  switch (name) {
    case 'authority':
      return [{ value: authority }];
    case 'state':
      return [{ value: { ...state, authority, keyState } }];
    case 'keyStates':
      return [{ value: { [KEY]: keyState } }];
    case 'rows':
      return [{ value: { [NAME]: row } }];
    case 'append': {
      const record = renamed(args[0] as Kept, log, without);
      return [{ value: log.length, more: { log: [...log, record] } }];
    }
    case 'reached':
      return v2.next > (args[0] as number) ? [{ value: true }] : [];
    case 'read':
      return [{ value: log.slice(args[0] as number, args[1] as number) }];
    default:
      throw new Error(`nobody answers ${name}`);
  }
}

/** A copy of legacy's row that counts as one of this epoch, whenever it was made. */
function trusted(stored: Stored, without: Without | undefined): Stored {
  const state = stored.states[KEY];
  if (without !== 'rule 8' || state === undefined || state.keyState.owner !== 'legacy') return stored;
  const keyState = { ...state.keyState, epoch: stored.authority.epoch };
  return { ...stored, states: { ...stored.states, [KEY]: { ...state, keyState } } };
}

/** An import as it would be without what it names. */
function renamed(record: Kept, log: readonly Kept[], without: Without | undefined): Kept {
  if (!isImportOrigin(record.headers[HEADER.origin] ?? '')) return record;
  const { authority, keyState } = readOf(consumeAll(tally, log), KEY);
  const naming = (epoch: number, version: string | undefined): Kept => ({
    ...record,
    headers: { ...record.headers, [HEADER.epoch]: String(epoch), [HEADER.expectedVersion]: version ?? '' },
  });
  if (without === 'version and epoch of imports') return naming(authority.epoch, String(keyState.version));
  // As if fence and turn had one epoch.
  const beforeTurn =
    authority.epoch === authority.handback && record.headers[HEADER.epoch] === String(authority.epoch - 1);
  return without === 'own epoch' && beforeTurn
    ? naming(authority.epoch, record.headers[HEADER.expectedVersion])
    : record;
}

function consumers(world: World, { inStep = false }: Size, without: Without | undefined): Move<World>[] {
  const { v2, folded, log } = world;
  if (inStep) {
    return v2.next < log.length
      ? [{ name: 'both consumers', world: takenInNext(projectedNext(world, without), without) }]
      : [];
  }
  return [
    ...(v2.next < log.length ? [{ name: 'the projector', world: projectedNext(world, without) }] : []),
    ...(folded.next < log.length ? [{ name: 'the intake', world: takenInNext(world, without) }] : []),
  ];
}

function projectedNext(world: World, without: Without | undefined): World {
  return { ...world, v2: consume(tally, trusted(world.v2, without), world.log).stored };
}

function takenInNext(world: World, without: Without | undefined): World {
  const { stored, changes } = consume(tally, trusted(world.folded, without), world.log);
  return { ...world, folded: stored, porter: takeIn(world.porter, changes) };
}

/** A send in one step: what may go wrong within it is another world's. */
function porterMoves(world: World): Move<World>[] {
  const [due] = world.porter.work;
  if (due === undefined || due.state !== 'ready' || port === undefined) return [];
  const wanted: TallyRow = port.format(due.document, { id: KEY, legacyId: NAME, legacyIdOf: () => '' });
  const decision = decideWrite({
    operation: due.operation,
    found: rowHash(world.row),
    wanted: rowHash(wanted),
    expected: world.porter.ported?.hash,
    mayHaveArrived: false,
    settled: true,
  });
  const settle = (verdict: Parameters<typeof settled>[2], row = world.row): World => ({
    ...world,
    row,
    porter: settled(world.porter, due.version, verdict),
  });
  if (decision.type === 'bypass') {
    return [{ name: 'the porter: bypass', world: settle({ type: 'parked', code: 'PORTER_BYPASS', message: '' }) }];
  }
  return [{ name: 'the porter sends', world: settle({ type: 'done', legacyId: NAME, hash: rowHash(wanted) }, wanted) }];
}

function documentOf(v2: Stored): Tally | undefined {
  return v2.states[KEY]?.document as Tally | undefined;
}

function wrongAtRest(world: World): string | undefined {
  const inV2 = documentOf(world.v2)?.ids ?? [];
  const inLegacy = world.row.Ids.split(',');
  if (world.porter.work.length > 0) return 'a send stands: legacy was written beside it';
  const acknowledged = [
    ...(world.direct === 'done' ? ['direct'] : []),
    ...(world.api.said === 'done' ? ['native'] : []),
  ];
  for (const [store, ids] of [
    ['V2', inV2],
    ['legacy', inLegacy],
  ] as const) {
    if (acknowledged.some((id) => !ids.includes(id))) return `an acknowledged write is lost in ${store}`;
    if (new Set(ids).size < ids.length) return `a write counts twice in ${store}`;
  }
  if (world.api.said === 'refused' && inV2.includes('native')) return 'a refused write took effect';
  if (world.api.said === 'nothing') return 'a caller is never told';
  if (world.goals.length > 0) return 'a move does not end';
  return inV2.join() === inLegacy.join() ? undefined : 'V2 and legacy differ';
}
