export type WriteMode = 'legacy' | 'new' | 'gone';
export type ReadMode = 'legacy' | 'shadow' | 'new' | 'gone';
export type PortMode = 'on' | 'off';
export type MoveDirection = 'forward' | 'back';

/**
 * How far a move is. `planned`: parties stop what must not cross the fence. `fenced`: the fence is decided and its markers are
 * on their way. `drained` (back): all from before the fence is in legacy. `turned` (back): the hand-back is decided and its
 * markers are on their way. `aborted` (back): given up behind the fence; the restoring fence is on its way.
 */
export type MoveStep = 'planned' | 'fenced' | 'drained' | 'turned' | 'aborted';

export interface Party {
  readonly name: string;
  readonly app: string;
  readonly url: string | null;
  /** Which start of the process it is. */
  readonly incarnation: string;
  /** ISO 8601, UTC. */
  readonly joinedAt: string;
}

export interface Move {
  readonly direction: MoveDirection;
  /** The epoch that the last decided marker opens, or the fence will: it grows at `turned` and `aborted`. */
  readonly epoch: number;
  /** Share behind the move; at `aborted` that of before. */
  readonly share: number;
  readonly toMode: 'legacy' | 'new';
  readonly step: MoveStep;
  /** Names of proxies that have prepared, forward only. */
  readonly prepared: readonly string[];
  /** Who planned it. */
  readonly by: string;
  /** When it was planned, ISO 8601, UTC. */
  readonly at: string;
}

export interface EntityControl {
  readonly opened: boolean;
  readonly writeMode: WriteMode;
  /** The announced epoch: the only one in which natives may be decided. */
  readonly epoch: number;
  readonly share: number;
  /** The highest epoch that any move has named, given up or not; it is never used again. */
  readonly lastEpoch: number;
  /** The move that is open. */
  readonly move?: Move;
}

/** Who said something, when and why. */
export interface Said {
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** In that person's words. */
  readonly reason: string | null;
}

/** Why a consumer stands: somebody wants it to. */
export type Pause = Said;

export interface ConsumerControl {
  /** undefined = it runs. */
  readonly paused?: Pause;
  /** Ports only: sends in flight at most, in each process; undefined = what each was started with. */
  readonly sends?: number;
}

/** What a consumer was asked to make anew, and how that ended. */
export interface Resync extends Said {
  /** The subject's version that the request made: what its consumer knows it by. */
  readonly request: number;
  /** null = every key. */
  readonly key: string | null;
  /** Only keys that are marked unlike. */
  readonly unlike: boolean;
  /** Only what versions of the entity's definition below this one made; null = all. */
  readonly olderThan: number | null;
  /** undefined = it is open. */
  readonly ended?: ResyncEnd;
}

export interface ResyncEnd {
  readonly outcome: 'done' | 'cancelled' | 'unknown';
  /** Keys that it was at; of them those that stood, and those that failed. */
  readonly done: number;
  readonly standing: number;
  readonly failed: number;
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
}

/** A V2 that is made anew beside the running one. */
export interface Rebuild extends Said {
  /** undefined = the projectors are at it. */
  readonly ended?: Said;
}

/** One that the projectors are at, and where. */
export interface OpenRebuild extends Said {
  readonly database: string;
}

/** Who wrote a subject last, so that the second writer can be told. */
export interface LastWrite {
  readonly by: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  /** Event type without its namespace. */
  readonly type: string;
}

/** What everybody reads. A subject that nobody wrote is not in it: ask through the functions below. */
export interface ControlState {
  readonly parties: Readonly<Record<string, Party>>;
  /** Parties that a person gave up, and when (ISO 8601, UTC); a rejoin takes them out. */
  readonly forgotten: Readonly<Record<string, string>>;
  readonly entities: Readonly<Record<string, EntityControl>>;
  readonly reads: Readonly<Record<string, ReadMode>>;
  readonly ports: Readonly<Record<string, PortMode>>;
  /** By app and consumer: `v2-projector.order`. */
  readonly consumers: Readonly<Record<string, ConsumerControl>>;
  /** The last of each consumer, by app and consumer. */
  readonly resyncs: Readonly<Record<string, Resync>>;
  /** The last of each database, by its name. */
  readonly rebuilds: Readonly<Record<string, Rebuild>>;
  /** Ports among them that were said not to be primary: nobody reads legacy through them, so being off they hold nothing up. */
  readonly furtherPorts?: Readonly<Record<string, true>>;
  /** By subject; 0 = never written. */
  readonly versions: Readonly<Record<string, number>>;
  readonly last: Readonly<Record<string, LastWrite>>;
}

export const NOTHING_CONTROLLED: ControlState = {
  parties: {},
  forgotten: {},
  entities: {},
  reads: {},
  ports: {},
  consumers: {},
  resyncs: {},
  rebuilds: {},
  versions: {},
  last: {},
};

const UNTOUCHED: EntityControl = { opened: false, writeMode: 'legacy', epoch: 0, share: 0, lastEpoch: 0 };

/** The app whose instances a forward move has to ask. */
export const PROXY_APP = 'legacy-api-proxy';
/** The app whose consumers send. */
export const PORTER_APP = 'legacy-porter';
/** Sends in flight that a port may be given, per process. */
export const MAX_SENDS = 1_000;

const AS_STARTED: ConsumerControl = {};

export function entityControl(state: ControlState, entity: string): EntityControl {
  return state.entities[entity] ?? UNTOUCHED;
}

/** @param route `order.one` */
export function readMode(state: ControlState, route: string): ReadMode {
  return state.reads[route] ?? 'legacy';
}

/** @param port `order.backend` */
export function portMode(state: ControlState, port: string): PortMode {
  return state.ports[port] ?? 'on';
}

/** @param consumer `v2-projector.order`, `legacy-porter.order.backend` */
export function consumerControl(state: ControlState, consumer: string): ConsumerControl {
  return state.consumers[consumer] ?? AS_STARTED;
}

/** What a consumer is asked to make anew and has not ended. @param consumer as `consumerControl` */
export function openResync(state: ControlState, consumer: string): Resync | undefined {
  const resync = state.resyncs[consumer];
  return resync?.ended === undefined ? resync : undefined;
}

/** The database in which V2 is made anew now; there is one at a time. */
export function openRebuild(state: ControlState): OpenRebuild | undefined {
  const open = Object.entries(state.rebuilds).find(([, { ended }]) => ended === undefined);
  return open && { database: open[0], ...open[1] };
}

/** The consumers that a fence of the entity has to come through, and that somebody holds. */
export function pausedOf(state: ControlState, entity: string): readonly string[] {
  return Object.entries(state.consumers)
    .filter(([, { paused }]) => paused !== undefined)
    .map(([name]) => name)
    .filter((name) => name === `v2-projector.${entity}` || name.startsWith(`${PORTER_APP}.${entity}.`))
    .sort();
}

/** Registered proxies that a forward move still waits for. */
export function unprepared(state: ControlState, move: Move): readonly string[] {
  return Object.values(state.parties)
    .filter(({ app, name }) => app === PROXY_APP && !move.prepared.includes(name))
    .map(({ name }) => name)
    .sort();
}

/**
 * Whether a native may be decided for the entity in the epoch that V2's partitions have. Only the announced epoch counts: an
 * event decided between the fence and the announcement carries the new epoch, would take effect, and could cross the turn.
 * @param epoch lowest epoch of the entity's partitions, as the projector stored it
 */
export function mayDecide(state: ControlState, entity: string, epoch: number): boolean {
  const { epoch: announced, move } = entityControl(state, entity);
  return epoch === announced && (move === undefined || move.direction === 'forward');
}
