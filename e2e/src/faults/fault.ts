import type { Arena } from './arena.js';
import type { Finding } from './finding.js';

/** What a fault breaks, so that two that break the same thing are not thrown at it together. */
export type Part =
  | 'v2-projector'
  | 'legacy-porter'
  | 'new-api'
  | 'legacy-api-proxy'
  | 'legacy'
  | 'kafka'
  | 'postgres'
  | 'registry'
  | 'callers'
  | 'backfill';

export interface Fault {
  /** As the ledger and `--fault` have it. */
  readonly name: string;
  readonly breaks: readonly Part[];
  /**
   * Begins, lasts and ends; resolves when whatever was broken is whole again. Throws when it did not come about: a trial whose fault
   * never struck shows nothing. @returns what is wrong already, where only the fault itself can tell
   */
  strike(arena: Arena): Promise<readonly Finding[] | undefined>;
}
