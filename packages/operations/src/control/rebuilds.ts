import { type ControlChange, type OpenRebuild, openRebuild, rebuildSubject, type Said } from '@banyan/control';
import { BanyanError } from '@banyan/core';
import { type Pool, query, sqlStateOf } from '@banyan/postgres';
import { type ControlSides, foldedNow, refusedBy } from './sides.js';

export interface RebuildSides extends ControlSides {
  /** A database of the server of the running V2, by the operator's role. */
  v2In(database: string): Pool;
  /** That of the running V2. */
  readonly running: string;
}

export interface RebuildPlan {
  readonly database: string;
  /** Keys that it has already: of a rebuild that was ended before, which goes on where it stands. */
  readonly keys: number;
}

export interface RebuildListed extends OpenRebuild {
  /** null = the projectors are at it. */
  readonly ended: Said | null;
}

/** All there ever were, each database once. */
export function listRebuilds({ control }: Pick<ControlSides, 'control'>): readonly RebuildListed[] {
  return Object.entries(control.state().rebuilds).map(([database, { ended = null, ...asked }]) => ({
    database,
    ...asked,
    ended,
  }));
}

/**
 * Whether V2 may be made anew there. Throws `OPERATIONS_REFUSED` (it is the running one, another one is under way, it is no name), and
 * `OPERATIONS_REBUILD_DATABASE` where the database is not there or has not been provisioned.
 */
export async function planRebuild(sides: RebuildSides, database: string): Promise<RebuildPlan> {
  const { verdict } = foldedNow(sides, startOf(database));
  if (!verdict.accepted) throw refusedBy('Nothing is rebuilt', verdict.why);
  if (database === sides.running) throw refusedBy('Nothing is rebuilt', `${database} is the running V2's own database`);
  return { database, keys: await keysIn(sides, database) };
}

/** Asks for it; the projectors carry it out until `endRebuild`. Throws as `planRebuild`. */
export async function startRebuild(sides: RebuildSides, database: string): Promise<RebuildPlan> {
  const plan = await planRebuild(sides, database);
  const { control, by, reason } = sides;
  const answer = await control.append(startOf(database), { by, reason });
  if (!answer.accepted) throw refusedBy('Nothing is rebuilt', answer.why);
  return plan;
}

/** The projectors leave it; the database stays. Throws `OPERATIONS_REFUSED` where none is under way there. */
export async function endRebuild(sides: ControlSides, database: string, { dryRun = false } = {}): Promise<void> {
  const { control, by, reason } = sides;
  const open = openRebuild(control.state())?.database;
  if (open !== database) {
    throw refusedBy('Nothing is ended', `V2 is being rebuilt in ${open ?? 'no database'}, not in ${database}`);
  }
  if (dryRun) return;
  const event = { type: 'banyan.control.v1.RebuildEnded', data: { subject: rebuildSubject(database) } } as const;
  const answer = await control.append(event, { by, reason });
  if (!answer.accepted) throw refusedBy('Nothing is ended', answer.why);
}

function startOf(database: string): ControlChange {
  return { type: 'banyan.control.v1.RebuildStarted', data: { subject: rebuildSubject(database) } };
}

async function keysIn(sides: RebuildSides, database: string): Promise<number> {
  const pool = sides.v2In(database);
  try {
    const [there] = await query<{ schema: string | null; tables: string | null }>(
      pool,
      `select to_regnamespace('v2')::text as schema, to_regclass('v2.state')::text as tables`,
    );
    if (there?.schema == null) throw notReady(database, 'has no schema v2: `banyan provision`');
    if (there.tables === null) return 0;
    const [counted] = await query<{ keys: number }>(pool, 'select count(*) as keys from v2.state');
    return counted?.keys ?? 0;
  } catch (error) {
    const state = sqlStateOf(error);
    if (state === NO_DATABASE)
      throw notReady(database, `is not there: createdb ${database}, then \`banyan provision\``, error);
    if (state === NO_RIGHT)
      throw notReady(database, "may not be read by the operator's role: `banyan provision`", error);
    throw error;
  }
}

const NO_DATABASE = '3D000';
const NO_RIGHT = '42501';

/** @param why up to the command that mends it */
function notReady(database: string, why: string, cause?: unknown): BanyanError {
  return new BanyanError(
    'OPERATIONS_REBUILD_DATABASE',
    `Database ${database} ${why} with ADMIN_DATABASE_URL leading to ${database}.`,
    { data: { database }, cause },
  );
}
