import type { RowDifference } from './verdict.js';

/** A key that seemed to differ: enough to look at it again. What differs in it is seen then. */
export interface Candidate {
  readonly key: string;
  readonly legacyId: string | null;
  /** Legacy has its row, and V2 had none: it was not compared yet. */
  readonly missingInV2: boolean;
}

/**
 * What seemed to differ, in bounded memory: a store that is quite another one must not end the process that says so. Above `max` keys
 * are counted only.
 */
export class Candidates {
  readonly kept: Candidate[] = [];
  /** Keys that are not kept. */
  beyond = 0;

  constructor(private readonly max: number) {}

  /** The differences of one page; a key may differ in several ways. */
  add(differences: readonly RowDifference[]): void {
    const keys = new Map<string, Candidate>();
    for (const { key, legacyId, kind } of differences) {
      const before = keys.get(key);
      keys.set(key, { key, legacyId: legacyId ?? before?.legacyId ?? null, missingInV2: kind === 'missing-in-v2' });
    }
    for (const candidate of keys.values()) {
      if (this.kept.length < this.max) this.kept.push(candidate);
      else this.beyond += 1;
    }
  }
}
