import type { Arena } from './arena.js';

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

export interface Finding {
  /** Of `docs/reference/guarantees.md`; `drain` = there was something left to do behind the time for it. */
  readonly promise: `P${number}` | 'drain';
  readonly kind: FindingKind;
  /** The evidence. */
  readonly what: string;
}

/**
 * lost = acknowledged, and not there; doubled = it took effect more than once; covered = an older one took its place; unowned = there, and
 * nobody was acknowledged.
 */
export const FINDING_KINDS = ['lost', 'doubled', 'covered', 'unowned', 'other'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];
