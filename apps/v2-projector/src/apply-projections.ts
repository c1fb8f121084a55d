import { isImportOrigin } from '@banyan/core';
import type { Connection } from '@banyan/postgres';
import type { Apply, Change, EffectiveChange } from '@banyan/sink';
import type { AnyEntity } from '@banyan/transformer';
import { type LinkRow, primaryPort, saveLinks } from './links.js';
import { projectionTable } from './projection-table.js';

/**
 * Writes the rows of changed keys: all rows of a key are replaced by those of its last document, so that a repeat, and any number of changes
 * taken together, end in the same rows.
 */
export function applyProjections(entity: AnyEntity): Apply<Connection> {
  const port = primaryPort(entity);
  const tables = entity.projections.map((projection) => projectionTable(projection));
  return async (tx, changes) => {
    const effective = changes.filter(isEffective);
    const last = new Map(effective.map((change) => [change.key, change]));
    // Sorted, as in every transaction: two that write the same rows in different orders would wait for each other.
    const changed = [...last.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
    for (const table of tables) await table.replaceRows(tx, changed);
    if (port !== undefined)
      await saveLinks(
        tx,
        effective.flatMap((change) => linkOf(entity, port, change)),
      );
  };
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
