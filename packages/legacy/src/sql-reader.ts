import { BanyanError } from '@banyan/core';
import type { LegacyRow } from '@banyan/transformer';
import { canonicalRows } from './canonical-rows.js';
import type { IdPage, InvalidRow, LegacyReader, ReadableEntity, ReadRows } from './legacy-reader.js';

/** What of a pool is needed; `createPool` of @banyan/postgres gives one. */
export interface SqlSource {
  query(text: string, values: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/** Reads legacy's own database, whole rows with their children in one statement, so that no row is torn. */
export function createSqlReader<R extends LegacyRow>(entity: ReadableEntity<R>, source: SqlSource): LegacyReader<R> {
  const { sql } = entity.reader;
  return {
    async idsAfter(after, limit): Promise<IdPage<R>> {
      const found = await ask(source, sql.idsAfter, [after, limit]);
      const ids = found.map((row) => String(row.id));
      return { ids, last: ids.length < limit };
    },
    rows: (ids) => readRows(entity, source, ids),
    async one(legacyId) {
      const { rows, invalid } = await readRows(entity, source, [legacyId]);
      if (invalid[0] !== undefined) throw invalid[0].error;
      return rows.get(legacyId);
    },
    async highWaterMark() {
      if (sql.highWaterMark === undefined) return null;
      const id = Object.values((await ask(source, sql.highWaterMark, []))[0] ?? {})[0];
      return id === null || id === undefined ? null : String(id);
    },
  };
}

async function readRows<R extends LegacyRow>(
  entity: ReadableEntity<R>,
  source: SqlSource,
  ids: readonly string[],
): Promise<ReadRows<R>> {
  if (ids.length === 0) return { rows: new Map(), invalid: [] };
  const found = await ask(source, entity.reader.sql.rows, [ids]);
  const read = canonicalRows(
    entity,
    found.map(({ row }) => row),
  );
  const unnamed = read.invalid.filter(({ id }) => !ids.includes(id));
  // A row that does not even give its id away: ask for the ids that nobody accounts for, one by one.
  const invalid: InvalidRow[] = read.invalid.filter(({ id }) => ids.includes(id));
  const known = new Set([...read.rows.keys(), ...invalid.map(({ id }) => id)]);
  if (unnamed.length > 0) {
    for (const id of ids.filter((id) => !known.has(id))) {
      const alone = await ask(source, entity.reader.sql.rows, [[id]]);
      const error = canonicalRows(
        entity,
        alone.map(({ row }) => row),
      ).invalid[0]?.error;
      if (error !== undefined) invalid.push({ id, error });
    }
  }
  const bad = new Set(invalid.map(({ id }) => id));
  return { rows: new Map(ids.filter((id) => !bad.has(id)).map((id) => [id, read.rows.get(id)])), invalid };
}

async function ask(source: SqlSource, text: string, values: unknown[]): Promise<Record<string, unknown>[]> {
  try {
    return (await source.query(text, values)).rows;
  } catch (cause) {
    const state = (cause as { code?: unknown }).code;
    // Class 42 and 22 are our own statement or value; everything else (connection, resources, shutdown) may heal.
    const ours = typeof state === 'string' && /^(42|22)/.test(state);
    throw new BanyanError(
      ours ? 'LEGACY_UNEXPECTED' : 'LEGACY_UNAVAILABLE',
      `Legacy's database did not answer: ${(cause as Error).message}. ${ours ? "Check the entity's reader against legacy's tables." : 'It is asked again.'}`,
      { retryable: !ours, cause },
    );
  }
}
