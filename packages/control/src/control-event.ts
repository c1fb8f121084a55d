import type { EventType } from '@banyan/contracts';
import {
  ConcurrencySet,
  ConsumerPaused,
  ConsumerResumed,
  type ControlEvent,
  EntityGone,
  EntityOpened,
  EntityReturned,
  MoveAborted,
  MoveAnnounced,
  MoveDrained,
  MoveFenced,
  MovePlanned,
  MovePrepared,
  MoveTurned,
  PartyForgotten,
  PartyJoined,
  PartyLeft,
  PortSwitchedOff,
  PortSwitchedOn,
  ReadModeSet,
  RebuildEnded,
  RebuildStarted,
  ResyncEnded,
  ResyncRequested,
} from '@banyan/contracts/events/banyan.control.v1';

/** What an app's codec has to know to follow and to write the control log. */
export const CONTROL_TYPES: readonly EventType[] = [
  PartyJoined,
  PartyLeft,
  PartyForgotten,
  EntityOpened,
  MovePlanned,
  MovePrepared,
  MoveFenced,
  MoveDrained,
  MoveTurned,
  MoveAnnounced,
  MoveAborted,
  EntityGone,
  EntityReturned,
  ReadModeSet,
  PortSwitchedOff,
  PortSwitchedOn,
  ConsumerPaused,
  ConsumerResumed,
  ConcurrencySet,
  ResyncRequested,
  ResyncEnded,
  RebuildStarted,
  RebuildEnded,
];

/** What every control event says besides what happened; `append` fills it in. */
type Envelope = 'expectedVersion' | 'by' | 'reason' | 'atMs';

type ChangeOf<E> = E extends { readonly type: infer T; readonly data: infer D }
  ? { readonly type: T; readonly data: Omit<D, Envelope> }
  : never;

/** What somebody wants to change: a control event without who, when and on which version. */
export type ControlChange = ChangeOf<ControlEvent>;
export type ControlEventType = ControlEvent['type'];

/** A control event as it lies in the log. */
export interface ControlEntry {
  readonly id: string;
  readonly event: ControlEvent;
}

export const partySubject = (name: string): string => `party:${name}`;
export const entitySubject = (entity: string): string => `entity:${entity}`;
/** @param route `order.one` */
export const routeSubject = (route: string): string => `route:${route}`;
/** @param port `order.backend` */
export const portSubject = (port: string): string => `port:${port}`;
/** @param consumer `v2-projector.order`, `legacy-porter.order.backend` */
export const consumerSubject = (consumer: string): string => `consumer:${consumer}`;

/** @param consumer as `consumerSubject`; of its own, since a pause is not about it */
export const resyncSubject = (consumer: string): string => `resync:${consumer}`;

/** @param database its name on the server of the running V2 */
export const rebuildSubject = (database: string): string => `rebuild:${database}`;

/** The name behind the colon: of `entity:order` it is `order`. */
export function nameOf(subject: string): string {
  return subject.slice(subject.indexOf(':') + 1);
}

/** The entity that a route or a port belongs to: of `order.one` it is `order`. */
export function entityOfName(name: string): string {
  return name.slice(0, Math.max(0, name.indexOf('.')));
}
