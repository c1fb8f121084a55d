/**
 * What to do after looking at legacy's row and before writing it. Hashes are `rowHash` of the canonical row, null = no row.
 * Legacy has no If-Match; between this decision and the write lies the window that the port declares.
 */
export interface BeforeWrite {
  readonly operation: 'create' | 'update' | 'delete';
  /** The row as legacy has it now. */
  readonly found: string | null;
  /** The row as it shall be: null for a delete. */
  readonly wanted: string | null;
  /** The row as last ported or imported; undefined = nobody ever saw it. */
  readonly expected: string | null | undefined;
  /** An earlier attempt of this very change may have been executed. */
  readonly mayHaveArrived: boolean;
  /** No earlier attempt can be executed any more: legacy's `settleAfterMs` has passed since. */
  readonly settled: boolean;
}

export type WriteDecision =
  | { readonly type: 'write' }
  /** Legacy already is as it shall be. */
  | { readonly type: 'done' }
  /** An earlier attempt may still be executed: look again once it cannot. */
  | { readonly type: 'wait' }
  /** Somebody wrote legacy behind Banyan's back; it is never overwritten. */
  | { readonly type: 'bypass'; readonly reason: string };

/** Pure. The first rule that matches decides. */
export function decideWrite(look: BeforeWrite): WriteDecision {
  const { operation, found, wanted, expected, mayHaveArrived, settled } = look;
  if (operation === 'delete' && found === null) {
    return mayHaveArrived ? { type: 'done' } : { type: 'bypass', reason: 'the row to delete is not there' };
  }
  // A change of nothing: the row tells not whether it was executed, and executed late it would cover the next version's.
  const untold = mayHaveArrived && !settled && wanted === expected;
  if (found !== null && found === wanted && !untold) return { type: 'done' };
  // Before any word of a bypass: a parked send keeps no intent. A PUT gets no answer, the next look sees somebody else's row and
  // parks, and then legacy executes the PUT after all: importers would not count that row as one under way, and a replay would send
  // as if for the first time, without waiting for what may still come.
  if (mayHaveArrived && !settled) return { type: 'wait' };
  if (operation === 'create') {
    if (found !== null) return { type: 'bypass', reason: `a row with this id is there already (${found})` };
  } else {
    if (found === null) return { type: 'bypass', reason: 'the row to update is not there' };
    if (found !== expected) {
      return { type: 'bypass', reason: `legacy's row is ${found}, last ported or imported was ${expected ?? 'none'}` };
    }
  }
  return { type: 'write' };
}
