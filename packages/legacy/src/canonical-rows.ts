import { type LegacyRow, UnmappableRow } from '@banyan/transformer';
import type { InvalidRow, ReadableEntity } from './legacy-reader.js';

/** Makes raw rows canonical; one that cannot be carried over does not take its neighbours with it. Order is kept. */
export function canonicalRows<R extends LegacyRow>(
  entity: ReadableEntity<R>,
  raws: readonly unknown[],
): { readonly ids: readonly string[]; readonly rows: ReadonlyMap<string, R>; readonly invalid: readonly InvalidRow[] } {
  const ids: string[] = [];
  const rows = new Map<string, R>();
  const invalid: InvalidRow[] = [];
  for (const [index, raw] of raws.entries()) {
    try {
      const row = entity.reader.canonical(raw);
      const id = entity.idOf(row);
      rows.set(id, row);
      ids.push(id);
    } catch (error) {
      if (!(error instanceof UnmappableRow)) throw error;
      const id = rawId(entity, raw) ?? `(row ${index + 1} of ${raws.length})`;
      invalid.push({ id, error });
      ids.push(id);
    }
  }
  return { ids, rows, invalid };
}

/** The id of a row that is not canonical: nearly always its id column is sound and another one is not. */
function rawId<R extends LegacyRow>(entity: ReadableEntity<R>, raw: unknown): string | undefined {
  try {
    return entity.canonicalId(entity.idOf(raw as R));
  } catch {
    return undefined;
  }
}
