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
