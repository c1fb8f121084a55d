import { acksWhereTheyLie, eventsAsAcknowledged, rowsAsAcknowledged } from './acknowledged.js';
import { allAlive } from './alive.js';
import { bothEqual, nothingStands, nothingToBring } from './both-sides.js';
import type { Check } from './check.js';
import { oneWriteInLegacy, oneWriteInV2, receiptsInOrder, storesAsTheLog } from './stores.js';

/** In this order: a backfill may bring what only legacy has, and both sides are compared behind it. */
export const CHECKS: readonly Check[] = [
  rowsAsAcknowledged,
  eventsAsAcknowledged,
  receiptsInOrder,
  oneWriteInLegacy,
  oneWriteInV2,
  acksWhereTheyLie,
  nothingStands,
  nothingToBring,
  bothEqual,
  storesAsTheLog,
  allAlive,
];
