import type { LegacyRow } from './legacy-row.js';

/** A call of legacy's API, taken apart and not yet judged. */
export interface LegacyRequest {
  /** Decoded path segments by the pattern's names. */
  readonly params: Readonly<Record<string, string>>;
  /** Decoded; a name that is given twice is a list. */
  readonly query: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** As it was sent; '' = none. How it is read is legacy's habit, so it is the route's business. */
  readonly body: string;
}

/** An answer in legacy's words, ready to send. */
export interface LegacyAnswer {
  readonly status: number;
  /** Names in lower case; content-length is the sender's. */
  readonly headers: Readonly<Record<string, string>>;
  /** '' = none. */
  readonly body: string;
}

/**
 * What legacy's API itself would refuse, thrown by `toView` and `toCommand`: V2 is not asked, the caller gets this answer.
 */
export class LegacyRefused extends Error {
  constructor(readonly answer: LegacyAnswer) {
    super(`Legacy refuses this with ${answer.status}: ${answer.body.slice(0, 200)}`);
    this.name = 'LegacyRefused';
  }
}

/** What a read asks of V2, in legacy's terms. Without `ids` all rows that have a link, ascending by legacy id. */
export interface LegacyViewQuery {
  /** Canonical legacy ids; `filter`, `page` and `size` are then not given. */
  readonly ids?: readonly string[];
  /** From 1; only with `size`. Without both: all that is found. */
  readonly page?: number;
  readonly size?: number;
  /** By names of `LegacyDefinition.searches`, values as legacy keeps them; all have to hold. */
  readonly filter?: Readonly<Record<string, string>>;
}

interface LegacyRouteBase {
  /** Unique within the entity, kebab-case: `list`, `one`, `create`, `replace`, `delete`, `ship`. Read modes are set by `<entity>.<name>`. */
  readonly name: string;
  /** Below legacy's base URL, parameters by legacy's names: `/api/orders/:OrderID`. */
  readonly path: string;
}

export interface LegacyReadRoute<R extends LegacyRow = LegacyRow> extends LegacyRouteBase {
  readonly kind: 'read';
  readonly method: 'GET';
  /** Throws `LegacyRefused`. */
  toView(request: LegacyRequest): LegacyViewQuery;
  /** Equal to legacy's own answer for these rows. No row where one was asked for is legacy's 404. @param total of all pages */
  toAnswer(rows: readonly R[], total: number, request: LegacyRequest): LegacyAnswer;
}

export interface LegacyWriteRoute<R extends LegacyRow = LegacyRow> extends LegacyRouteBase {
  readonly kind: 'write';
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Throws `LegacyRefused` for what legacy checks before it looks at any row. */
  toCommand(request: LegacyRequest): LegacyCommand;
  /** Legacy's answer when it is done. @param row as it is now; undefined for a delete, or when the row is gone again */
  toAnswer(row: R | undefined, request: LegacyRequest): LegacyAnswer;
  /** Legacy's words for a problem that V2 answered with, where it has any; default: the problem's detail as plain text. */
  toRefusal?(problem: V2Problem, request: LegacyRequest): LegacyAnswer | undefined;
}

/** A route of legacy's API and what it means in V2: pure in both directions. */
export type LegacyRoute<R extends LegacyRow = LegacyRow> = LegacyReadRoute<R> | LegacyWriteRoute<R>;

/** The V2 command that a legacy write stands for. */
export interface LegacyCommand {
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path of a command of the entity; `{id}` stands for the entity's address, `legacy:<legacyId>` percent-encoded. */
  readonly path: `/v2/${string}`;
  readonly body: unknown;
  /** Canonical id of the row it is about; undefined for a create whose id legacy assigns. */
  readonly legacyId?: string;
  /**
   * Set where a repeat would make a second row: a create whose id legacy assigns. With `key` the caller has named the creation
   * itself; without it, two equal bodies within the proxy's window are one creation.
   */
  readonly creation?: { readonly key?: string };
}

/** A problem (RFC 9457) of new-api. */
export interface V2Problem {
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly path: string; readonly message: string; readonly value?: unknown }[];
}
