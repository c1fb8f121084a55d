import { identifier } from './identifier.js';
import { type Queryable, query } from './pool.js';

/** An entity of V2 and its row in legacy. */
export interface Link {
  readonly entity: string;
  readonly key: string;
  readonly legacyId: string;
}

/** The links of some legacy ids, as `schema`.link has them. In `v2` for reading only: decisions ask the porter. */
export function linksByLegacyId(
  on: Queryable,
  schema: string,
  entity: string,
  legacyIds: readonly string[],
): Promise<readonly Link[]> {
  return links(on, schema, entity, 'legacy_id = any($2::text[])', legacyIds);
}

/** The links of some keys, likewise. */
export function linksByKey(
  on: Queryable,
  schema: string,
  entity: string,
  keys: readonly string[],
): Promise<readonly Link[]> {
  return links(on, schema, entity, 'key = any($2::uuid[])', keys);
}

async function links(on: Queryable, schema: string, entity: string, condition: string, values: readonly string[]) {
  if (values.length === 0) return [];
  return query<{ entity: string; key: string; legacyId: string }>(
    on,
    `select entity, key::text as key, legacy_id as "legacyId" from ${identifier(schema)}.link where entity = $1 and ${condition}`,
    [entity, values],
  );
}
