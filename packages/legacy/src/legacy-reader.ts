import type { LegacyRow, ReaderDefinition, UnmappableRow } from '@banyan/transformer';

/**
 * Reads an entity's rows from legacy as canonical rows, equal over HTTP and SQL. Repeatable, changes nothing.
 *
 * Throws `LEGACY_UNAVAILABLE` (retryable; `data.retryAfterMs` when legacy named a time) when legacy does not answer, and
 * `LEGACY_UNEXPECTED` (not retryable) when it answers with something that is not its contract. Absence is never guessed: only
 * legacy's own "not there" counts.
 */
export interface LegacyReader<R extends LegacyRow = LegacyRow> {
  /**
   * The page of ids behind `after` in legacy's order, null = from the first. No row that is there all the time is skipped,
   * whatever is added or removed meanwhile.
   */
  idsAfter(after: string | null, limit: number): Promise<IdPage<R>>;
  /** Every id is in `rows` (undefined = absent) or in `invalid`. */
  rows(ids: readonly string[]): Promise<ReadRows<R>>;
  /** undefined = absent. Throws `UnmappableRow` as well. */
  one(legacyId: string): Promise<R | undefined>;
  /** The largest id that legacy has assigned, null = no row. A row made after this answer has a larger one. */
  highWaterMark(): Promise<string | null>;
}

export interface IdPage<R extends LegacyRow = LegacyRow> {
  readonly ids: readonly string[];
  /** Present where legacy gives ids only together with rows: what it gave. */
  readonly read?: ReadRows<R>;
  /** True when nothing is behind this page. */
  readonly last: boolean;
}

export interface ReadRows<R extends LegacyRow = LegacyRow> {
  readonly rows: ReadonlyMap<string, R | undefined>;
  readonly invalid: readonly InvalidRow[];
}

/** A row that is there and that the mapping cannot carry over. */
export interface InvalidRow {
  readonly id: string;
  readonly error: UnmappableRow;
}

/** What a reader needs to know of an entity: `entity.legacy` has it. */
export interface ReadableEntity<R extends LegacyRow = LegacyRow> {
  readonly reader: ReaderDefinition<R>;
  idOf(row: R): string;
  canonicalId(raw: string): string;
}
