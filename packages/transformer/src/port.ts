import type { LegacyRow } from './legacy-row.js';

/**
 * Carries an entity's state to one legacy backend: parse -> format (pure) -> send. Whether it is a create, an update or a
 * delete follows from the liveness before and after; see `portOperation`.
 */
interface Port<S, R extends LegacyRow> {
  /** Unique within the entity: `backend`. The consumer group is `legacy-porter.<entity>.<name>`. */
  readonly name: string;
  /** Entities whose legacy ids `format` needs. The key waits, visibly, until their links are known. */
  refsOf(state: S): readonly { readonly entity: string; readonly id: string }[];
  /** The canonical legacy row of a state. Pure; of the primary port the inverse of `importRow`, except for declared losses. */
  format(state: S, context: FormatContext): R;
}

/** The port to the backend that is being migrated: identity, links, imports and adoption are its. */
export interface PortDefinition<S = unknown, R extends LegacyRow = LegacyRow> extends Port<S, R> {
  readonly primary: true;
  readonly target: HttpTarget<R>;
}

/**
 * A port to a further legacy backend, which finds its rows under the primary's legacy ids. It is sent what is born or changed in V2;
 * what comes from legacy, legacy tells its neighbours itself.
 */
export interface FurtherPort<S = unknown, R extends LegacyRow = LegacyRow> extends Port<S, R> {
  readonly primary: false;
  readonly target: SqlTarget<R>;
}

export interface FormatContext {
  readonly id: string;
  /**
   * The entity's own legacy id, of the primary port; undefined before legacy assigned one (`format` then leaves the id out as null). A
   * further port waits for it, so it always has one.
   */
  readonly legacyId: string | undefined;
  /** The legacy id of another entity, as declared by `refsOf`. */
  legacyIdOf(entity: string, id: string): string;
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path and query below the legacy API's base URL. */
  readonly path: string;
  readonly body?: unknown;
}

/** A legacy HTTP API, and how it is written without covering what somebody else wrote. */
export type HttpTarget<R extends LegacyRow = LegacyRow> = WrittenOverHttp<R> & CompareAndSetOverHttp;

interface WrittenOverHttp<R extends LegacyRow> {
  readonly create: CreateOverHttp<R>;
  /** Delivery class `idempotent`: repeats without harm. */
  update(legacyId: string, row: R): HttpRequest;
  delete(legacyId: string): HttpRequest;
  /**
   * Whether a 5xx is legacy's decision rather than its failure: read, refused, and certainly not executed, as when its database found
   * a constraint violated. Without it every 5xx is unclear, and is asked about and sent again.
   */
  refuses?(answer: { readonly status: number; readonly body: string }): boolean;
  /** The longest life of a request at legacy, after which a "no" can be believed, milliseconds. */
  readonly settleAfterMs: number;
}

export type CompareAndSetOverHttp =
  | {
      /**
       * Legacy answers `http.one` with a strong ETag, and a PUT or DELETE whose `If-Match` is another one with 412, unexecuted. So there is no
       * window; and where its answers to PUT and POST carry the new ETag, the next change of the row is one exchange.
       */
      readonly ifMatch: true;
      readonly compareAndSetWindow?: never;
    }
  | {
      readonly ifMatch?: never;
      /**
       * Without: GET, hash of the canonical row, then write. Why that is not exact here and how long the window between the two is, so that
       * nobody has to guess it; shown by `banyan status` and the docs.
       */
      readonly compareAndSetWindow: string;
    };

export type CreateOverHttp<R extends LegacyRow> =
  | {
      /** The id is in the row, and legacy refuses a second one. */
      readonly deliveryClass: 'idempotent';
      request(row: R): HttpRequest;
    }
  | {
      /** A repeat would double: after an unclear answer legacy is asked whether it arrived. */
      readonly deliveryClass: 'probe';
      request(row: R): HttpRequest;
      /** The canonical id that legacy answered with. */
      idFromAnswer(answer: unknown): string;
      /**
       * Where to look: a path whose answer is a list of rows (as `http.page`), rows made canonical by the reader. A list that
       * is not whole (X-Total-Count above its length) cannot say "no": the create is then in doubt.
       */
      probePath(row: R, highWaterMark: string | null): string;
      /** Whether a row found there is the one sent. `isAbove` = its id is above the mark taken before the send. */
      isOurs(candidate: R, sent: R, context: { readonly id: string; readonly isAbove: boolean }): boolean;
    };

/**
 * A legacy database that has taken Banyan's marker table in: the row and the marker `(port, key, version)` change in one transaction of
 * its own, so the marker says certainly whether a send was executed, and compare-and-set has no window.
 */
export interface SqlTarget<R extends LegacyRow = LegacyRow> {
  readonly deliveryClass: 'transactional';
  /** Which database, kebab-case: `billing` is `LEGACY_BILLING_DATABASE_URL` of the porter. Without the variable the port does not run. */
  readonly database: string;
  /** One row with its children as JSON in column `row`, by legacy id in `$1`. It has to lock it: `for update`. */
  readonly select: string;
  /** Throws `UnmappableRow`. */
  canonical(raw: unknown): R;
  /** Run in order, in the marker's transaction. Each changes this row only; columns that are not in it stay as they are. */
  insert(legacyId: string, row: R): readonly SqlStatement[];
  update(legacyId: string, row: R): readonly SqlStatement[];
  delete(legacyId: string): readonly SqlStatement[];
}

export interface SqlStatement {
  readonly text: string;
  readonly values: readonly unknown[];
}

/** What is needed of a port to speak of it, whatever it sends over. */
// biome-ignore lint/suspicious/noExplicitAny: variance; a port only ever sees the states and rows of its own entity
export type AnyPort = PortDefinition<any, any> | FurtherPort<any, any>;

export function isTransactional<R extends LegacyRow>(target: HttpTarget<R> | SqlTarget<R>): target is SqlTarget<R> {
  return 'deliveryClass' in target;
}

/** How long after an unclear answer a send may still be executed, milliseconds. 0: the marker says it at once. */
export function settleAfterMsOf({ target }: AnyPort): number {
  return isTransactional(target) ? 0 : target.settleAfterMs;
}

/** Between looking at legacy's row and writing it, in words. */
export function compareAndSetWindowOf({ target }: AnyPort): string {
  if (isTransactional(target)) return 'none: row and marker change in one transaction';
  return target.ifMatch ? 'none: legacy compares by If-Match' : target.compareAndSetWindow;
}

export type PortOperation = 'create' | 'update' | 'delete' | 'nothing';

/** What a change means for legacy, from the liveness before and after. */
export function portOperation(before: boolean, after: boolean): PortOperation {
  if (after) return before ? 'update' : 'create';
  return before ? 'delete' : 'nothing';
}
