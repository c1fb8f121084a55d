import { rowHash } from '@banyan/compare';
import { HEADER } from '@banyan/contracts';
import type { EntityControl } from '@banyan/control';
import { importedId } from '@banyan/core';
import { type Answer, type Explored, explore, type Move, type Question } from '@banyan/core/testing';
import { apiClient, importer, type Noted, type Said, saidBy } from './api-client.js';
import { consume, consumeAll, importOf, type Kept, markerOf, type PlainState, readOf, type Stored } from './log.js';
import { NAME, type Tally, type TallyRow, tally } from './tally.js';

/**
 * One key, native writers, an importer, and the projector between them. Writers are real requests to new-api under an Idempotency-Key:
 * each may lose the answer of an append (the record may still come, or never), and may be killed anywhere and be tried again.
 */
interface World {
  readonly log: readonly Kept[];
  /** Appends whose answer was lost. */
  readonly flying: readonly Kept[];
  readonly v2: Stored;
  readonly clients: readonly Client[];
  readonly imports: readonly { readonly answers: readonly Answer[]; readonly ended: boolean }[];
  /** Lost answers and deaths that may still happen. */
  readonly faults: number;
}

interface Client {
  readonly id: string;
  readonly attempt: number;
  /** What its Idempotency-Key remembered when this try began, and what it remembers now. */
  readonly begunWith: Noted | null;
  readonly remembers: Noted | null;
  readonly answers: readonly Answer[];
  /** What was asked before the present question. */
  readonly asked: string;
  readonly said: Said | 'nothing';
}

/** A rule that is taken out. */
export type Without =
  /** Ids that have left the ring are looked for in the log. */
  | 'scan'
  /** An outcome is learned by the event's own id. */
  | 'own id'
  /** A repeat appends the bytes that are kept under its Idempotency-Key. */
  | 'same bytes';

export interface Size {
  readonly writers: number;
  readonly importers: number;
  readonly faults: number;
  /** How many ids a key remembers; the real number takes 16 other writers to overflow. */
  readonly ring: number;
  readonly tries?: number;
}

const KEY = importedId('tally', NAME);
const ROW: TallyRow = { Id: NAME, Name: NAME, Ids: 'old' };
/** Writes have moved to V2, in epoch 1. */
const IN_V2: EntityControl = { opened: true, writeMode: 'new', epoch: 1, share: 100, lastEpoch: 1 };
const client = apiClient(tally);
const importing = importer(tally);

export function exploreTwoWriters(size: Size, without?: Without): Promise<Explored> {
  return explore({
    start: start(size),
    moves: async (world) => [
      ...(await Promise.all(world.clients.map((_, at) => clientMoves(world, at, size, without)))).flat(),
      ...(await Promise.all(world.imports.map((_, at) => importMoves(world, at)))).flat(),
      ...world.flying.flatMap((_, at) => flights(world, at)),
      ...projection(world, size),
    ],
    wrong: ({ v2 }) => tornDocument(documentOf(v2)),
    wrongAtRest: brokenPromise,
  });
}

function start({ writers, faults, importers }: Size): World {
  const data = { legacyId: NAME, name: NAME, ids: ['old'] };
  const log = [
    markerOf({ type: 'fence', epoch: 1, share: 100 }),
    importOf(KEY, 'import', data, { epoch: 1, hash: rowHash(ROW) }),
  ];
  return {
    log,
    flying: [],
    v2: consumeAll(tally, log),
    clients: Array.from({ length: writers }, (_, n) => ({
      id: `w${n}`,
      attempt: 0,
      begunWith: null,
      remembers: null,
      answers: [],
      asked: '',
      said: 'nothing',
    })),
    imports: Array.from({ length: importers }, () => ({ answers: [], ended: false })),
    faults,
  };
}

async function clientMoves(world: World, at: number, size: Size, without?: Without): Promise<Move<World>[]> {
  const now = world.clients[at];
  if (now === undefined || now.said !== 'nothing') return [];
  const { id, attempt, begunWith, remembers, answers } = now;
  const set = (change: Partial<Client>, more: Partial<World> = {}): World => ({
    ...world,
    ...more,
    clients: world.clients.with(at, { ...now, ...change }),
  });
  const name = `${id}.${attempt}`;
  const again = (): Partial<Client> =>
    attempt + 1 < (size.tries ?? 2)
      ? { attempt: attempt + 1, begunWith: without === 'same bytes' ? null : remembers, answers: [], asked: '' }
      : { said: 'unknown', answers: [], asked: '' };
  const pending = begunWith === null ? {} : { pending: begunWith };
  const turn = await client.turn({ id, key: KEY, attempt, control: IN_V2, ...pending }, answers);
  if (turn.type !== 'asks') {
    const said = saidBy(turn);
    // A write whose fate is unknown is asked for again.
    const ended: Partial<Client> = said === 'unknown' ? again() : { said, answers: [], asked: '' };
    return [{ name: `${name} is told: ${said}`, world: set(ended) }];
  }
  const { question } = turn;
  const answered = (answer: Answer, change: Partial<Client> = {}): Partial<Client> => ({
    asked: question.name,
    ...change,
    answers: [...answers, answer],
  });
  const note = remembered(remembers, question);
  // Its own memory: nobody else sees it, so it is one step with what comes behind it.
  if (note !== undefined) return clientMoves(set(answered({ value: null }, { remembers: note })), at, size, without);
  const moves = answersTo(world, question).map(({ value, more }): Move<World> => {
    const seen = question.name === 'state' && now.asked === 'reached' ? outcomeSeen(value, remembers, without) : value;
    return { name: `${name} ${question.name}`, world: set(answered({ value: seen }), more) };
  });
  if (world.faults === 0) return moves;
  const faults = world.faults - 1;
  if (question.name === 'append') {
    const flying = [...world.flying, question.args[0] as Kept];
    const lost = answered({ code: 'LOG_UNKNOWN', retryable: true });
    moves.push({ name: `${name} loses the answer to its append`, world: set(lost, { flying, faults }) });
  }
  moves.push({ name: `${name} dies before ${question.name}`, world: set(again(), { faults }) });
  return moves;
}

/** The Idempotency-Key's row behind the question; undefined = the question is about something else. */
function remembered(before: Noted | null, { name, args }: Question): Noted | null | undefined {
  switch (name) {
    case 'note':
      return args[0] as Noted;
    case 'acknowledged':
      return before === null ? null : { ...before, offset: args[0] as number };
    case 'release':
      return args[0] === true ? null : before;
    case 'finish':
      return before;
    default:
      return undefined;
  }
}

/** The key's state as it is read to learn an outcome, by an API that lacks the rule. */
function outcomeSeen(value: unknown, own: Noted | null, without: Without | undefined): unknown {
  if (own === null || (without !== 'scan' && without !== 'own id')) return value;
  const state = value as PlainState;
  const made = Number(own.record.headers[HEADER.expectedVersion]) + 1;
  const { version, recent } = state.keyState;
  if (version < made) return value;
  const entry = recent.find((one) => one.version === made);
  // "The version got bigger, so it was mine" and "it is not in the ring, so it was not".
  if (without === 'scan' && entry !== undefined) return value;
  const told = { eventId: without === 'scan' ? 'somebody' : own.eventId, version: made };
  return { ...state, keyState: { ...state.keyState, recent: [told, ...recent.filter((one) => one.version !== made)] } };
}

/** What the surroundings answer, and what that makes of them; none = it has to wait. */
function answersTo(
  world: World,
  { name, args }: Question,
): { readonly value: unknown; readonly more?: Partial<World> }[] {
  const { log, v2 } = world;
  const { authority, keyState, ...state } = readOf(v2, KEY);
  switch (name) {
    case 'authority':
      return [{ value: authority }];
    case 'state':
      return [{ value: { ...state, authority, keyState } }];
    case 'keyStates':
      return [{ value: keyState.version === 0 ? {} : { [KEY]: keyState } }];
    case 'rows':
      return [{ value: { [NAME]: ROW } }];
    case 'append':
      return [{ value: log.length, more: { log: [...log, args[0] as Kept] } }];
    case 'reached':
      return v2.next > (args[0] as number) ? [{ value: true }] : [];
    case 'read':
      return [{ value: log.slice(args[0] as number, args[1] as number) }];
    default:
      throw new Error(`nobody answers ${name}`);
  }
}

async function importMoves(world: World, at: number): Promise<Move<World>[]> {
  const now = world.imports[at];
  if (now === undefined || now.ended) return [];
  const set = (change: Partial<typeof now>, more: Partial<World> = {}): World => ({
    ...world,
    ...more,
    imports: world.imports.with(at, { ...now, ...change }),
  });
  const name = `i${at}`;
  const turn = await importing.turn({ name, legacyId: NAME }, now.answers);
  if (turn.type === 'threw') throw turn.error;
  if (turn.type === 'returned') return [{ name: `${name} ends`, world: set({ ended: true, answers: [] }) }];
  return answersTo(world, turn.question).map(({ value, more }) => ({
    name: `${name} ${turn.question.name}`,
    world: set({ answers: [...now.answers, { value }] }, more),
  }));
}

function flights(world: World, at: number): Move<World>[] {
  const record = world.flying[at];
  if (record === undefined) return [];
  const flying = world.flying.toSpliced(at, 1);
  const id = record.headers[HEADER.id];
  return [
    { name: `${id} arrives after all`, world: { ...world, flying, log: [...world.log, record] } },
    { name: `${id} never arrives`, world: { ...world, flying } },
  ];
}

function projection(world: World, { ring }: Size): Move<World>[] {
  if (world.v2.next >= world.log.length) return [];
  const { stored } = consume(tally, world.v2, world.log);
  const state = stored.states[KEY];
  if (state === undefined) return [{ name: 'the projector', world: { ...world, v2: stored } }];
  const keyState = { ...state.keyState, recent: state.keyState.recent.slice(-ring) };
  const v2 = { ...stored, states: { ...stored.states, [KEY]: { ...state, keyState } } };
  return [{ name: 'the projector', world: { ...world, v2 } }];
}

function documentOf(v2: Stored): Tally | undefined {
  return v2.states[KEY]?.document as Tally | undefined;
}

function tornDocument(document: Tally | undefined): string | undefined {
  if (document?.torn !== undefined) return 'a write was decided on another state than it changed';
  const ids = document?.ids ?? [];
  return new Set(ids).size < ids.length ? 'a write counts twice' : undefined;
}

function brokenPromise({ clients, v2 }: World): string | undefined {
  const ids = documentOf(v2)?.ids ?? [];
  const lost = clients.find(({ id, said }) => said === 'done' && !ids.includes(id));
  if (lost !== undefined) return 'an acknowledged write is lost';
  const taken = clients.find(({ id, said }) => said === 'refused' && ids.includes(id));
  if (taken !== undefined) return 'a refused write took effect';
  return clients.some(({ said }) => said === 'nothing') ? 'a caller is never told' : undefined;
}
