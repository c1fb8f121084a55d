/** One row that is not the same on both sides. */
export interface RowDifference {
  readonly entity: string;
  readonly key: string;
  readonly legacyId: string | null;
  readonly kind: 'missing-in-v2' | 'missing-in-legacy' | 'different' | 'rows-differ' | 'unmappable' | 'parked';
  /** Columns that differ, or why they could not be compared. */
  readonly details: readonly { readonly path: string; readonly legacy: unknown; readonly v2: unknown }[];
}

export interface EntityVerdict {
  readonly entity: string;
  readonly legacyRows: number;
  /** Live keys of V2. */
  readonly v2Rows: number;
  /** Rows that were there on both sides and were held against each other. */
  readonly compared: number;
  /** Differences that were seen again behind the lag. */
  readonly differing: number;
  /** Keys that seemed to differ and were too many to be looked at again. */
  readonly notLookedAt: number;
  /** Those of `differing` that are told: the first 1,000. */
  readonly differences: readonly RowDifference[];
}

/** `incomplete`: nothing was compared, or what differs could not be looked at again behind the lag. */
export type Verdict = 'identical' | 'different' | 'incomplete';

export interface Verification {
  readonly verdict: Verdict;
  readonly entities: readonly EntityVerdict[];
  /** Why it is incomplete. */
  readonly reason?: string;
}

export function verdictOf(entities: readonly EntityVerdict[], unsettled: string | undefined): Verification {
  if (entities.some(({ differing }) => differing > 0)) {
    // A difference seen while something still moved may be the lag: nobody is sent after it.
    return unsettled === undefined
      ? { verdict: 'different', entities }
      : { verdict: 'incomplete', entities, reason: unsettled };
  }
  const left = entities.filter(({ notLookedAt }) => notLookedAt > 0);
  if (left.length > 0) {
    const words = left.map(({ entity, notLookedAt }) => `${notLookedAt} of ${entity}`).join(', ');
    const reason = `more rows seemed to differ than can be looked at again (${words}), and those that were are equal; verify again`;
    return { verdict: 'incomplete', entities, reason };
  }
  const empty = entities.filter(({ compared }) => compared === 0).map(({ entity }) => entity);
  if (entities.length === 0 || empty.length > 0) {
    return { verdict: 'incomplete', entities, reason: `nothing was compared: ${empty.join(', ') || 'no entity'}` };
  }
  return { verdict: 'identical', entities };
}
