import type { LegacyRow } from './legacy-row.js';

/** How an entity's rows are read, by SQL and by HTTP, to one canonical row. Data only; `packages/legacy` runs it. */
export interface ReaderDefinition<R extends LegacyRow = LegacyRow> {
  readonly sql: {
    /** Keyset page of ids, ascending: `$1` = last id seen or null, `$2` = limit. One column, `id`, as text. */
    readonly idsAfter: string;
    /** Whole rows, children nested, in ONE statement: `$1` = ids as text[]. One column, `row`, as json. */
    readonly rows: string;
    /** Largest assigned id as text, or null; entities whose ids legacy assigns. */
    readonly highWaterMark?: string;
  };
  readonly http: {
    /** Path and query of a page, 1-based. */
    page(page: number, size: number): string;
    /** Path of one row; 404 = absent. */
    one(legacyId: string): string;
  };
  /**
   * Makes the canonical row of what either source gave (an element of `rows`, or the JSON of legacy's API). Throws
   * `UnmappableRow` when it has not the shape of a row; callers count it as they count one thrown by `importRow`.
   */
  canonical(raw: unknown): R;
}
