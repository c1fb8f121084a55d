/** What the gate of an entity has to know of the control state. */
export interface GateEntity {
  readonly opened: boolean;
  readonly writeMode: 'legacy' | 'new' | 'gone';
  readonly move?: GateMove | undefined;
}

export interface GateMove {
  readonly direction: 'forward' | 'back';
  readonly epoch: number;
  readonly step: 'planned' | 'fenced' | 'drained' | 'turned' | 'aborted';
  /** Parties that stopped beginning direct writes. */
  readonly prepared: readonly string[];
}

/**
 * What a write of an entity may do now.
 * - `direct`: to legacy, nobody is asked.
 * - `asked`: to legacy, unless V2 owns the row; so whoever writes an existing row asks first.
 * - `hold`: nothing begins; it waits for the move to end, else 503.
 * - `round-trip`: V2 first.
 * - `gone`: 410.
 */
export type Gate = 'direct' | 'asked' | 'hold' | 'round-trip' | 'gone';

/** Why a gate holds; part of what callers are told. */
export type HoldReason = 'unregistered' | 'moving-forward' | 'moving-back';

export interface GateSituation {
  readonly entity: GateEntity;
  /** Whether this proxy is a party of the control log, by what it knows. */
  readonly registered: boolean;
}

/**
 * The gate of an entity: a function of the control state alone. Both directions hold from the plan until the announcement: forward
 * because a direct write that begins after `MovePrepared` could commit after the fence, back because a round trip could be decided
 * before the fence while legacy's callers already write.
 *
 * A proxy that is not registered holds as well. No move waits for it, so what it remembers may be over: one that comes up without a
 * table, or after it left in order, has to join before it writes anywhere.
 */
export function gateOf({ entity, registered }: GateSituation): Gate {
  if (!registered) return 'hold';
  if (entity.writeMode === 'gone') return 'gone';
  if (entity.move !== undefined) return 'hold';
  if (entity.writeMode === 'new') return 'round-trip';
  return entity.opened ? 'asked' : 'direct';
}

export function holdReasonOf({ entity, registered }: GateSituation): HoldReason | undefined {
  if (gateOf({ entity, registered }) !== 'hold') return undefined;
  if (!registered) return 'unregistered';
  return entity.move?.direction === 'back' ? 'moving-back' : 'moving-forward';
}

export interface PrepareSituation extends GateSituation {
  /** Whether this very process has joined: an acknowledgement in an earlier one's name is refused. */
  readonly joined: boolean;
  /** This proxy's name as a party. */
  readonly party: string;
  /** Direct writes of the entity that legacy may still carry out. */
  readonly openDirect: number;
  /** Whether what an earlier process of this name sent can no longer arrive. */
  readonly predecessorSettled: boolean;
}

/** The epoch to acknowledge with `MovePrepared`; undefined = nothing is due. */
export function prepareDue(situation: PrepareSituation): number | undefined {
  const { entity, joined, party, openDirect, predecessorSettled } = situation;
  const { move } = entity;
  if (move?.direction !== 'forward' || move.step !== 'planned' || move.prepared.includes(party)) return undefined;
  // Only who holds has stopped beginning direct writes.
  if (gateOf(situation) !== 'hold') return undefined;
  return joined && openDirect === 0 && predecessorSettled ? move.epoch : undefined;
}
