import type { AnyEntity } from '@banyan/transformer';
import type { BothSides } from '../context.js';
import { waitUntilQuiet, whatMoves } from '../wait-until-quiet.js';
import { Candidates } from './candidates.js';
import { type EntityVerdict, type RowDifference, type Verification, verdictOf } from './verdict.js';
import { lookAgain, type Seen, type Walked, walkEntity } from './verify-entity.js';

export interface VerifyOptions {
  /** How long to wait for consumers to catch up before what differs is looked at again, milliseconds. */
  readonly settleTimeoutMs: number;
  /** Differences of an entity that are told with details; more are counted. Default 1,000. */
  readonly listedMax?: number;
  /** Keys of an entity that are looked at again behind the lag; more are counted as they seemed. Default 100,000. */
  readonly lookedAtMax?: number;
  readonly onProgress?: (seen: Seen) => void;
}

/**
 * Compares legacy and V2 row by row: V2's states through the ports' own `format`, and V2's tables against the states. What
 * differs is looked at again behind the lag, so that a write on its way is not reported as a loss. It takes as much memory for
 * millions of rows as for a few.
 */
export async function verify(sides: BothSides, options: VerifyOptions): Promise<Verification> {
  const walks: Walk[] = [];
  for (const entity of sides.entities) {
    const seems = new Candidates(options.lookedAtMax ?? 100_000);
    const walked = await walkEntity(sides, entity, seems, options.onProgress ?? (() => undefined));
    walks.push({ entity, seems, walked });
  }
  const differs = walks.some(({ seems }) => seems.kept.length > 0);
  const unsettled = differs ? await waitUntilQuiet(() => whatMoves(sides), options.settleTimeoutMs) : undefined;
  const verdicts: EntityVerdict[] = [];
  for (const walk of walks) verdicts.push(await confirmed(sides, walk, options.listedMax ?? 1_000));
  return verdictOf(verdicts, unsettled);
}

interface Walk {
  readonly entity: AnyEntity;
  readonly seems: Candidates;
  readonly walked: Walked;
}

async function confirmed(sides: BothSides, { entity, seems, walked }: Walk, listedMax: number): Promise<EntityVerdict> {
  const differences: RowDifference[] = [];
  let differing = 0;
  let { compared } = walked;
  await lookAgain(sides, entity, seems.kept, (again) => {
    differing += again.differences.length;
    compared += again.compared;
    differences.push(...again.differences.slice(0, listedMax - differences.length));
  });
  return { entity: entity.name, ...walked, compared, differing, notLookedAt: seems.beyond, differences };
}
