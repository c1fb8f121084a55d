import type { BothSides } from '../context.js';
import { readStatus } from '../status.js';
import { waitUntilQuiet } from '../wait-until-quiet.js';
import { type EntityVerdict, type RowDifference, type Verification, verdictOf } from './verdict.js';
import { checkAgain, type Seen, verifyEntity } from './verify-entity.js';

export interface VerifyOptions {
  /** How long to wait for consumers to catch up before what differs is looked at again, milliseconds. */
  readonly settleTimeoutMs: number;
  readonly onProgress?: (seen: Seen) => void;
}

/**
 * Compares legacy and V2 row by row: V2's states through the ports' own `format`, and V2's tables against the states. What
 * differs is looked at again behind the lag, so that a write on its way is not reported as a loss.
 */
export async function verify(sides: BothSides, options: VerifyOptions): Promise<Verification> {
  const first: EntityVerdict[] = [];
  for (const entity of sides.entities) {
    first.push(await verifyEntity(sides, entity, options.onProgress ?? (() => undefined)));
  }
  if (first.every(({ differences }) => differences.length === 0)) return verdictOf(first, undefined);

  const unsettled = await waitUntilQuiet(() => readStatus(sides.apps), options.settleTimeoutMs);
  const confirmed: EntityVerdict[] = [];
  for (const verdict of first) {
    const entity = sides.entities.find(({ name }) => name === verdict.entity);
    const still: RowDifference[] = [];
    let nowEqual = 0;
    for (const difference of entity === undefined ? [] : verdict.differences) {
      if (entity === undefined) continue;
      const again = await checkAgain(sides, entity, difference);
      still.push(...again);
      // It was counted as missing on one side; now it has been compared.
      if (again.length === 0 && difference.kind === 'missing-in-v2') nowEqual += 1;
    }
    confirmed.push({ ...verdict, compared: verdict.compared + nowEqual, differences: still });
  }
  return verdictOf(confirmed, unsettled);
}
