import { isImportOrigin } from '@banyan/core';
import { type BulkRow, bulkDelete, bulkInsert, type Connection, closeUnlike } from '@banyan/postgres';
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
    for (const projection of entity.projections) await replaceRows(tx, projection, changed);
    if (port !== undefined) await saveLinksOf(tx, entity, port, effective);
    // A person has given the whole state, and these are its rows: what was given up before is made good.
    const restated = effective.filter(({ eventType }) => isRestatement(entity, eventType));
    const upTo = new Map(restated.map(({ key, version }) => [key, version]));
    await closeUnlike(tx, { schema: V2_SCHEMA, consumer: entity.name }, upTo);
  };
}

/** The same rows from states alone; links are none of theirs. Every row of a key is there when it is committed. */
export function reproject(entity: AnyEntity): ApplyStates<Connection> {
  return async ({ handle }, states) => {
    const documents = states.map(({ key, state }) => ({ key, after: state.document }));
    for (const projection of entity.projections) await replaceRows(handle, projection, documents);
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

async function replaceRows(
  tx: Connection,
  projection: Projection,
  changed: readonly Pick<EffectiveChange, 'key' | 'after'>[],
): Promise<void> {
  const { table, key, columns } = projection;
  // Before the first statement: a projection that throws must find nothing half done.
  const rows: BulkRow[] = changed.flatMap((change) => [...projection.rows(change.after, change.key)]);
  await bulkDelete(
    tx,
    { schema: V2_SCHEMA, table, key },
    changed.map((change) => change.key),
  );
  await bulkInsert(tx, { schema: V2_SCHEMA, table, columns }, rows);
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
