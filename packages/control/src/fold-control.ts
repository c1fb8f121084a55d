import type { ControlEvent } from '@banyan/contracts/events/banyan.control.v1';
import { type ControlEntry, nameOf } from './control-event.js';
import {
  type ConsumerControl,
  type ControlState,
  consumerControl,
  type EntityControl,
  entityControl,
  type Move,
  type Said,
} from './control-state.js';
import { isoAt } from './iso.js';
import { refusal, stepOf } from './legal-steps.js';

export type Verdict =
  | { readonly accepted: true }
  | {
      readonly accepted: false;
      /** Who wrote the subject's present version, and when (ISO 8601); of an illegal first step: nobody. */
      readonly by: string | null;
      readonly at: string | null;
      readonly why: string;
    };

export interface FoldedControl {
  readonly state: ControlState;
  readonly verdict: Verdict;
}

/**
 * Folds one event of the control log. First writer wins: an event that was written on another version than the subject's takes no
 * effect, nor does a step that may not follow. Acknowledgements of proxies carry the epoch and the incarnation instead of a
 * version, since several proxies give them at the same time.
 */
export function foldControl(state: ControlState, { event }: ControlEntry): FoldedControl {
  const { subject, expectedVersion } = event.data;
  const version = state.versions[subject] ?? 0;
  const acknowledgement = event.type === 'banyan.control.v1.MovePrepared';
  const last = state.last[subject];
  const refused = (why: string): FoldedControl => ({
    state,
    verdict: { accepted: false, by: last?.by ?? null, at: last?.at ?? null, why },
  });
  if (!acknowledgement && expectedVersion !== version) {
    const was = last === undefined ? '' : `; ${last.by} wrote ${last.type} at ${last.at}`;
    return refused(`${subject} is at version ${version}, not ${expectedVersion}${was}`);
  }
  const why = refusal(state, event);
  if (why !== undefined) return refused(why);
  const next = evolve(state, event);
  if (acknowledgement) return { state: next, verdict: { accepted: true } };
  const write = { by: event.data.by, at: isoOf(event), type: stepOf(event.type) };
  return {
    state: {
      ...next,
      versions: { ...next.versions, [subject]: version + 1 },
      last: { ...next.last, [subject]: write },
    },
    verdict: { accepted: true },
  };
}

/** What a legal event makes of the state. */
function evolve(state: ControlState, event: ControlEvent): ControlState {
  const name = nameOf(event.data.subject);
  switch (event.type) {
    case 'banyan.control.v1.PartyJoined': {
      const { app, url, incarnation } = event.data;
      const party = { name, app, url, incarnation, joinedAt: isoOf(event) };
      // What its predecessor finished says nothing of what it has under way.
      const again = withoutPrepared(state, name);
      return { ...again, parties: { ...state.parties, [name]: party }, forgotten: without(state.forgotten, name) };
    }
    case 'banyan.control.v1.PartyLeft':
      return { ...state, parties: without(state.parties, name) };
    case 'banyan.control.v1.PartyForgotten':
      return {
        ...state,
        parties: without(state.parties, name),
        forgotten: { ...state.forgotten, [name]: isoOf(event) },
      };
    case 'banyan.control.v1.ReadModeSet':
      // `refusal` lets no unknown mode pass.
      return event.data.mode === 'unknown' ? state : { ...state, reads: { ...state.reads, [name]: event.data.mode } };
    case 'banyan.control.v1.PortSwitchedOff':
      return {
        ...state,
        ports: { ...state.ports, [name]: 'off' },
        ...(event.data.primary === false ? { furtherPorts: { ...state.furtherPorts, [name]: true } } : {}),
      };
    case 'banyan.control.v1.PortSwitchedOn':
      return { ...state, ports: { ...state.ports, [name]: 'on' } };
    case 'banyan.control.v1.ConsumerPaused':
      return withConsumer(state, name, { ...consumerControl(state, name), paused: saidIn(event) });
    case 'banyan.control.v1.ConsumerResumed': {
      const { paused: _, ...running } = consumerControl(state, name);
      return withConsumer(state, name, running);
    }
    case 'banyan.control.v1.ConcurrencySet': {
      const { sends: _, ...asStarted } = consumerControl(state, name);
      const { sends } = event.data;
      return withConsumer(state, name, sends === null ? asStarted : { ...asStarted, sends });
    }
    case 'banyan.control.v1.ResyncRequested': {
      const { key, unlike, olderThan, expectedVersion } = event.data;
      const asked = { request: expectedVersion + 1, key, unlike, olderThan, ...saidIn(event) };
      return { ...state, resyncs: { ...state.resyncs, [name]: asked } };
    }
    case 'banyan.control.v1.ResyncEnded': {
      const { outcome, done, standing, failed, by } = event.data;
      const resync = state.resyncs[name];
      if (resync === undefined) return state;
      const ended = { outcome, done, standing, failed, by, at: isoOf(event) };
      return { ...state, resyncs: { ...state.resyncs, [name]: { ...resync, ended } } };
    }
    case 'banyan.control.v1.RebuildStarted':
      return { ...state, rebuilds: { ...state.rebuilds, [name]: saidIn(event) } };
    case 'banyan.control.v1.RebuildEnded': {
      const rebuild = state.rebuilds[name];
      if (rebuild === undefined) return state;
      return { ...state, rebuilds: { ...state.rebuilds, [name]: { ...rebuild, ended: saidIn(event) } } };
    }
    default:
      return { ...state, entities: { ...state.entities, [name]: evolveEntity(entityControl(state, name), event) } };
  }
}

function evolveEntity(entity: EntityControl, event: ControlEvent): EntityControl {
  const { move } = entity;
  switch (event.type) {
    case 'banyan.control.v1.EntityOpened':
      return { ...entity, opened: true };
    case 'banyan.control.v1.EntityGone':
      return { ...entity, writeMode: 'gone' };
    case 'banyan.control.v1.EntityReturned':
      return { ...entity, writeMode: 'new' };
    case 'banyan.control.v1.MovePlanned': {
      const { epoch, share, by } = event.data;
      const direction = event.data.direction === 'back' ? 'back' : 'forward';
      const toMode = direction === 'back' ? 'legacy' : 'new';
      const planned: Move = {
        direction,
        epoch,
        share,
        toMode,
        step: 'planned',
        prepared: [],
        by,
        at: isoOf(event),
      };
      return { ...entity, lastEpoch: epoch, move: planned };
    }
    default:
      return move === undefined ? entity : evolveMove(entity, move, event);
  }
}

function evolveMove(entity: EntityControl, move: Move, event: ControlEvent): EntityControl {
  switch (event.type) {
    case 'banyan.control.v1.MovePrepared': {
      const prepared = [...new Set([...move.prepared, event.data.party])].sort();
      return { ...entity, move: { ...move, prepared } };
    }
    case 'banyan.control.v1.MoveFenced':
      return { ...entity, move: { ...move, step: 'fenced' } };
    case 'banyan.control.v1.MoveDrained':
      return { ...entity, move: { ...move, step: 'drained' } };
    case 'banyan.control.v1.MoveTurned': {
      const { epoch } = event.data;
      return { ...entity, lastEpoch: epoch, move: { ...move, step: 'turned', epoch } };
    }
    case 'banyan.control.v1.MoveAborted': {
      const { epoch } = event.data;
      if (epoch === null) return closed(entity);
      const restoring: Move = { ...move, step: 'aborted', epoch, share: entity.share };
      return { ...entity, lastEpoch: epoch, move: restoring };
    }
    case 'banyan.control.v1.MoveAnnounced': {
      const writeMode = move.step === 'aborted' ? entity.writeMode : move.toMode;
      return { ...closed(entity), writeMode, share: move.share, epoch: event.data.epoch };
    }
    default:
      return entity;
  }
}

function closed({ move: _, ...entity }: EntityControl): EntityControl {
  return entity;
}

function withoutPrepared(state: ControlState, party: string): ControlState {
  const entities = Object.entries(state.entities).map(([name, entity]) => {
    const { move } = entity;
    if (move?.step !== 'planned') return [name, entity] as const;
    return [
      name,
      { ...entity, move: { ...move, prepared: move.prepared.filter((prepared) => prepared !== party) } },
    ] as const;
  });
  return { ...state, entities: Object.fromEntries(entities) };
}

function withConsumer(state: ControlState, name: string, consumer: ConsumerControl): ControlState {
  return { ...state, consumers: { ...state.consumers, [name]: consumer } };
}

function without<T>(all: Readonly<Record<string, T>>, name: string): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(all).filter(([other]) => other !== name));
}

/** Who said it, when and why. */
function saidIn(event: ControlEvent): Said {
  return { by: event.data.by, at: isoOf(event), reason: event.data.reason };
}

function isoOf({ data }: ControlEvent): string {
  return isoAt(data.atMs);
}
