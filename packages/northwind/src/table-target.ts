import { type CreateOverHttp, equalRows, type HttpTarget, type LegacyRow } from '@banyan/transformer';
import { refuses } from './refuses.js';

/** Legacy's API of a table as a port writes to it. @param path `/api/products` */
export function tableTarget<R extends LegacyRow>(path: string, create: CreateOverHttp<R>): HttpTarget<R> {
  const one = (legacyId: string) => `${path}/${encodeURIComponent(legacyId)}`;
  return {
    create,
    update: (legacyId, row) => ({ method: 'PUT', path: one(legacyId), body: row }),
    delete: (legacyId) => ({ method: 'DELETE', path: one(legacyId) }),
    refuses,
    settleAfterMs: 3000,
    compareAndSetWindow:
      'between the GET and the write behind it, at most 3 s: legacy has no If-Match, and ends each request at 2 s',
  };
}

/** The id is in the row and legacy refuses a second one: a repeat cannot double. */
export function createUnderGivenId<R extends LegacyRow>(path: string): CreateOverHttp<R> {
  return { deliveryClass: 'idempotent', request: (row) => ({ method: 'POST', path, body: row }) };
}

/** Fields that hold text in every row. */
type TextField<R> = { [F in keyof R & string]: R[F] extends string ? F : never }[keyof R & string];

export interface CreateUnderNextId<R extends LegacyRow> {
  readonly path: string;
  /** Field of the id: `ProductID`. It is left out of what is sent. */
  readonly id: keyof R & string;
  /** What rows are searched by after an unclear answer. Never null: nobody finds such a row, and it would be sent again. */
  readonly search: TextField<R>;
  /** Throws `UnmappableRow`. */
  canonical(raw: unknown): R;
}

/** Legacy numbers the row and would make a second one of a repeat. It has no column to leave a stamp in: equal rows are looked for. */
export function createUnderNextId<R extends LegacyRow>(options: CreateUnderNextId<R>): CreateOverHttp<R> {
  const { path, id, search, canonical } = options;
  return {
    deliveryClass: 'probe',
    request: ({ [id]: _, ...row }) => ({ method: 'POST', path, body: row }),
    idFromAnswer: (answer) => String(canonical(answer)[id]),
    probePath: (row) => `${path}?${search}=${encodeURIComponent(String(row[search]))}`,
    // Two equal rows added at the same time cannot be told apart: then there are several hits, and that is in doubt.
    isOurs: (candidate, sent, { isAbove }) => isAbove && equalRows(candidate, sent, { except: [id] }),
  };
}
