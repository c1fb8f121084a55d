import type { LegacyRow, LegacyViewQuery, V2Problem } from '@banyan/transformer';
import type { Reply } from '../upstream/reply.js';
import type { RoutePattern } from './route-table.js';

/** A call of a legacy route, taken apart. */
export interface LegacyCall {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  /** As it was sent; undefined for reads. */
  readonly body: Buffer | undefined;
}

/** A command of V2 that a legacy write stands for. */
export interface TranslatedCommand {
  readonly method: string;
  /** With the entity's address filled in: `/v2/orders/legacy:10248/ship`. */
  readonly path: string;
  readonly body: unknown;
  /** Set where a repeat would make a second row; `key` is what the caller names the creation by. */
  readonly creation: { readonly key?: string } | undefined;
  /** Canonical id of the row it is about, when the request says it. */
  readonly legacyId: string | undefined;
}

/** A legacy route with its translation; where legacy itself would refuse a call, the translation is legacy's answer. */
export interface TranslatedRoute extends RoutePattern {
  /** Its path names no row: it makes one. */
  readonly creates: boolean;
  /** Reads. */
  toView(call: LegacyCall): { readonly view: LegacyViewQuery } | { readonly reply: Reply };
  /** Reads: legacy's answer made of rows of V2. */
  toAnswer(rows: readonly LegacyRow[], total: number, call: LegacyCall): Reply;
  /** Writes. */
  toCommand(call: LegacyCall): { readonly command: TranslatedCommand } | { readonly reply: Reply };
  /** Writes: legacy's answer when it is done; undefined = the row is gone, or was deleted. */
  toDone(row: unknown, call: LegacyCall): Reply;
  /** Writes: legacy's words for a problem of V2, where it has any. */
  toRefusal(problem: V2Problem, call: LegacyCall): Reply | undefined;
}

/** What the proxy knows of an entity. */
export interface TranslatedEntity {
  readonly name: string;
  readonly routes: readonly TranslatedRoute[];
  /** `order.backend`: what legacy's API answers is as old as this port is. */
  readonly primaryPort: string;
  /** For the status. */
  readonly allPorts: readonly string[];
  /** Whether legacy numbers new rows. */
  readonly assignedIds: boolean;
  readonly settleAfterMs: number;
  readonly ignores: readonly { readonly name: string; readonly path: string }[];
  /** The canonical id of the row a path is about; undefined = it names none, or none that a row could have. */
  idOfCall(params: Readonly<Record<string, string>>): string | undefined;
  /** The canonical id in a row, undefined where it cannot be told. */
  idOfRow(row: unknown): string | undefined;
  /** Where legacy answers one row. */
  pathOfRow(legacyId: string): string;
  /** The canonical form of a row as legacy answers it; as it is where it has not the shape of one. */
  canonical(row: unknown): unknown;
  /** Legacy's page for what is not there. */
  absent(legacyId: string): Reply;
}
