import {
  appendMarker,
  type ControlState,
  driveMove,
  entityControl,
  type MoveGoal,
  type MovePorts,
  type MoveResult,
  nextMoveStep,
  PORTER_APP,
  pausedOf,
  unprepared,
} from '@banyan/control';
import { isBanyanError } from '@banyan/core';
import { query } from '@banyan/postgres';
import { type AnyEntity, primaryPortOf, settleAfterMsOf, topicOf } from '@banyan/transformer';
import { askApp } from '../app-client.js';
import { authorityOfOwners } from '../handback.js';
import { readStatus } from '../status.js';
import type { ControlSides } from './sides.js';

export interface MoveOptions {
  readonly goal: MoveGoal;
  /** How long each wait may take, milliseconds. Default 30,000. */
  readonly patienceMs?: number;
  readonly interrupted?: () => boolean;
  readonly onStep?: (words: string) => void;
}

/** Moves an entity's writes, or gives its open move up. Throws `AUTHORITY_REFUSED`. */
export async function moveWrites(sides: ControlSides, entity: AnyEntity, options: MoveOptions): Promise<MoveResult> {
  const { control, by, reason, clock, log } = sides;
  const appender = await log.appender();
  try {
    const ports = movePorts(sides, entity, appender);
    return await driveMove({ ...options, control, entity: entity.name, ports, by, reason, clock });
  } finally {
    await appender.close(2_000);
  }
}

/** What the porter says of a fence: `/internal/drained`. */
interface Drained {
  readonly drained: boolean;
  /** The epoch that every partition of the primary port has reached. */
  readonly epoch: number;
  readonly open: readonly OpenEntry[];
}

interface OpenEntry {
  readonly consumer: string;
  readonly key: string | null;
  readonly what: string;
}

function askDrained({ porterUrl }: ControlSides, entity: string, epoch: number): Promise<Drained> {
  const asked = new URLSearchParams({ entity, epoch: `${epoch}` });
  return askApp<Drained>('legacy-porter', porterUrl, `/internal/drained?${asked}`);
}

function movePorts(
  sides: ControlSides,
  entity: AnyEntity,
  appender: Parameters<typeof appendMarker>[0]['appender'],
): MovePorts {
  const { log, topicPrefix, newId, clock, by } = sides;
  const target = { log, appender, topic: topicOf(entity), topicPrefix, source: `banyan/${by}`, newId, clock };
  return {
    epochs: () => storedEpochs(sides, entity),
    mark: (marker) => appendMarker(target, marker),
    unsettled: async (fence) => {
      const standing = await whatStands(sides, entity);
      if (fence === undefined || standing.length > 0) return standing;
      const { drained, open } = await askDrained(sides, entity.name, fence).catch((error: unknown) => ({
        drained: false,
        open: [{ consumer: 'legacy-porter', key: null, what: wordsIfAway(error) }],
      }));
      if (drained) return [];
      return open.length > 0 ? open.map(inWords) : ['the porter has not read as far as the fence'];
    },
    settleAfterMs: settleAfterMsOf(primaryPortOf(entity)),
  };
}

/** The projector's from its own rows; the porter's as it tells them. An app that is away has to come back first: it is waited for. */
async function storedEpochs(sides: ControlSides, { name }: AnyEntity): ReturnType<MovePorts['epochs']> {
  const [row] = await query<{ lowest: number | null; highest: number | null }>(
    sides.v2,
    'select min(epoch) as lowest, max(epoch) as highest from v2.sink_offset where consumer = $1',
    [name],
  );
  const paused = pausedOf(sides.control.state(), name);
  const held = (app: string) => (paused.some((consumer) => consumer.startsWith(`${app}.`)) ? ' (paused)' : '');
  const projector = {
    consumer: `v2-projector ${name}${held('v2-projector')}`,
    lowest: row?.lowest ?? 0,
    highest: row?.highest ?? 0,
  };
  const porter = await askDrained(sides, name, 0).then(
    ({ epoch }) => ({ consumer: `legacy-porter ${name}${held(PORTER_APP)}`, lowest: epoch, highest: epoch }),
    (error: unknown) => ({ consumer: wordsIfAway(error), lowest: 0, highest: 0 }),
  );
  return [projector, porter];
}

/** What may heal is a reason to wait, anything else is an error. */
function wordsIfAway(error: unknown): string {
  if (isBanyanError(error) && error.retryable) return error.message;
  throw error;
}

/**
 * What does not go on by itself, or not soon: it would be lost behind a hand-back. A further port is no part of it: imports undo nothing
 * at its backend, so its sends may come late.
 */
export async function whatStands({ apps }: ControlSides, entity: AnyEntity): Promise<readonly string[]> {
  const { name } = entity;
  const primary = `${name}.${primaryPortOf(entity).name}`;
  const { apps: answers } = await readStatus(apps);
  return answers.flatMap(({ app, away, consumers }) => {
    if (away !== undefined) return [away];
    const its = consumers.filter(({ consumer }) => consumer === name || consumer === primary);
    return its.flatMap(({ consumer, parked, inDoubt = 0, waiting = 0, unlike = 0 }) => [
      ...(parked > 0 ? [`${app} ${consumer}: ${parked} keys parked (banyan parked list)`] : []),
      ...(inDoubt > 0 ? [`${app} ${consumer}: ${inDoubt} sends in doubt`] : []),
      ...(waiting > 0 ? [`${app} ${consumer}: ${waiting} sends wait`] : []),
      ...(unlike > 0 ? [`${app} ${consumer}: ${unlike} keys unlike (banyan parked list)`] : []),
    ]);
  });
}

export interface MovePlan {
  readonly entity: string;
  readonly goal: MoveGoal;
  readonly writes: string;
  readonly epoch: number;
  /** What would be written next, or why nothing would. */
  readonly next: string;
  /** False = a guard would refuse. */
  readonly possible: boolean;
  /** All steps that are left, if nothing comes in between. */
  readonly steps: readonly string[];
  /** Proxies that would be asked. */
  readonly proxies: readonly string[];
  /** Keys of V2 by owner: what moves. */
  readonly keys: Readonly<Record<string, number>>;
  readonly notes: readonly string[];
}

/** What a move would do, what is at stake, and what going back would take. Changes nothing. */
export async function planMove(sides: ControlSides, entity: AnyEntity, goal: MoveGoal): Promise<MovePlan> {
  const state = sides.control.state();
  const is = entityControl(state, entity.name);
  const epochs = await storedEpochs(sides, entity);
  const facts = {
    lowestEpoch: Math.min(...epochs.map(({ lowest }) => lowest)),
    highestEpoch: Math.max(...epochs.map(({ highest }) => highest)),
    unsettled: goal === 'legacy' ? await whatStands(sides, entity) : [],
  };
  const open = is.move === undefined ? [] : unprepared(state, is.move);
  const held = is.move === undefined ? pausedOf(state, entity.name) : [];
  const decided = nextMoveStep({ name: entity.name, entity: is, unprepared: open, goal, facts });
  // The control log itself refuses such a plan; here it is told before.
  const action =
    decided.do === 'write' && held.length > 0
      ? ({ do: 'refuse', why: `${held.join(', ')} is paused; banyan consumers resume ${held[0]}` } as const)
      : decided;
  // As `ownerOf` reads them: behind a hand-back the keys that V2 changed before it are legacy's again.
  const { handback } = await authorityOfOwners(sides.v2, entity.name);
  const rows = await query<{ owner: string; keys: number }>(
    sides.v2,
    `select case when owner = 'new' and epoch < $2 then 'legacy' else owner end as owner, count(*)::int as keys
     from v2.state where consumer = $1 group by 1 order by 1`,
    [entity.name, handback],
  );
  return {
    entity: entity.name,
    goal,
    writes: is.writeMode,
    epoch: is.epoch,
    next: nextInWords(action),
    possible: action.do !== 'refuse',
    steps: action.do === 'refuse' || action.do === 'stop' ? [] : stepsLeft(state, entity.name, goal),
    proxies: Object.values(state.parties).map(({ name }) => name),
    keys: Object.fromEntries(rows.map(({ owner, keys }) => [owner, keys])),
    notes: notesOn(goal, entity.name),
  };
}

const FORWARD = ['EntityOpened', 'MovePlanned', 'MovePrepared', 'MoveFenced', 'fence markers', 'MoveAnnounced'];
const BACK = [
  'MovePlanned',
  'MoveFenced',
  'fence markers',
  'MoveDrained',
  'MoveTurned',
  'handback markers',
  'MoveAnnounced',
];

function stepsLeft(state: ControlState, name: string, goal: MoveGoal): readonly string[] {
  const { opened, move } = entityControl(state, name);
  if (goal === 'abort') {
    return move?.step === 'planned' ? ['MoveAborted'] : ['MoveAborted', 'fence markers', 'MoveAnnounced'];
  }
  const all = goal === 'new' ? FORWARD : BACK;
  const behind = {
    planned: 'MovePlanned',
    fenced: 'MoveFenced',
    drained: 'MoveDrained',
    turned: 'MoveTurned',
    aborted: 'MoveTurned',
  };
  if (move !== undefined) return all.slice(all.indexOf(behind[move.step]) + 1);
  return opened ? all.filter((step) => step !== 'EntityOpened') : all;
}

function notesOn(goal: MoveGoal, entity: string): readonly string[] {
  switch (goal) {
    case 'new':
      return [
        `Direct writes of ${entity} are held from the plan until the announcement, each for at most 2 s; then they take the round trip.`,
        `Until the fence: banyan entities authority ${entity} --abort. Behind it: finish, then --to legacy.`,
      ];
    case 'legacy':
      return [
        `Round trips of ${entity} are held from the plan until the announcement.`,
        'Nothing is lost: everything decided in V2 is in legacy before the turn. Behind the turn rows born in V2 are changed in legacy,',
        `and V2 learns of it by a backfill; reads may come back to V2 only behind one. Until the turn: banyan entities authority ${entity} --abort.`,
      ];
    case 'abort':
      return [
        'Before the fence nothing has moved. Behind it, another fence restores the share; owners of rows are untouched.',
      ];
  }
}

function nextInWords(action: ReturnType<typeof nextMoveStep>): string {
  switch (action.do) {
    case 'write':
      return `write ${action.change.type.split('.').at(-1)}`;
    case 'mark':
      return `append ${action.marker.type} of epoch ${action.marker.epoch} to every partition`;
    case 'wait':
      return `wait: ${action.open.join(', ')}`;
    case 'stop':
      return action.outcome === 'there' ? 'nothing: it is so already' : 'nothing: no move is open';
    case 'refuse':
      return `refused: ${action.why}`;
  }
}

function inWords({ consumer, key, what }: OpenEntry): string {
  return `${consumer}${key === null ? '' : ` ${key}`}: ${what}`;
}
