import type { Fault } from '../fault.js';
import { backfillDriver } from './backfill-driver.js';
import { deadConsumer } from './dead-consumer.js';
import { frozen } from './frozen.js';
import { killPoints } from './kill-points.js';
import { legacyTroubles } from './legacy-troubles.js';
import { lostAnswers, resets } from './lies-of-the-network.js';
import { outages } from './outages.js';
import { poison } from './poison.js';
import { storm } from './storm.js';

/** All that is thrown at the system while callers write: in `npm test` a pocketful, in `npm run test:long` each, in a campaign by chance. */
export const FAULTS: readonly Fault[] = [
  ...killPoints,
  ...outages,
  ...frozen,
  storm,
  ...lostAnswers,
  ...resets,
  ...legacyTroubles,
  poison,
  backfillDriver,
  deadConsumer,
];

/** Between the names of two that come together, as the ledger and `--fault` have them. */
const TOGETHER = ' + ';

export function nameOf(faults: readonly Fault[]): string {
  return faults.map(({ name }) => name).join(TOGETHER);
}

/** The other way round. */
export function faultsNamed(name: string): readonly Fault[] {
  return name.split(TOGETHER).map(faultNamed);
}

/** @throws when there is none of this name, with those there are */
function faultNamed(name: string): Fault {
  const found = FAULTS.find((fault) => fault.name === name);
  if (found !== undefined) return found;
  throw new Error(`No fault is called "${name}"; there are:\n${FAULTS.map((fault) => `  ${fault.name}`).join('\n')}`);
}
