import { rowHash } from '@banyan/compare';
import { type Answer, type Explored, explore, type Move, type Question } from '@banyan/core/testing';
import type { Verdict } from '@banyan/legacy-porter/testing';
import { importer } from './api-client.js';
import { execute, isWrite, type LegacyTable, type SentRequest } from './legacy-table.js';
import { addedOf, consume, type Kept, NOTHING_STORED, type Stored } from './log.js';
import {
  type Due,
  EMPTY_PORTER,
  knownOf,
  opened,
  openIntents,
  type PorterStore,
  settled,
  takeIn,
  takenOver,
} from './porter-store.js';
import { type Exchange, sender } from './sender.js';
import { assignedTally, comparedTally, NAME, type Tally, type TallyRow } from './tally.js';

/**
 * One key born in V2, the porter that brings it to a legacy which assigns ids, and an importer that meets the row. The porter may die
 * or freeze at each of its steps and is taken over; legacy may answer nothing, and carry out late what it was sent.
 */
interface World {
  /** Legacy compares by If-Match. */
  readonly compares: boolean;
  readonly legacy: LegacyTable;
  readonly log: readonly Kept[];
  readonly v2: Stored;
  /** The porter's own fold, and its tables. */
  readonly folded: Stored;
  readonly porter: PorterStore;
  /** A link that will be written with the receipt, where that rule is taken out. */
  readonly unlinked: string | null;
  readonly run: Run | null;
  /** A process that was taken over and goes on. */
  readonly zombie: Run | null;
  /** `linkThen`: the link as it was when the rows were read. */
  readonly importing: { readonly answers: readonly Answer[]; readonly linkThen: string | null } | 'not yet' | 'ended';
  /** Writes of legacy's row behind everybody's back: still to come, or done. */
  readonly job: 'none' | 'to come' | 'done';
  readonly faults: number;
}

interface Run {
  readonly version: number;
  readonly answers: readonly Answer[];
  /** It has looked at the row and not written yet: the window that the port declares. */
  readonly looked: boolean;
}

export interface Size {
  /** Native events: a create and changes. */
  readonly events: number;
  /** The create is in legacy already. */
  readonly created?: boolean;
  readonly faults: number;
  readonly imports: boolean;
  readonly job: boolean;
  /** Legacy compares by If-Match, and there is no window in which nobody may write. */
  readonly compares?: boolean;
}

/** A rule that is taken out. */
export type Without =
  /** A "no" counts, and the next send goes out, only when legacy can carry out no earlier request any more. */
  | 'settleAfter'
  /** The link is written in the transaction that closes the send. */
  | 'link with the close'
  /** Importers read the open intents of the journal. */
  | 'intents'
  /** Links are read behind the intents. */
  | 'links behind intents'
  /** The intent is written before the send. */
  | 'journal first'
  /** After an unclear end legacy is asked first. */
  | 'ask first'
  /** Each change is a compare-and-set on the row last ported. */
  | 'compare-and-set'
  /** Legacy carries a change out only if the row's ETag is the one that the change names. */
  | 'If-Match'
  /** A process looks at its lease before it writes. */
  | 'lease';

const KEY = '01900000-0000-7000-8000-000000000001';
const LEGACY_ID = '1';
const looking = sender(assignedTally);
const comparing = sender(comparedTally);
const importing = importer(assignedTally);

export function explorePorter(size: Size, without?: Without): Promise<Explored> {
  return explore({
    start: start(size),
    moves: async (world) => [
      ...(await senderMoves(world, without)),
      ...(await zombieMoves(world, without)),
      ...(await importMoves(world, without)),
      ...legacyMoves(world, without),
      ...consumers(world),
    ],
    wrong,
    wrongAtRest,
  });
}

function start({ events, created = false, faults, imports, job, compares = false }: Size): World {
  const ids = Array.from({ length: events }, (_, n) => `w${n}`);
  const log = ids.map((id, version) => addedOf(KEY, id, ids.slice(0, version), { epoch: 0, version }));
  let world: World = {
    compares,
    legacy: { rows: [], nextId: 1, late: [] },
    log,
    v2: NOTHING_STORED,
    folded: NOTHING_STORED,
    porter: EMPTY_PORTER,
    unlinked: null,
    run: null,
    zombie: null,
    importing: imports ? 'not yet' : 'ended',
    job: job ? 'to come' : 'none',
    faults,
  };
  for (const _ of log) world = takenInNext(projectedNext(world));
  if (!created) return world;
  const row: TallyRow = { Id: LEGACY_ID, Name: NAME, Ids: 'w0' };
  const porter = settled(world.porter, 1, { type: 'done', legacyId: LEGACY_ID, hash: rowHash(row) });
  return { ...world, legacy: { rows: [row], nextId: 2, late: [] }, porter };
}

function consumers(world: World): Move<World>[] {
  return [
    ...(world.v2.next < world.log.length ? [{ name: 'the projector', world: projectedNext(world) }] : []),
    ...(world.folded.next < world.log.length ? [{ name: 'the intake', world: takenInNext(world) }] : []),
  ];
}

function projectedNext(world: World): World {
  return { ...world, v2: consume(assignedTally, world.v2, world.log).stored };
}

function takenInNext(world: World): World {
  const { stored, changes } = consume(assignedTally, world.folded, world.log);
  const ours = changes.filter(({ key }) => key === KEY);
  return { ...world, folded: stored, porter: takeIn(world.porter, ours) };
}

async function senderMoves(world: World, without: Without | undefined): Promise<Move<World>[]> {
  const { run, porter } = world;
  const due = porter.work[0];
  if (run === null) {
    if (due?.state !== 'ready') return [];
    return [
      {
        name: `takes ${due.version} up`,
        world: { ...world, run: { version: due.version, answers: [], looked: false } },
      },
    ];
  }
  const set = (next: Run | null, more: Partial<World> = {}): World => ({ ...world, ...more, run: next });
  const moves = await runMoves({ world, run, set, leased: true, without });
  if (world.faults === 0) return moves;
  const faults = world.faults - 1;
  const after: Partial<World> = { faults, porter: takenOver(porter) };
  return [
    ...moves,
    { name: 'dies and is taken over', world: set(null, after) },
    { name: 'freezes and is taken over', world: set(null, { ...after, zombie: run }) },
  ];
}

async function zombieMoves(world: World, without: Without | undefined): Promise<Move<World>[]> {
  const { zombie } = world;
  if (zombie === null) return [];
  const set = (next: Run | null, more: Partial<World> = {}): World => ({ ...world, ...more, zombie: next });
  const moves = await runMoves({ world, run: zombie, set, leased: without === 'lease', without, claimLost: true });
  return moves.map(({ name, world: after }) => ({ name: `the frozen one ${name}`, world: after }));
}

interface Running {
  readonly world: World;
  readonly run: Run;
  readonly set: (run: Run | null, more?: Partial<World>) => World;
  readonly leased: boolean;
  readonly claimLost?: boolean;
  readonly without: Without | undefined;
}

async function runMoves(running: Running): Promise<Move<World>[]> {
  const { world, run, set, claimLost = false, without } = running;
  const { version, answers } = run;
  const { porter } = world;
  const due = porter.work.find((one) => one.version === version);
  // A zombie's send that somebody else has closed: its attempt goes on as it began.
  const { operation, document } = due ?? dueOf(world, version);
  const turn = await (world.compares ? comparing : looking).turn({ key: KEY, version, operation, document }, answers);
  // Its claim is gone: what it opened or would settle is not written.
  if (turn.type === 'threw') return [{ name: `${version} loses its claim`, world: set(null) }];
  if (turn.type === 'returned') {
    const verdict = turn.value as Verdict;
    const name = `settles ${version}: ${verdict.type}`;
    return [{ name, world: claimLost ? set(null) : set(null, settle(world, version, verdict, without)) }];
  }
  const { question } = turn;
  const answered = (answer: Answer, more: Partial<World> = {}): World =>
    set({ ...run, answers: [...answers, answer], looked: isLook(question) }, more);
  switch (question.name) {
    case 'load':
      return [{ name: `${version} load`, world: answered({ value: loaded(world, version, without) }) }];
    case 'open': {
      if (claimLost)
        return [{ name: `${version} open`, world: answered({ code: 'PORTER_CLAIM_LOST', retryable: false }) }];
      const after = opened(porter, due ?? dueOf(world, version), question.args[0] as never);
      return [
        {
          name: `${version} open`,
          world: answered({ value: null }, without === 'journal first' ? {} : { porter: after }),
        },
      ];
    }
    default:
      return exchanges(running, question.args[0] as SentRequest, answered);
  }
}

/** What legacy may do with a request. */
function exchanges(
  { world, run, leased, without }: Running,
  request: SentRequest,
  answered: (answer: Answer, more?: Partial<World>) => World,
): Move<World>[] {
  const name = `${run.version} ${request.method} ${request.path}`;
  const exchange = (given: Exchange, more: Partial<World> = {}): World => answered({ value: given }, more);
  if (isWrite(request) && !leased) {
    const answer = { type: 'not-sent', reason: 'no lease' } as const;
    return [{ name: `${name}: no lease`, world: exchange({ leased, answer }) }];
  }
  const { legacy, answer } = execute(world.legacy, asRead(request, without));
  const moves = [{ name, world: exchange({ leased: true, answer }, { legacy }) }];
  if (!isWrite(request) || world.faults === 0) return moves;
  const faults = world.faults - 1;
  const unclear: Exchange = { leased: true, answer: { type: 'unclear', reason: 'no answer' } };
  const late = { ...world.legacy, late: [...world.legacy.late, request] };
  return [
    ...moves,
    { name: `${name}: the answer is lost`, world: exchange(unclear, { legacy, faults }) },
    { name: `${name}: no answer, and not yet carried out`, world: exchange(unclear, { legacy: late, faults }) },
  ];
}

function isLook({ name, args }: Question): boolean {
  return name === 'send' && (args[0] as SentRequest).method === 'GET';
}

/** As legacy reads a request. */
function asRead({ ifMatch, ...request }: SentRequest, without: Without | undefined): SentRequest {
  return ifMatch === undefined || without === 'If-Match' ? request : { ...request, ifMatch };
}

/** A send that is closed, as it was. */
function dueOf({ log }: World, version: number): Due {
  const ids = log.slice(0, version).map(({ data }) => (data as { id: string }).id);
  const document: Tally = { name: NAME, ids };
  return { version, operation: version === 1 ? 'create' : 'update', document, state: 'ready' };
}

function loaded({ porter, legacy, unlinked }: World, version: number, without: Without | undefined) {
  const known = knownOf(
    { ...porter, link: porter.link ?? unlinked },
    version,
    without === 'settleAfter' || legacy.late.length === 0,
  );
  if (without === 'ask first') return { ...known, intent: undefined };
  const [row] = legacy.rows;
  if (without !== 'compare-and-set' || known.ported === undefined || row === undefined) return known;
  // Whatever is there is expected.
  return { ...known, ported: { ...known.ported, hash: rowHash(row) } };
}

function settle(world: World, version: number, verdict: Verdict, without: Without | undefined): Partial<World> {
  const porter = settled(world.porter, version, verdict);
  if (without !== 'link with the close' || verdict.type !== 'done') return { porter };
  return { porter: { ...porter, link: world.porter.link }, unlinked: verdict.legacyId };
}

async function importMoves(world: World, without: Without | undefined): Promise<Move<World>[]> {
  const { importing: now, legacy } = world;
  // Legacy has listed the row.
  if (now === 'not yet')
    return legacy.rows.length > 0
      ? [{ name: 'the importer begins', world: { ...world, importing: { answers: [], linkThen: null } } }]
      : [];
  if (now === 'ended') return [];
  const turn = await importing.turn({ name: 'import', legacyId: LEGACY_ID }, now.answers);
  if (turn.type === 'threw') throw turn.error;
  if (turn.type === 'returned')
    return [{ name: `the importer ends: ${turn.value}`, world: { ...world, importing: 'ended' } }];
  const linkThen = turn.question.name === 'rows' ? world.porter.link : now.linkThen;
  const link = without === 'links behind intents' ? linkThen : world.porter.link;
  return answersTo(world, turn.question, link, without).map(({ value, more }) => ({
    name: `the importer: ${turn.question.name}`,
    world: { ...world, ...more, importing: { answers: [...now.answers, { value }], linkThen } },
  }));
}

function answersTo(
  { legacy, log, v2, porter }: World,
  { name, args }: Question,
  link: string | null,
  without: Without | undefined,
): { readonly value: unknown; readonly more?: Partial<World> }[] {
  switch (name) {
    case 'authority':
      return [{ value: v2.authority }];
    case 'keyStates': {
      const known = args.flatMap((key) => {
        const state = v2.states[String(key)];
        return state === undefined ? [] : [[String(key), state.keyState] as const];
      });
      return [{ value: Object.fromEntries(known) }];
    }
    case 'rows': {
      const row = legacy.rows.find(({ Id }) => Id === LEGACY_ID);
      return [{ value: row === undefined ? {} : { [LEGACY_ID]: row } }];
    }
    case 'intents':
      return [{ value: without === 'intents' ? [] : openIntents(porter, KEY) }];
    case 'links':
      return [{ value: link === null ? [] : [{ entity: 'tally', key: KEY, legacyId: link }] }];
    case 'append':
      return [{ value: log.length, more: { log: [...log, args[0] as Kept] } }];
    case 'reached':
      return v2.next > (args[0] as number) ? [{ value: true }] : [];
    default:
      throw new Error(`nobody answers ${name}`);
  }
}

function legacyMoves(world: World, without: Without | undefined): Move<World>[] {
  const { legacy, unlinked, porter } = world;
  const moves = legacy.late.flatMap((request, at): Move<World>[] => {
    const rest = { ...legacy, late: legacy.late.toSpliced(at, 1) };
    const { legacy: after } = execute(rest, asRead(request, without));
    return [
      { name: `legacy carries out ${request.method} late`, world: { ...world, legacy: after } },
      { name: `legacy has given ${request.method} up`, world: { ...world, legacy: rest } },
    ];
  });
  if (unlinked !== null && porter.link === null) {
    moves.push({
      name: 'the receipt links',
      world: { ...world, unlinked: null, porter: { ...porter, link: unlinked } },
    });
  }
  const [row] = legacy.rows;
  const isOpen = [world.run, world.zombie].some((run) => run?.looked === true) || legacy.late.length > 0;
  const inWindow = isOpen && !world.compares;
  if (world.job === 'to come' && row !== undefined && !inWindow) {
    const rows = [{ ...row, Ids: `${row.Ids},job` }];
    moves.push({ name: 'somebody writes legacy', world: { ...world, job: 'done', legacy: { ...legacy, rows } } });
  }
  return moves;
}

function wrong({ legacy, v2 }: World): string | undefined {
  if (legacy.rows.length > 1) return 'legacy has the row twice';
  return Object.keys(v2.states).length > 1 ? 'one row is two entities' : undefined;
}

function wrongAtRest({ legacy, v2, porter, job }: World): string | undefined {
  const ids = (v2.states[KEY]?.document as Tally | undefined)?.ids.join();
  const inLegacy = legacy.rows[0]?.Ids;
  if (job === 'done') return inLegacy?.includes('job') ? undefined : 'what somebody wrote in legacy is covered';
  const stands = porter.work.find(({ state }) => state !== 'ready');
  if (stands !== undefined) return `a send is ${stands.state}`;
  if (porter.work.length > 0) return 'a send is forgotten';
  return ids === inLegacy ? undefined : 'legacy has another state than V2';
}
