import {
  type AnyEntity,
  type LegacyRow,
  type LegacyViewQuery,
  type PortDefinition,
  primaryPortOf,
} from '@banyan/transformer';
import { problem } from '../problems.js';
import type { V2View } from '../store/v2-store.js';
import { type ListedRow, listedRows } from './listed-rows.js';

export interface LegacyViewAnswer {
  /** Canonical legacy rows. */
  readonly rows: readonly LegacyRow[];
  /** Of all pages. */
  readonly total: number;
}

/**
 * V2's documents as rows of legacy. What was deleted and what has no legacy id yet is not among them. Throws `API_QUERY_INVALID` for a
 * filter that the entity has no search for, `API_LEGACY_VIEW_INCOMPLETE` (503) for a row that names what legacy has no id for yet.
 */
export async function legacyView(
  store: Pick<V2View, 'rows' | 'legacyIds'>,
  entity: AnyEntity,
  query: LegacyViewQuery,
): Promise<LegacyViewAnswer> {
  const port = primaryPortOf(entity);
  const { rows, total } = await listedRows(
    store,
    { name: entity.name, numbered: entity.legacy.identity.type === 'assigned-by-legacy' },
    {
      ids: query.ids,
      searches: searchesOf(entity, query.filter ?? {}),
      page: query.size === undefined ? undefined : { number: query.page ?? 1, size: query.size },
    },
  );
  const idOf = await legacyIdsNamed(store, port, rows);
  return {
    total,
    rows: rows.map(({ key, legacyId, document }) =>
      port.format(document, {
        id: key,
        legacyId,
        legacyIdOf: (named, id) => idOf(named, id) ?? missing(`${entity.name} ${legacyId}`, named, id),
      }),
    ),
  };
}

function searchesOf(entity: AnyEntity, filter: Readonly<Record<string, string>>) {
  const searches = entity.legacy.searches ?? {};
  return Object.entries(filter).map(([name, value]) => {
    const sql = Object.hasOwn(searches, name) ? searches[name] : undefined;
    if (sql !== undefined) return { sql, value };
    const known = Object.keys(searches).join(', ') || 'nothing';
    const message = `A ${entity.name} is found by ${known}, not by ${name}`;
    throw problem('API_QUERY_INVALID', `${message}.`, { data: { errors: [{ path: `filter.${name}`, message }] } });
  });
}

/** Legacy ids of all that the rows name, asked for once per entity. */
async function legacyIdsNamed(
  store: Pick<V2View, 'legacyIds'>,
  port: PortDefinition,
  rows: readonly ListedRow[],
): Promise<(entity: string, id: string) => string | undefined> {
  const named = Map.groupBy(
    rows.flatMap(({ document }) => port.refsOf(document)),
    (ref) => ref.entity,
  );
  const found = new Map<string, ReadonlyMap<string, string>>();
  for (const [entity, refs] of named) {
    found.set(entity, await store.legacyIds(entity, [...new Set(refs.map(({ id }) => id))]));
  }
  return (entity, id) => found.get(entity)?.get(id);
}

/** To leave the row out would say that legacy has none; its next port waits for the same link. */
function missing(row: string, entity: string, id: string): never {
  throw problem(
    'API_LEGACY_VIEW_INCOMPLETE',
    `${row} names ${entity} ${id}, which has no legacy id yet; ask again when it has been ported.`,
    { data: { entity, id } },
  );
}
