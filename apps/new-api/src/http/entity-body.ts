export interface EntityBody {
  readonly id: string;
  readonly version: number;
  /** Of its row in the legacy system, when it is known. */
  readonly legacyId: string | undefined;
  /** undefined = the entity is deleted. */
  readonly document: unknown;
}

/** How an entity is answered everywhere: `{id, version, legacyId, …state}`. */
export function entityBody({ id, version, legacyId, document }: EntityBody): Record<string, unknown> {
  const own = { id, version, ...(legacyId === undefined ? {} : { legacyId }) };
  // Own fields first for people, and last so that no field of a state can pass for one of them.
  return { ...own, ...(document === undefined ? { deleted: true } : (document as object)), ...own };
}
