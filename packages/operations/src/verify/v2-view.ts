import { importedId } from '@banyan/core';
import { linksByKey, linksByLegacyId, type Pool } from '@banyan/postgres';
import { type AnyEntity, type LegacyRow, primaryPortOf } from '@banyan/transformer';

/** The keys of legacy rows: that of the link, else the id that every importer computes. */
export async function keysOf(
  v2: Pool,
  entity: AnyEntity,
  legacyIds: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const linked = new Map(
    (await linksByLegacyId(v2, 'v2', entity.name, legacyIds)).map((link) => [link.legacyId, link.key]),
  );
  return new Map(legacyIds.map((id) => [id, linked.get(id) ?? importedId(entity.name, id)]));
}

/** The legacy ids of keys; a key without a link has none yet. */
export async function legacyIdsOf(
  v2: Pool,
  entity: string,
  keys: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  return new Map((await linksByKey(v2, 'v2', entity, keys)).map((link) => [link.key, link.legacyId]));
}

/** A state and the legacy id of its key, if it has one. */
export interface Formattable {
  readonly id: string;
  readonly legacyId: string | undefined;
  readonly state: unknown;
  /** The legacy row it is held against. */
  readonly row: LegacyRow;
}

/** Makes of states the legacy rows they stand for, through the primary port; what cannot be formatted gives its error. */
export async function formatRows(
  v2: Pool,
  entity: AnyEntity,
  states: readonly Formattable[],
): Promise<ReadonlyMap<string, LegacyRow | Error>> {
  const port = primaryPortOf(entity);
  const wanted = new Map<string, Set<string>>();
  for (const { state } of states) {
    for (const ref of port.refsOf(state)) {
      wanted.set(ref.entity, (wanted.get(ref.entity) ?? new Set()).add(ref.id));
    }
  }
  const known = importedRefs(entity, states);
  for (const [name, keys] of wanted) {
    known.set(name, new Map([...(known.get(name) ?? []), ...(await legacyIdsOf(v2, name, [...keys]))]));
  }
  return new Map(
    states.map(({ id, legacyId, state }) => {
      try {
        return [
          id,
          port.format(state, {
            id,
            legacyId,
            legacyIdOf: (name, key) => required(known.get(name)?.get(key), name, key),
          }),
        ];
      } catch (error) {
        return [id, error instanceof Error ? error : new Error(String(error))];
      }
    }),
  );
}

/**
 * What the rows themselves name, by the ids that importers compute: a row whose reference V2 could not take over is itself the
 * same, and the reference is reported where it is missing. Links go before this.
 */
function importedRefs(entity: AnyEntity, states: readonly Formattable[]): Map<string, ReadonlyMap<string, string>> {
  const refs = new Map<string, Map<string, string>>();
  for (const { row } of states) {
    for (const { entity: name, legacyId } of entity.legacy.refsOfRow(row)) {
      refs.set(name, (refs.get(name) ?? new Map()).set(importedId(name, legacyId), legacyId));
    }
  }
  return refs;
}

function required(legacyId: string | undefined, entity: string, key: string): string {
  if (legacyId === undefined) throw new Error(`${entity} ${key} has no legacy id yet`);
  return legacyId;
}
