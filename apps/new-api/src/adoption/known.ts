import { importedId } from '@banyan/core';
import type { StoredState } from '@banyan/postgres';
import type { AnyEntity } from '@banyan/transformer';
import type { V2View } from '../store/v2-store.js';

export interface KnownEntity {
  readonly key: string;
  readonly state: StoredState;
}

/**
 * The live entities of V2 behind canonical legacy ids: under the UUIDv5 where they came from legacy, under their link where they were born in
 * V2. A link is never removed, so one that is found is good; one that is missing must be asked of the porter, by adoption.
 */
export async function knownByLegacyId(
  store: V2View,
  entity: AnyEntity,
  legacyIds: readonly string[],
): Promise<ReadonlyMap<string, KnownEntity>> {
  if (legacyIds.length === 0) return new Map();
  const assigned = entity.legacy.identity.type === 'assigned-by-legacy';
  const links = assigned ? await store.links(entity.name, legacyIds) : [];
  const linked = new Map(links.map((link) => [link.legacyId, link.key]));
  const keyOf = (legacyId: string): string => linked.get(legacyId) ?? importedId(entity.name, legacyId);
  const states = await store.states(entity.name, legacyIds.map(keyOf));
  const known = new Map<string, KnownEntity>();
  for (const legacyId of legacyIds) {
    const key = keyOf(legacyId);
    const state = states.get(key);
    if (state !== undefined && isThere(state)) known.set(legacyId, { key, state });
  }
  return known;
}

/** A reference needs existence, not the current epoch. */
export function isThere(state: StoredState): boolean {
  return state.document !== undefined && state.keyState.liveness === 'live';
}
