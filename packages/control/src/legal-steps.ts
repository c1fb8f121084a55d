import type { ControlEvent } from '@banyan/contracts/events/banyan.control.v1';
import { type ControlEventType, entityOfName, nameOf } from './control-event.js';
import {
  type ControlState,
  consumerControl,
  type EntityControl,
  entityControl,
  MAX_SENDS,
  type Move,
  openRebuild,
  openResync,
  PORTER_APP,
  pausedOf,
  portMode,
  readMode,
  unprepared,
} from './control-state.js';

const NAMESPACE = 'banyan.control.v1';

/** Event type without its namespace: how people speak of it. */
export type Step = ControlEventType extends `banyan.control.v1.${infer Name}` ? Name : never;

export function stepOf(type: ControlEventType): Step {
  return type.slice(NAMESPACE.length + 1) as Step;
}

type SubjectKind = 'party' | 'entity' | 'route' | 'port' | 'consumer' | 'resync' | 'rebuild';
type Position = 'idle' | `${Move['direction']}:${Move['step']}`;

const ANYWHERE = undefined;

/**
 * Where each step is legal: the kind of its subject, and the positions of an entity's move at which it may follow. The way forward
 * is planned, fenced, announced; back is planned, fenced, drained, turned, announced.
 */
export const LEGAL_STEPS: Readonly<Record<Step, { subject: SubjectKind; at: readonly Position[] | undefined }>> = {
  PartyJoined: { subject: 'party', at: ANYWHERE },
  PartyLeft: { subject: 'party', at: ANYWHERE },
  PartyForgotten: { subject: 'party', at: ANYWHERE },
  EntityOpened: { subject: 'entity', at: ['idle'] },
  MovePlanned: { subject: 'entity', at: ['idle'] },
  MovePrepared: { subject: 'entity', at: ['forward:planned', 'back:planned'] },
  MoveFenced: { subject: 'entity', at: ['forward:planned', 'back:planned'] },
  MoveDrained: { subject: 'entity', at: ['back:fenced'] },
  MoveTurned: { subject: 'entity', at: ['back:drained'] },
  MoveAnnounced: { subject: 'entity', at: ['forward:fenced', 'back:turned', 'back:aborted'] },
  MoveAborted: { subject: 'entity', at: ['forward:planned', 'back:planned', 'back:fenced', 'back:drained'] },
  EntityGone: { subject: 'entity', at: ['idle'] },
  EntityReturned: { subject: 'entity', at: ['idle'] },
  ReadModeSet: { subject: 'route', at: ANYWHERE },
  PortSwitchedOff: { subject: 'port', at: ANYWHERE },
  PortSwitchedOn: { subject: 'port', at: ANYWHERE },
  ConsumerPaused: { subject: 'consumer', at: ANYWHERE },
  ConsumerResumed: { subject: 'consumer', at: ANYWHERE },
  ConcurrencySet: { subject: 'consumer', at: ANYWHERE },
  ResyncRequested: { subject: 'resync', at: ANYWHERE },
  ResyncEnded: { subject: 'resync', at: ANYWHERE },
  RebuildStarted: { subject: 'rebuild', at: ANYWHERE },
  RebuildEnded: { subject: 'rebuild', at: ANYWHERE },
};

export function positionOf({ move }: EntityControl): Position {
  return move === undefined ? 'idle' : `${move.direction}:${move.step}`;
}

/**
 * Why the event may not follow, in words that say what to do; undefined = it may. These guards hold at the event's place in the
 * log, so nothing can slip in between looking and writing.
 */
export function refusal(state: ControlState, event: ControlEvent): string | undefined {
  const step = stepOf(event.type);
  const { subject, at } = LEGAL_STEPS[step];
  const name = nameOf(event.data.subject);
  if (!event.data.subject.startsWith(`${subject}:`) || name === '') {
    return `${step} is about ${subject}:<name>, not about ${event.data.subject}`;
  }
  if (at !== undefined) {
    const entity = entityControl(state, name);
    const position = positionOf(entity);
    if (!at.includes(position)) return outOfTurn(step, name, entity);
  }
  return condition(state, event, name);
}

function outOfTurn(step: Step, name: string, { move }: EntityControl): string {
  if (move === undefined) return `no move of ${name} is open, so ${step} cannot follow`;
  const { direction, by, at } = move;
  const where = `a move ${direction} of ${name} is ${move.step} (planned by ${by} at ${at})`;
  if (step === 'MoveAborted' && direction === 'forward') {
    return `${where}: its fence is decided, so it can only be finished; then move back`;
  }
  return step === 'MovePlanned' ? `${where}; finish or abort it first` : `${where}; ${step} cannot follow`;
}

function condition(state: ControlState, event: ControlEvent, name: string): string | undefined {
  const entity = entityControl(state, name);
  const { move } = entity;
  switch (event.type) {
    case 'banyan.control.v1.PartyJoined':
      return event.data.name === name ? undefined : `the subject is ${name}, the party ${event.data.name}`;
    case 'banyan.control.v1.PartyLeft': {
      const party = state.parties[name];
      if (party === undefined) return `no party is called ${name}`;
      // An old process that is still going down must not take its successor off the list.
      return party.incarnation === event.data.incarnation ? undefined : `${name} was started anew since`;
    }
    case 'banyan.control.v1.PartyForgotten':
      return state.parties[name] === undefined ? `no party is called ${name}` : undefined;
    case 'banyan.control.v1.EntityOpened':
      return entity.opened ? `${name} is open already` : undefined;
    case 'banyan.control.v1.MovePlanned':
      return planRefusal(state, event.data, name, entity);
    case 'banyan.control.v1.MovePrepared': {
      if (event.data.epoch !== move?.epoch) return `the open move of ${name} is epoch ${move?.epoch}`;
      const party = state.parties[event.data.party];
      return party?.incarnation === event.data.incarnation
        ? undefined
        : `${event.data.party} is not registered, or was started anew since`;
    }
    case 'banyan.control.v1.MoveFenced': {
      if (move === undefined || event.data.epoch !== move.epoch) return `the plan names epoch ${move?.epoch}`;
      const waiting = move.direction === 'forward' ? unprepared(state, move) : [];
      return waiting.length === 0 ? undefined : `not prepared yet: ${waiting.join(', ')}`;
    }
    case 'banyan.control.v1.MoveDrained':
    case 'banyan.control.v1.MoveAnnounced':
      return event.data.epoch === move?.epoch ? undefined : `the open move of ${name} is at epoch ${move?.epoch}`;
    case 'banyan.control.v1.MoveTurned':
      return laterEpoch(entity, event.data.epoch);
    case 'banyan.control.v1.MoveAborted':
      if (move?.step !== 'planned') return laterEpoch(entity, event.data.epoch);
      return event.data.epoch === null ? undefined : 'there is no fence yet, so none restores';
    case 'banyan.control.v1.EntityGone':
      return entity.writeMode === 'new'
        ? undefined
        : `writes of ${name} are ${entity.writeMode}; only from new they go to gone`;
    case 'banyan.control.v1.EntityReturned':
      return entity.writeMode === 'gone' ? undefined : `writes of ${name} are ${entity.writeMode}, not gone`;
    case 'banyan.control.v1.ReadModeSet':
      return readRefusal(state, name, event.data.mode);
    case 'banyan.control.v1.PortSwitchedOff':
      return portOffRefusal(state, name, event.data.primary ?? true);
    case 'banyan.control.v1.PortSwitchedOn':
      return portMode(state, name) === 'off' ? undefined : `${name} is on already`;
    case 'banyan.control.v1.ConsumerPaused': {
      const { paused } = consumerControl(state, name);
      if (paused !== undefined) return `${name} is paused already, by ${paused.by} at ${paused.at}`;
      return /^[^.]+\../.test(name) ? undefined : `a consumer is <app>.<consumer>, not ${name}`;
    }
    case 'banyan.control.v1.ConsumerResumed':
      return consumerControl(state, name).paused === undefined ? `${name} is not paused` : undefined;
    case 'banyan.control.v1.ConcurrencySet':
      return concurrencyRefusal(state, name, event.data.sends);
    case 'banyan.control.v1.ResyncRequested': {
      const open = openResync(state, name);
      if (open !== undefined) return `one of ${name} is under way, asked for by ${open.by} at ${open.at}`;
      return /^[^.]+\../.test(name) ? undefined : `a consumer is <app>.<consumer>, not ${name}`;
    }
    case 'banyan.control.v1.ResyncEnded': {
      const open = openResync(state, name);
      return open?.request === event.data.request ? undefined : `request ${event.data.request} of ${name} is not open`;
    }
    case 'banyan.control.v1.RebuildStarted':
      return rebuildRefusal(state, name);
    case 'banyan.control.v1.RebuildEnded':
      return openRebuild(state)?.database === name ? undefined : `V2 is not being rebuilt in ${name}`;
  }
}

type Plan = Extract<ControlEvent, { type: 'banyan.control.v1.MovePlanned' }>['data'];

function planRefusal(state: ControlState, plan: Plan, name: string, entity: EntityControl): string | undefined {
  if (plan.direction === 'unknown' || plan.toMode === 'unknown') return 'this version does not know such a move';
  if (!entity.opened) return `${name} is not open for native writes; banyan entities open ${name}`;
  if (entity.writeMode === 'gone') return `writes of ${name} are gone; return them first`;
  if (plan.share < 0 || plan.share > 100) return `a share is 0 to 100, not ${plan.share}`;
  const held = pausedOf(state, name)[0];
  // The fence has to come through both: until then writes are held.
  if (held !== undefined) return `${held} is paused, so a move would stand; banyan consumers resume ${held}`;
  const tooEarly = laterEpoch(entity, plan.epoch);
  if (tooEarly !== undefined) return tooEarly;
  if (plan.direction === 'forward') {
    if (plan.toMode !== 'new') return 'a forward move ends in new';
    return plan.share > entity.share ? undefined : `writes of ${name} have share ${entity.share} already`;
  }
  if (plan.toMode !== 'legacy' || plan.share !== 0) return 'a move back ends in legacy, with share 0';
  if (entity.writeMode === 'legacy') return `writes of ${name} are legacy already`;
  const reads = namesWith(state.reads, name, 'new');
  if (reads.length > 0) {
    return `V2 answers ${reads.join(', ')} and would not see direct writes; set them to shadow or legacy first`;
  }
  return behindRefusal(state, name);
}

/** Legacy does not have what V2 decided since its port is off. */
function behindRefusal(state: ControlState, entity: string): string | undefined {
  const off = namesWith(state.ports, entity, 'off').filter((port) => state.furtherPorts?.[port] === undefined);
  return off.length === 0 ? undefined : `${off.join(', ')} is off, so legacy is behind; banyan ports on ${off[0]}`;
}

function laterEpoch({ lastEpoch }: EntityControl, epoch: number | null): string | undefined {
  return epoch !== null && epoch > lastEpoch ? undefined : `epoch ${epoch} is not later than ${lastEpoch}`;
}

function readRefusal(state: ControlState, route: string, mode: string): string | undefined {
  const name = entityOfName(route);
  if (name === '') return `a route is <entity>.<route>, not ${route}`;
  const { writeMode, share, move } = entityControl(state, name);
  if (mode === 'unknown') return 'this version does not know such a mode';
  if (readMode(state, route) === mode) return `${route} is ${mode} already`;
  if (mode === 'legacy' || mode === 'shadow') return behindRefusal(state, name);
  if (mode !== 'new') return undefined;
  if (writeMode === 'legacy' || share < 100) {
    return `writes of ${name} are ${writeMode} with share ${share}; V2 may answer reads only when it has all writes`;
  }
  return move?.direction === 'back' ? `writes of ${name} are moving back to legacy (by ${move.by})` : undefined;
}

function portOffRefusal(state: ControlState, port: string, primary: boolean): string | undefined {
  const name = entityOfName(port);
  if (name === '') return `a port is <entity>.<port>, not ${port}`;
  if (portMode(state, port) === 'off') return `${port} is off already`;
  // What a further backend has is neither read nor written through Banyan's routes.
  if (!primary) return undefined;
  const { writeMode, share, move } = entityControl(state, name);
  if (writeMode === 'legacy' || share < 100 || move !== undefined) {
    return `legacy still takes writes of ${name} (${writeMode}, share ${share}${move === undefined ? '' : ', a move is open'})`;
  }
  const reads = [...namesWith(state.reads, name, 'legacy'), ...namesWith(state.reads, name, 'shadow')];
  return reads.length === 0 ? undefined : `legacy still answers ${reads.join(', ')}; set them to new or gone first`;
}

function concurrencyRefusal(state: ControlState, name: string, sends: number | null): string | undefined {
  if (!name.startsWith(`${PORTER_APP}.`)) return `${name} sends nothing; only a port has a concurrency`;
  if (sends !== null && (sends < 1 || sends > MAX_SENDS))
    return `a port has 1 to ${MAX_SENDS} sends in flight, not ${sends}`;
  const now = consumerControl(state, name).sends ?? null;
  return now === sends ? `${name} has ${sends ?? 'the number it was started with'} already` : undefined;
}

/** One at a time: each reads the whole log, in the processes that the running V2 needs. */
function rebuildRefusal(state: ControlState, database: string): string | undefined {
  const open = openRebuild(state);
  if (open !== undefined) {
    return `V2 is being rebuilt in ${open.database} already, asked for by ${open.by} at ${open.at}; banyan rebuild end ${open.database}`;
  }
  // It is the end of group names too, and stands in addresses.
  return DATABASE.test(database)
    ? undefined
    : `a database is lower case letters, digits and _, 63 at most and no digit first, not ${database}`;
}

const DATABASE = /^[a-z_][a-z0-9_]{0,62}$/;

/** Routes or ports of an entity that are explicitly in a mode. */
function namesWith(modes: Readonly<Record<string, string>>, entity: string, mode: string): readonly string[] {
  return Object.entries(modes)
    .filter(([name, is]) => is === mode && entityOfName(name) === entity)
    .map(([name]) => name)
    .sort();
}
