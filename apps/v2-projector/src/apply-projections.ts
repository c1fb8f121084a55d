import { isImportOrigin } from '@banyan/core';
import { type BulkRow, bulkDelete, bulkInsert, type Connection, closeUnlike, together } from '@banyan/postgres';
import type { Apply, ApplyStates, Change, EffectiveChange } from '@banyan/sink';
import { type AnyEntity, isRestatement, type Projection } from '@banyan/transformer';
import { type LinkRow, primaryPort, saveLinks } from './links.js';
import { V2_SCHEMA } from './v2-migrations.js';

/**
 * Writes the rows of changed keys: all rows of a key are deleted and made anew from its last document, so that a repeat, and any
 * number of changes taken together, end in the same rows.
 */
export function applyProjections(entity: AnyEntity): Apply<Connection> {
  const port = primaryPort(entity);
  return async (tx, changes) => {
    const effective = changes.filter(isEffective);
    const last = new Map(effective.map((change) => [change.key, change]));
    // Sorted, as in every transaction: two that write the same rows in different orders would wait for each other.
    const changed = [...last.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    const replaced = rowsOf(entity, changed).map((rows) => replaceRows(tx, rows));
    const linked = port === undefined ? [] : [saveLinksOf(tx, entity, port, effective)];
    // A person has given the whole state, and these are its rows: what was given up before is made good.
    const restated = effective.filter(({ eventType }) => isRestatement(entity, eventType));
    const upTo = new Map(restated.map(({ key, version }) => [key, version]));
    await together(...replaced, ...linked, closeUnlike(tx, { schema: V2_SCHEMA, consumer: entity.name }, upTo));
  };
}

/** The same rows from states alone; links are none of theirs. Every row of a key is there when it is committed. */
export function reproject(entity: AnyEntity): ApplyStates<Connection> {
  return async ({ handle }, states) => {
    const documents = states.map(({ key, state }) => ({ key, after: state.document }));
    await together(...rowsOf(entity, documents).map((rows) => replaceRows(handle, rows)));
    return { like: states.map(({ key }) => key) };
  };
}

/** Of a change whose rows are given up: an import names a row of legacy that no state would tell of again. */
export function rememberLinks(entity: AnyEntity): Apply<Connection> {
  const port = primaryPort(entity);
  return async (tx, changes) => {
    if (port !== undefined) await saveLinksOf(tx, entity, port, changes.filter(isEffective));
  };
}

async function saveLinksOf(
  tx: Connection,
  entity: AnyEntity,
  port: string,
  effective: readonly EffectiveChange[],
): Promise<void> {
  await saveLinks(
    tx,
    effective.flatMap((change) => linkOf(entity, port, change)),
  );
}

interface NewRows extends Projection {
  readonly keys: readonly string[];
  readonly made: readonly BulkRow[];
}

/** Of each projection. Before the first statement: one that throws must find nothing half done. */
function rowsOf({ projections }: AnyEntity, changed: readonly Pick<EffectiveChange, 'key' | 'after'>[]): NewRows[] {
  const keys = changed.map(({ key }) => key);
  return projections.map((projection) => ({
    ...projection,
    keys,
    made: changed.flatMap(({ key, after }) => [...projection.rows(after, key)]),
  }));
}

async function replaceRows(tx: Connection, { table, key, columns, keys, made }: NewRows): Promise<void> {
  const where = { schema: V2_SCHEMA, table };
  await together(bulkDelete(tx, { ...where, key }, keys), bulkInsert(tx, { ...where, columns }, made));
}

/** An import says in its data which row of legacy it read; a derived id is known before there is a row. */
function linkOf(entity: AnyEntity, port: string, { origin, key, event, after }: EffectiveChange): readonly LinkRow[] {
  const legacyId = isImportOrigin(origin) ? idInImport(event.data) : derivedId(entity, after);
  return legacyId === undefined ? [] : [{ entity: entity.name, key, legacy_id: legacyId, port }];
}

function idInImport(data: unknown): string | undefined {
  const legacyId = typeof data === 'object' && data !== null && 'legacyId' in data ? data.legacyId : undefined;
  return typeof legacyId === 'string' ? legacyId : undefined;
}

function derivedId({ legacy: { identity } }: AnyEntity, state: unknown): string | undefined {
  return identity.type === 'derived' && state !== undefined ? identity.legacyIdOf(state) : undefined;
}

function isEffective(change: Change): change is EffectiveChange {
  return change.outcome === 'effective';
}
