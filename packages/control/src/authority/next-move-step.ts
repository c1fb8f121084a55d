import type { Marker } from '@banyan/core';
import { type ControlChange, entitySubject } from '../control-event.js';
import type { EntityControl, Move } from '../control-state.js';

/** What an operator wants of an entity's writes. */
export type MoveGoal = 'new' | 'legacy' | 'abort';

/** What the control log does not tell. */
export interface MoveFacts {
  /** The epoch that every partition has, in every consumer that folds the entity's topic. */
  readonly lowestEpoch: number;
  /** The highest epoch that any partition has. */
  readonly highestEpoch: number;
  /** Moves back only: what is parked, in doubt or waiting, or still on its way to legacy; empty = legacy has everything. */
  readonly unsettled: readonly string[];
}

export interface MoveSituation {
  readonly name: string;
  readonly entity: EntityControl;
  /** Registered proxies that have not prepared. */
  readonly unprepared: readonly string[];
  readonly facts: MoveFacts;
  readonly goal: MoveGoal;
}

export type MoveAction =
  | { readonly do: 'write'; readonly change: ControlChange }
  /** Append it to every partition, and wait until every consumer has it. */
  | { readonly do: 'mark'; readonly marker: Marker }
  | { readonly do: 'wait'; readonly for: 'proxies' | 'drain'; readonly open: readonly string[] }
  | { readonly do: 'stop'; readonly outcome: 'there' | 'nothing-open' }
  | { readonly do: 'refuse'; readonly why: string };

/**
 * The next step of a move, from what is. Each step is decided in the control log before its marker is appended, and a marker's
 * repeat does nothing; so any driver can go on where another died, and several can drive at once.
 */
export function nextMoveStep(situation: MoveSituation): MoveAction {
  const { entity, goal } = situation;
  const { move } = entity;
  if (move === undefined) return atRest(situation);
  // Given up behind the fence: whoever comes finishes it.
  if (move.step === 'aborted') {
    const fence = { type: 'fence', epoch: move.epoch, share: move.share } as const;
    return markedOr(situation, fence, () => announce(situation, move));
  }
  if (goal === 'abort') return abort(situation, move);
  if ((goal === 'new') !== (move.direction === 'forward')) {
    const way = move.direction === 'forward' ? 'new' : 'legacy';
    return refuse(
      `a move to ${way} is open (planned by ${move.by} at ${move.at}); finish it with --to ${way}, or --abort it`,
    );
  }
  return onwards(situation, move);
}

function atRest({ name, entity, goal, facts }: MoveSituation): MoveAction {
  const subject = entitySubject(name);
  const epoch = nextEpoch(entity, facts);
  if (goal === 'abort') return { do: 'stop', outcome: 'nothing-open' };
  if (entity.writeMode === 'gone') return refuse(`writes of ${name} are gone; return them first`);
  if (goal === 'new') {
    if (entity.writeMode === 'new' && entity.share === 100) return { do: 'stop', outcome: 'there' };
    if (!entity.opened) return write({ type: 'banyan.control.v1.EntityOpened', data: { subject } });
    const data = { subject, direction: 'forward', epoch, share: 100, toMode: 'new' } as const;
    return write({ type: 'banyan.control.v1.MovePlanned', data });
  }
  if (entity.writeMode === 'legacy') return { do: 'stop', outcome: 'there' };
  if (facts.unsettled.length > 0) {
    return refuse(`legacy does not have everything yet: ${facts.unsettled.join('; ')}. Settle it, then move back`);
  }
  const data = { subject, direction: 'back', epoch, share: 0, toMode: 'legacy' } as const;
  return write({ type: 'banyan.control.v1.MovePlanned', data });
}

function onwards(situation: MoveSituation, move: Move): MoveAction {
  const { name, entity, unprepared, facts } = situation;
  const subject = entitySubject(name);
  switch (move.step) {
    case 'planned':
      if (move.direction === 'forward' && unprepared.length > 0) {
        return { do: 'wait', for: 'proxies', open: unprepared };
      }
      return write({ type: 'banyan.control.v1.MoveFenced', data: { subject, epoch: move.epoch } });
    case 'fenced':
      return markedOr(situation, { type: 'fence', epoch: move.epoch, share: move.share }, () => {
        if (move.direction === 'forward') return announce(situation, move);
        if (facts.unsettled.length > 0) return { do: 'wait', for: 'drain', open: facts.unsettled };
        return write({ type: 'banyan.control.v1.MoveDrained', data: { subject, epoch: move.epoch } });
      });
    case 'drained':
      return write({ type: 'banyan.control.v1.MoveTurned', data: { subject, epoch: nextEpoch(entity, facts) } });
    default:
      return markedOr(situation, { type: 'handback', epoch: move.epoch }, () => announce(situation, move));
  }
}

function abort({ name, entity, facts }: MoveSituation, move: Move): MoveAction {
  const subject = entitySubject(name);
  if (move.step === 'planned') {
    return write({ type: 'banyan.control.v1.MoveAborted', data: { subject, epoch: null } });
  }
  if (move.direction === 'back' && move.step !== 'turned') {
    const epoch = nextEpoch(entity, facts);
    return write({ type: 'banyan.control.v1.MoveAborted', data: { subject, epoch } });
  }
  const way = move.direction === 'forward' ? 'new' : 'legacy';
  return refuse(
    `its ${move.step === 'turned' ? 'hand-back' : 'fence'} is decided; finish it with --to ${way}, then move again`,
  );
}

function announce({ name }: MoveSituation, { epoch }: Move): MoveAction {
  return write({ type: 'banyan.control.v1.MoveAnnounced', data: { subject: entitySubject(name), epoch } });
}

function markedOr({ facts }: MoveSituation, marker: Marker, then: () => MoveAction): MoveAction {
  return facts.lowestEpoch < marker.epoch ? { do: 'mark', marker } : then();
}

/** Later than any that was ever named, also by markers that no control event knows of. */
function nextEpoch({ lastEpoch }: EntityControl, { highestEpoch }: MoveFacts): number {
  return Math.max(lastEpoch, highestEpoch) + 1;
}

function write(change: ControlChange): MoveAction {
  return { do: 'write', change };
}

function refuse(why: string): MoveAction {
  return { do: 'refuse', why };
}
