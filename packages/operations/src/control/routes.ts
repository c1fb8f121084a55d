import {
  type Appended,
  entityControl,
  type HistoryEntry,
  type ReadMode,
  readMode,
  routeSubject,
} from '@banyan/control';
import { BanyanError } from '@banyan/core';
import { evidenceOf } from './evidence.js';
import { legacyRoutes, type RouteOfEntity, readRouteNamed } from './legacy-routes.js';
import { type ControlSides, refusedBy } from './sides.js';

const READ_MODES: readonly ReadMode[] = ['legacy', 'shadow', 'new', 'gone'];

export interface RouteStatus extends RouteOfEntity {
  /** Of a write route: the entity's write mode. */
  readonly mode: string;
  readonly since: string | null;
  readonly by: string | null;
}

export function listRoutes({ control, entities }: Pick<ControlSides, 'control' | 'entities'>): readonly RouteStatus[] {
  const state = control.state();
  return legacyRoutes(entities).map((route) => {
    const { writeMode } = entityControl(state, route.entity);
    const subject = route.kind === 'read' ? routeSubject(route.route) : `entity:${route.entity}`;
    const last = state.last[subject];
    const mode = route.kind === 'read' ? readMode(state, route.route) : writeMode;
    return { ...route, mode, since: last?.at ?? null, by: last?.by ?? null };
  });
}

/** Throws `OPERATIONS_UNKNOWN_MODE`, `OPERATIONS_UNKNOWN_ROUTE`, `OPERATIONS_REFUSED`. */
export async function setRoute(sides: ControlSides, name: string, mode: string): Promise<Appended> {
  const { route } = readRouteNamed(sides.entities, name);
  const known = READ_MODES.find((one) => one === mode);
  if (known === undefined) {
    const modes = READ_MODES.join(', ');
    throw new BanyanError('OPERATIONS_UNKNOWN_MODE', `A read route has no mode ${mode}; there are ${modes}.`, {
      data: { mode, modes: READ_MODES },
    });
  }
  const { control, by, reason } = sides;
  // Seen before the guard looks: whoever changes it meanwhile is first.
  const expectedVersion = control.state().versions[routeSubject(route)] ?? 0;
  const why = known === 'new' ? await whyNotNew(sides, name) : undefined;
  if (why !== undefined) throw refusedBy(`${route} stays ${readMode(control.state(), route)}`, why);
  const answer = await control.append(
    { type: 'banyan.control.v1.ReadModeSet', data: { subject: routeSubject(route), mode: known } },
    { by, reason, expectedVersion },
  );
  if (!answer.accepted) throw refusedBy(`${route} stays ${readMode(control.state(), route)}`, answer.why);
  return answer;
}

/** Why V2 may not answer this route's reads; undefined = it may. */
async function whyNotNew(sides: ControlSides, name: string): Promise<string | undefined> {
  const { entity } = readRouteNamed(sides.entities, name);
  const { writeMode, share, epoch } = entityControl(sides.control.state(), entity);
  if (writeMode === 'legacy' || share < 100) {
    return `writes of ${entity} are ${writeMode} with share ${share}; V2 may answer only when it has all of them (banyan entities authority ${entity} --to new)`;
  }
  const { backfilledAt, verdict, verifiedAt } = await evidenceOf(sides.banyan, entity, epoch);
  if (backfilledAt === null) {
    return `no backfill of ${entity} that was begun in epoch ${epoch} is done, so V2 may lack rows or have old ones (banyan backfill plan ${entity})`;
  }
  if (verdict === null) {
    return `${entity} was not verified since its backfill ended at ${backfilledAt} (banyan verify ${entity})`;
  }
  return verdict === 'identical'
    ? undefined
    : `verify of ${entity} said ${verdict} at ${verifiedAt} (banyan verify ${entity})`;
}

export interface RouteExplained extends RouteStatus {
  /** Modes it may go to now; of the others, why not. */
  readonly may: Readonly<Record<string, string>>;
  readonly writes: string;
  readonly epoch: number;
  readonly evidence: { readonly backfilledAt: string | null; readonly verdict: string | null };
}

/** Why a read route is answered as it is, and what stands in the way of another mode. */
export async function explainRoute(sides: ControlSides, name: string): Promise<RouteExplained> {
  const found = readRouteNamed(sides.entities, name);
  const status = listRoutes(sides).find(({ route }) => route === found.route);
  const { writeMode, epoch } = entityControl(sides.control.state(), found.entity);
  const { backfilledAt, verdict } = await evidenceOf(sides.banyan, found.entity, epoch);
  const may = { new: (await whyNotNew(sides, name)) ?? 'yes' };
  return {
    ...found,
    mode: status?.mode ?? 'legacy',
    since: status?.since ?? null,
    by: status?.by ?? null,
    may,
    writes: writeMode,
    epoch,
    evidence: { backfilledAt, verdict },
  };
}

/** Everything that was ever decided of a route, an entity or a port, refused changes too. @param name `order.one`, `order`, `order.backend` */
export function historyOf({ control }: Pick<ControlSides, 'control'>, name?: string): readonly HistoryEntry[] {
  return control
    .history()
    .filter(({ subject }) => name === undefined || subject.slice(subject.indexOf(':') + 1) === name);
}
