import type { DomainEvent, EventType } from '@banyan/contracts';
import type { Liveness } from '@banyan/core';
import type { CommandDefinition } from './command.js';
import type { LegacyDefinition } from './legacy-definition.js';
import type { LegacyRow } from './legacy-row.js';
import type { Projection } from './projection.js';
import type { QueryDefinition } from './query.js';
import type { Restatement } from './restatement.js';

/** One entity, one package: all that Banyan needs to know of it. Everything here is pure data and pure functions. */
export interface EntityDefinition<S = unknown, E extends DomainEvent = DomainEvent, R extends LegacyRow = LegacyRow> {
  /** Singular, kebab-case: `order`. */
  readonly name: string;
  readonly domain: string;
  /** Raise it when a mapping changes: evolve, projections, importRow or format. */
  readonly version: number;
  readonly events: readonly EventType[];
  /** undefined = nothing is kept. Throws only for an event that can never apply; its key is then parked. */
  evolve(state: S | undefined, event: E): S | undefined;
  /** What a state means for the fold; default: live when there is one. A kept document of a deleted thing says `deleted`. */
  liveness?(state: S | undefined): Liveness;
  /**
   * How an operator puts a whole state in the place of what cannot be processed. Not a command: it is taken only of a key that stands still.
   * Without it such a key waits for mended code; only an entity that V2 never writes needs none.
   */
  readonly restated?: Restatement<S, E>;
  readonly commands: readonly CommandDefinition<S, E>[];
  readonly queries: readonly QueryDefinition[];
  readonly projections: readonly Projection<S>[];
  /** SQL that makes this entity's V2 tables, in order; names are unique for ever. Run in schema `v2` by the projector. */
  readonly migrations: readonly { readonly name: string; readonly sql: string }[];
  /**
   * Names of the entities that commands, rows or states of this one refer to; default none. An app that runs this entity
   * needs their states and links too, and `defineMigration` refuses cycles of ids that legacy assigns: each would wait for
   * the other's link for ever.
   */
  readonly refersTo?: readonly string[];
  readonly legacy: LegacyDefinition<S, E, R>;
}

/** An entity whose type parameters are not known: what apps and packages handle. */
// biome-ignore lint/suspicious/noExplicitAny: variance; an entity's own functions only ever see their own types
export type AnyEntity = EntityDefinition<any, any, any>;
