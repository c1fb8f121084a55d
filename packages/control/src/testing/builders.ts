import type { ControlChange, ControlEntry } from '../control-event.js';
import { eventOf } from '../control-memory.js';
import { type ControlState, NOTHING_CONTROLLED } from '../control-state.js';
import { foldControl, type Verdict } from '../fold-control.js';

type NameOf<T> = T extends `banyan.control.v1.${infer Name}` ? Name : never;
export type ChangeName = NameOf<ControlChange['type']>;
type DataOf<N extends ChangeName> = Extract<ControlChange, { type: `banyan.control.v1.${N}` }>['data'];

let ids = 0;

/** A control event's entry, on a version; by `ann` unless said otherwise. */
export function entry<N extends ChangeName>(
  name: N,
  data: DataOf<N>,
  { expectedVersion = 0, by = 'ann', id = `id-${ids++}` }: { expectedVersion?: number; by?: string; id?: string } = {},
): ControlEntry {
  const envelope = { expectedVersion, by, reason: null, atMs: 1_735_689_600_000 };
  return { id, event: eventOf({ type: `banyan.control.v1.${name}`, data }, envelope) };
}

/** Folds with the version that the subject has, as a writer would who saw everything. */
export function write<N extends ChangeName>(
  state: ControlState,
  name: N,
  data: DataOf<N>,
  by?: string,
): { state: ControlState; verdict: Verdict } {
  const expectedVersion = state.versions[data.subject] ?? 0;
  return foldControl(state, entry(name, data, { expectedVersion, ...(by === undefined ? {} : { by }) }));
}

type Written = readonly [ChangeName, DataOf<ChangeName>];

/** The state behind these events, each of which has to be accepted. */
export function after(events: readonly Written[], from: ControlState = NOTHING_CONTROLLED): ControlState {
  return events.reduce((state, [name, data]) => {
    const folded = write(state, name, data);
    if (!folded.verdict.accepted) throw new Error(`${name} was refused: ${folded.verdict.why}`);
    return folded.state;
  }, from);
}

const E = 'entity:order';
export const PROXY = 'legacy-api-proxy-0';
export const opened: Written = ['EntityOpened', { subject: E }];
export const joined = (name = PROXY, incarnation = 'first'): Written => [
  'PartyJoined',
  { subject: `party:${name}`, name, app: 'legacy-api-proxy', url: null, incarnation },
];
export const planned = (direction: 'forward' | 'back', epoch: number): Written => [
  'MovePlanned',
  direction === 'forward'
    ? { subject: E, direction, epoch, share: 100, toMode: 'new' }
    : { subject: E, direction, epoch, share: 0, toMode: 'legacy' },
];
export const prepared = (epoch: number, party = PROXY, incarnation = 'first'): Written => [
  'MovePrepared',
  { subject: E, party, epoch, incarnation },
];
export const fenced = (epoch: number): Written => ['MoveFenced', { subject: E, epoch }];
export const drained = (epoch: number): Written => ['MoveDrained', { subject: E, epoch }];
export const turned = (epoch: number): Written => ['MoveTurned', { subject: E, epoch }];
export const announced = (epoch: number): Written => ['MoveAnnounced', { subject: E, epoch }];
export const aborted = (epoch: number | null): Written => ['MoveAborted', { subject: E, epoch }];
export const readsSet = (mode: 'legacy' | 'shadow' | 'new' | 'gone'): Written => [
  'ReadModeSet',
  { subject: 'route:order.one', mode },
];

/** Opened, and moved forward in epoch 1. */
export const MOVED: readonly Written[] = [
  opened,
  joined(),
  planned('forward', 1),
  prepared(1),
  fenced(1),
  announced(1),
];
