import type { DomainEvent } from '@banyan/contracts';
import type { LegacyRoute } from './legacy-route.js';
import type { LegacyRow } from './legacy-row.js';
import type { FurtherPort, PortDefinition } from './port.js';
import type { ReaderDefinition } from './reader.js';

/** Everything about the old side of an entity. */
export interface LegacyDefinition<S = unknown, E extends DomainEvent = DomainEvent, R extends LegacyRow = LegacyRow> {
  readonly identity: Identity<S>;
  /**
   * One legacy row, one id: undoes case, padding, leading zeros. `alfki ` -> `ALFKI`, `007` -> `7`.
   * Throws `TRANSFORMER_LEGACY_ID_INVALID` for a text that no row of this entity can have as its id.
   */
  canonicalId(raw: string): string;
  /** The canonical id in a row. */
  idOf(row: R): string;
  readonly reader: ReaderDefinition<R>;
  /** The other entities a row names, by canonical legacy id. */
  refsOfRow(row: R): readonly { readonly entity: string; readonly legacyId: string }[];
  /**
   * The import event of a row, e.g. `OrderImported`. Its data has the field `legacyId`. Throws `UnmappableRow` with the
   * column, value and reason when the row cannot be carried over without loss; such rows are counted as invalid.
   */
  importRow(row: R, context: ImportContext): E;
  /** The import event for "legacy has no such row", e.g. `OrderVanished`. Its data has the field `legacyId`. */
  importAbsence(legacyId: string): E;
  /** One per legacy backend; exactly one is primary: identity, links, adoption. A further one has rows of its own kind. */
  // biome-ignore lint/suspicious/noExplicitAny: a further port's rows are its own business
  readonly ports: readonly (PortDefinition<S, R> | FurtherPort<S, any>)[];
  /** Every route of legacy's API for this entity, most specific path first. One that is missing passes to legacy, whoever has the say. */
  readonly routes: readonly LegacyRoute<R>[];
  /**
   * How what legacy can be searched by is found in V2: SQL over schema `v2` that gives the keys (column `key`) of the rows in which that
   * column of legacy's row is `$1`. By the names that routes use in `filter`.
   */
  readonly searches?: Readonly<Record<string, string>>;
  readonly compare: CompareDefinition;
}

export interface ImportContext {
  /** The key this row belongs to: that of its link, else the UUIDv5 of its id. */
  readonly id: string;
  /** The entity id behind another entity's legacy id, as declared by `refsOfRow`. */
  idOf(entity: string, legacyId: string): string;
}

export type Identity<S = unknown> =
  | { readonly type: 'assigned-by-legacy' }
  | { readonly type: 'derived'; legacyIdOf(state: S): string };

export function assignedByLegacy(): Identity<never> {
  return { type: 'assigned-by-legacy' };
}

export function derivedFrom<S>(legacyIdOf: (state: S) => string): Identity<S> {
  return { type: 'derived', legacyIdOf };
}

export interface CompareDefinition {
  /** Columns that may differ, each with its reason. */
  readonly ignores: readonly { readonly name: string; readonly path: string; readonly reason: string }[];
  /**
   * What one side cannot hold. With `path` (`Details[].Discount`) the canonical rows may differ there: the law of the port
   * counts such a difference under the loss's name (`verify` knows only `ignores`). Without it the loss is one that no row can show.
   */
  readonly losses: readonly { readonly name: string; readonly reason: string; readonly path?: string }[];
}

/** A legacy row that the mapping cannot carry over. */
export class UnmappableRow extends Error {
  constructor(
    readonly column: string,
    readonly value: unknown,
    readonly reason: string,
  ) {
    super(`${column} ${JSON.stringify(value)}: ${reason}`);
    this.name = 'UnmappableRow';
  }
}
