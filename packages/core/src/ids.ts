import { v5, v7 } from 'uuid';

/** The name space of imported ids. Frozen: another one would give every legacy row a second id. */
const IMPORTED = 'b1a5f0de-6a0e-5c1f-9d5b-6a2b0b1c7e00';

/**
 * The entity id of a legacy row: every path that meets the row computes the same one.
 * @param canonicalLegacyId the id in the row that was read, through the package's `canonicalId`; never one from a URL
 */
export function importedId(entity: string, canonicalLegacyId: string): string {
  return v5(`${entity}:${canonicalLegacyId}`, IMPORTED);
}

/** A new id, ordered by time: events, and entities born in V2. */
export type NewId = () => string;
export const newId: NewId = () => v7();
