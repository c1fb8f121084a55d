import {
  type ControlState,
  entityControl,
  type Move,
  type OpenRebuild,
  openRebuild,
  type Pause,
  type ResyncReport,
} from '@banyan/control';
import { isBanyanError } from '@banyan/core';
import { askApp } from './app-client.js';
import type { StoredPosition } from './records-behind.js';

/** One consumer as its app reports it at `/internal/status`. */
export interface ConsumerStatus {
  readonly consumer: string;
  readonly group: string;
  readonly state: string;
  readonly lagRecords: number;
  readonly lagSeconds: number;
  readonly parked: number;
  /** Keys of which it is known that what was made of them is not what their state says. */
  readonly unlike?: number;
  /** What it was asked last to make anew, and how far it is; null = nothing ever. */
  readonly resync?: ResyncReport | null;
  /** Porter only: sends not done yet, and what they wait for. */
  readonly work?: number;
  readonly waiting?: number;
  readonly inDoubt?: number;
  /** Porter only: where its intake stands in every partition, whichever process answers. */
  readonly positions?: readonly StoredPosition[];
  readonly lastError?: string | null;
  readonly books?: Books;
  /** Who holds it, since when and why; null = nobody. */
  readonly paused?: Pause | null;
  /** Porter only: sends under way in that process, and how many may be; `own`: the port has a number of its own. */
  readonly sends?: { readonly inFlight: number; readonly limit: number; readonly own: boolean };
  /** Porter only: where it sends. */
  readonly target?: string;
  /** Projector's entity consumers only. */
  readonly authority?: { readonly epoch: number; readonly share: number; readonly handback: number };
}

/** What became of every record, over all partitions and of each; `problems` says per partition what does not add up. */
export interface Books {
  readonly balanced: boolean;
  readonly problems: readonly string[];
  readonly total: Readonly<Record<string, number>>;
  readonly partitions: readonly Readonly<Record<string, number>>[];
}

/** How hard one process of the porter drives a legacy backend. */
export interface TargetStatus {
  readonly target: string;
  readonly inFlight: number;
  /** Sends in flight at most, now; 0 = it is left alone. */
  readonly limit: number;
  readonly max: number;
  /** 95 of 100 of its last answers took no longer, and what that should be at most, milliseconds. */
  readonly answerMs: number | null;
  readonly objectiveMs: number | null;
  /** Why it is slower than it may be, as a word and in words; null = it is not. */
  readonly slowReason: string | null;
  readonly slowBecause: string | null;
}

/** A V2 that a projector makes anew beside the running one, in the partitions of that process. */
export interface RebuildStatus {
  readonly database: string;
  /** Why it does not run there; null = it does. */
  readonly waitsFor: string | null;
  readonly caughtUp: boolean;
  readonly consumers: readonly ConsumerStatus[];
}

export interface AppStatus {
  readonly app: string;
  readonly instance?: string;
  readonly consumers: readonly ConsumerStatus[];
  /** Porter only. */
  readonly targets?: readonly TargetStatus[];
  /** Porter only: ports that no porter runs, and the variable that would say where they send. Nothing is owed to their backends. */
  readonly notConfigured?: readonly { readonly consumer: string; readonly variable: string }[];
  /** Projector only: null = it makes nothing anew. */
  readonly rebuild?: RebuildStatus | null;
  /** Why it could not be asked. */
  readonly away?: string;
}

export interface WriteMode {
  readonly entity: string;
  /**
   * The mode that was announced in the control log: `legacy`, `canary n %`, `new`, `gone`. Where that log could not be read, from the
   * authority in the entity's own topic: `legacy` 0 %, `canary n %`, `new` 100 %.
   */
  readonly writes: string;
  readonly epoch: number;
  /** Known from the control log only. */
  readonly opened?: boolean;
  /** The open move in words, null = none; known from the control log only. */
  readonly move?: string | null;
}

export interface Status {
  readonly apps: readonly AppStatus[];
  readonly modes: readonly WriteMode[];
  /** Read routes and ports that somebody has set; known from the control log only. */
  readonly reads?: Readonly<Record<string, string>>;
  readonly ports?: Readonly<Record<string, string>>;
  /** Consumers that somebody holds, whether their app answers or not; known from the control log only. */
  readonly paused?: readonly (Pause & { readonly consumer: string })[];
  /** The database in which V2 is made anew, whether a projector answers or not; known from the control log only. Null = in none. */
  readonly rebuild?: OpenRebuild | null;
  /** Nothing lags, waits, is parked, being made anew or away in what runs; a V2 beside it does not count. */
  readonly quiet: boolean;
}

export interface AppAddress {
  readonly app: string;
  readonly url: string;
  /** False for apps that only answer calls: they are asked whether they are ready. Default true. */
  readonly consumes?: boolean;
}

/** What the control log says of an entity; the log itself may be away. */
export function withControl(status: Status, state: ControlState, entities: readonly string[]): Status {
  const modes = entities.map((entity): WriteMode => {
    const { writeMode, share, epoch, move, opened } = entityControl(state, entity);
    const writes = writeMode === 'new' && share < 100 ? `canary ${share} %` : writeMode;
    return { entity, writes, epoch, opened, move: move === undefined ? null : moveInWords(move) };
  });
  const paused = Object.entries(state.consumers).flatMap(([consumer, control]) =>
    control.paused === undefined ? [] : [{ consumer, ...control.paused }],
  );
  const rebuild = openRebuild(state) ?? null;
  return { ...status, modes, reads: state.reads, ports: state.ports, paused, rebuild };
}

function moveInWords({ direction, step, epoch, by, at }: Move): string {
  return `${direction}, ${step}, epoch ${epoch}, planned by ${by} at ${at}`;
}

/** Asks every app; one that is away is told of, it does not hide the others. */
export async function readStatus(addresses: readonly AppAddress[]): Promise<Status> {
  const apps = await Promise.all(addresses.map(readApp));
  const modes = apps.flatMap(({ consumers }) => consumers.flatMap(writeMode));
  return { apps, modes, quiet: apps.every(isQuiet) };
}

async function readApp({ app, url, consumes }: AppAddress): Promise<AppStatus> {
  try {
    if (consumes === false) {
      await askApp(app, url, '/health/ready');
      return { app, consumers: [] };
    }
    const status = await askApp<AppStatus>(app, url, '/internal/status');
    if (Array.isArray(status.consumers)) return status;
    return { app, consumers: [], away: `${app} tells nothing of its consumers at ${url}; is its address right?` };
  } catch (error) {
    if (!isBanyanError(error)) throw error;
    return { app, consumers: [], away: error.message };
  }
}

function isQuiet({ consumers, away }: AppStatus): boolean {
  return (
    away === undefined &&
    consumers.every(
      ({ state, lagRecords, parked, work, waiting, inDoubt, resync }) =>
        state === 'running' &&
        lagRecords + parked + (work ?? 0) + (waiting ?? 0) + (inDoubt ?? 0) === 0 &&
        !isOpen(resync),
    )
  );
}

/** What is being made anew moves; what is unlike does not, until somebody asks for it. */
export function isOpen(resync: ResyncReport | null | undefined): boolean {
  return resync != null && !['done', 'cancelled', 'unknown'].includes(resync.state);
}

function writeMode({ consumer, authority }: ConsumerStatus): WriteMode[] {
  if (authority === undefined) return [];
  const { share, epoch } = authority;
  return [{ entity: consumer, writes: share === 0 ? 'legacy' : share === 100 ? 'new' : `canary ${share} %`, epoch }];
}
