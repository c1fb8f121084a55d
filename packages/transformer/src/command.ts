import type { DomainEvent } from '@banyan/contracts';
import type { z } from 'zod';

/**
 * A wish of a caller. new-api makes a route of it: validate, load, resolve references, `decide`, append, wait, answer.
 * Routes without `:id` create; routes with `:id` change that entity.
 */
export interface CommandDefinition<S = unknown, E extends DomainEvent = DomainEvent, C = unknown> {
  /** Imperative: `PlaceOrder`. */
  readonly name: string;
  readonly summary: string;
  readonly http: { readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE'; readonly path: `/v2/${string}` };
  /** Strict: unknown fields are refused. */
  readonly body: z.ZodType<C>;
  /** Creates of entities with a natural key: the legacy id the command names. Its UUIDv5 is the key, adopted first. */
  legacyIdOf?(command: C): string;
  /** The other entities that the command names. They are resolved, adopting if need be, before `decide` runs. */
  refs?(command: C): readonly RefRequest[];
  /**
   * Throws `CommandRefused` when a rule of the business forbids it; rules that legacy enforces belong here too.
   * undefined = already so: nothing is appended and the answer is the present state.
   */
  decide(command: C, state: S | undefined, context: DecideContext): E | undefined;
}

/** How a caller names another entity: by V2 id, or by legacy id (a V2 id of a row that V2 never saw cannot be known). */
export type Ref = { readonly id: string } | { readonly legacyId: string };

export interface RefRequest {
  readonly entity: string;
  readonly ref: Ref;
  /** Where in the body it stands, for the error: `lines[0].product`. */
  readonly path: string;
}

export interface ResolvedRef {
  readonly id: string;
  /** The referenced entity's state. Existence is what counts, not the current epoch. */
  readonly state: unknown;
}

export interface DecideContext {
  /** The entity's id: given by the route, derived from the natural key, or new. */
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly now: string;
  /** Throws when it was not declared by `refs`. */
  resolved(entity: string, ref: Ref): ResolvedRef;
}

/** A command that the business forbids in this state. HTTP 422 with this code and message. */
export class CommandRefused extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly data: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'CommandRefused';
  }
}
