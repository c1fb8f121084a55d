import { rowHash } from '@banyan/compare';
import { isBanyanError } from '@banyan/core';
import { storable } from '@banyan/postgres';
import { type HttpRequest, type HttpTarget, type LegacyRow, UnmappableRow } from '@banyan/transformer';
import { strongETag } from './etag.js';
import { parseJson, readList } from './http-json.js';
import type { HttpReader } from './http-reader.js';
import { excerpt } from './legacy-answer.js';
import type { LegacyApi, SendOptions } from './legacy-api.js';
import type { ReadableEntity } from './legacy-reader.js';
import { compareIds } from './overlapping-page.js';

/** A row as legacy has it. */
export interface SeenRow<R extends LegacyRow> {
  readonly legacyId: string;
  readonly row: R;
  readonly hash: string;
  /** A strong one; undefined = legacy gave none, or does not compare by it. */
  readonly etag?: string | undefined;
}

/** Nothing was learned. `unavailable` heals by itself; `unreadable` (a row nobody can map) needs a person. */
export type NotSeen =
  | { readonly type: 'unavailable'; readonly reason: string; readonly retryAfterMs?: number }
  | { readonly type: 'unreadable'; readonly reason: string };

export type Look<R extends LegacyRow> =
  | { readonly type: 'row'; readonly seen: SeenRow<R> }
  | { readonly type: 'absent' }
  | NotSeen;
export type Probe<R extends LegacyRow> =
  | { readonly type: 'candidates'; readonly ours: readonly SeenRow<R>[] }
  | NotSeen;

export type WriteOutcome<R extends LegacyRow> =
  /** Executed; what legacy answered with, undefined for a delete. */
  | { readonly type: 'written'; readonly seen: SeenRow<R> | undefined }
  /** HTTP 404 to an update or delete: the row went between look and write, or an earlier attempt deleted it. */
  | { readonly type: 'missing' }
  /** HTTP 412: the row's ETag is not the one that was sent as If-Match. Certainly not executed. */
  | { readonly type: 'changed' }
  /** Legacy read it and said no, in its own words, as far as PostgreSQL can hold them. Certainly not executed. */
  | { readonly type: 'rejected'; readonly status: number; readonly words: string }
  /** Certainly not executed, and may be sent again. */
  | { readonly type: 'not-sent'; readonly reason: string; readonly retryAfterMs?: number }
  /** May have been executed, or may still be. */
  | { readonly type: 'unclear'; readonly reason: string; readonly retryAfterMs?: number };

export interface ChangeOptions extends SendOptions {
  /** Executed only if the row's ETag is this. Default: whatever it is. */
  readonly ifMatch?: string | undefined;
}

/** The pieces a port's protocol is made of, for one entity on one legacy HTTP API. No order of steps is in here. */
export interface Sender<R extends LegacyRow = LegacyRow> {
  readonly target: HttpTarget<R>;
  hash(row: R): string;
  /** Where the target compares by If-Match, a row without a strong ETag is `unreadable`. */
  look(legacyId: string): Promise<Look<R>>;
  /** Asks whether a create of delivery class `probe` arrived. */
  probe(sent: { readonly id: string; readonly row: R; readonly highWaterMark: string | null }): Promise<Probe<R>>;
  highWaterMark(): Promise<{ readonly type: 'mark'; readonly mark: string | null } | NotSeen>;
  create(row: R, options?: SendOptions): Promise<WriteOutcome<R>>;
  update(legacyId: string, row: R, options?: ChangeOptions): Promise<WriteOutcome<R>>;
  delete(legacyId: string, options?: ChangeOptions): Promise<WriteOutcome<R>>;
}

/** @param reader reads the API that is written, never a copy of its database: a copy may be behind the last write */
export function createSender<R extends LegacyRow>(
  entity: ReadableEntity<R>,
  target: HttpTarget<R>,
  reader: Pick<HttpReader<R>, 'tagged' | 'highWaterMark'>,
  api: LegacyApi,
): Sender<R> {
  const seen = (row: R, legacyId: string, etag?: string): SeenRow<R> => {
    const is = { legacyId, row, hash: rowHash(row) };
    return target.ifMatch ? { ...is, etag } : is;
  };

  const write = async (request: HttpRequest, options: ChangeOptions | undefined, legacyId?: string) => {
    const outcome = await writeOnce(api, target, request, options);
    if (outcome.type !== 'written') return outcome;
    if (request.method === 'DELETE') return { type: 'written', seen: undefined } as const;
    try {
      const answer = parseJson(request.path, outcome.body);
      const row = entity.reader.canonical(answer);
      return { type: 'written', seen: seen(row, legacyId ?? idIn(answer, row), outcome.etag) } as const;
    } catch (error) {
      // Executed, but its answer cannot be read: the row has to be asked for, as after no answer at all.
      return { type: 'unclear', reason: `the answer to ${request.method} is not a row: ${messageOf(error)}` } as const;
    }
  };

  const idIn = (answer: unknown, row: R): string =>
    target.create.deliveryClass === 'probe' ? target.create.idFromAnswer(answer) : entity.idOf(row);

  return {
    target,
    hash: rowHash,
    async look(legacyId) {
      return attempt(async () => {
        const found = await reader.tagged(legacyId);
        if (found === undefined) return { type: 'absent' as const };
        if (target.ifMatch && found.etag === undefined) {
          return { type: 'unreadable' as const, reason: 'the row comes without a strong ETag, which If-Match needs' };
        }
        return { type: 'row' as const, seen: seen(found.row, legacyId, found.etag) };
      });
    },
    async probe({ id, row, highWaterMark }) {
      const { create } = target;
      if (create.deliveryClass !== 'probe') return { type: 'unreadable', reason: 'this create has no probe' };
      return attempt(async () => {
        const { rows, headers } = await readList(api, create.probePath(row, highWaterMark));
        // A page of a longer list cannot say "no": the row may be on the next one.
        const total = Number(headers['x-total-count'] ?? rows.length);
        if (!(total <= rows.length)) {
          return { type: 'unreadable' as const, reason: `the probe's answer has ${rows.length} of ${total} rows` };
        }
        // A neighbour that cannot be mapped might be ours: not knowing is not the same as "no".
        const candidates = rows.map((raw) => entity.reader.canonical(raw));
        const ours = candidates.filter((candidate) =>
          create.isOurs(candidate, row, { id, isAbove: isAbove(entity.idOf(candidate), highWaterMark) }),
        );
        return { type: 'candidates' as const, ours: ours.map((found) => seen(found, entity.idOf(found))) };
      });
    },
    highWaterMark: () => attempt(async () => ({ type: 'mark' as const, mark: await reader.highWaterMark() })),
    create: (row, options) => write(target.create.request(row), options),
    update: (legacyId, row, options) => write(target.update(legacyId, row), options, legacyId),
    delete: (legacyId, options) => write(target.delete(legacyId), options, legacyId),
  };
}

/** Whether legacy assigned the id after the mark was taken. */
export function isAbove(legacyId: string, highWaterMark: string | null): boolean {
  return highWaterMark === null || compareIds(legacyId, highWaterMark) > 0;
}

type Written = { readonly type: 'written'; readonly body: string; readonly etag: string | undefined };

async function writeOnce(
  api: LegacyApi,
  target: Pick<HttpTarget, 'refuses'>,
  request: HttpRequest,
  { ifMatch, ...options }: ChangeOptions = {},
): Promise<Written | Exclude<WriteOutcome<never>, { type: 'written' }>> {
  const headers = ifMatch === undefined ? options.headers : { ...options.headers, 'if-match': ifMatch };
  const answer = await api.send(request, headers === undefined ? options : { ...options, headers });
  switch (answer.type) {
    case 'throttled':
      return { type: 'not-sent', reason: answer.reason, retryAfterMs: answer.retryAfterMs };
    case 'not-sent':
      return { type: 'not-sent', reason: answer.reason };
    case 'unclear':
      if (answer.said !== undefined && target.refuses?.(answer.said) === true) return rejected(answer.said);
      return {
        type: 'unclear',
        reason: answer.reason,
        ...(answer.retryAfterMs === undefined ? {} : { retryAfterMs: answer.retryAfterMs }),
      };
    case 'answered':
      break;
  }
  if (answer.status >= 200 && answer.status < 300) {
    return { type: 'written', body: answer.body, etag: strongETag(answer.headers) };
  }
  if (answer.status === 404 && request.method !== 'POST') return { type: 'missing' };
  if (answer.status === 412 && ifMatch !== undefined) return { type: 'changed' };
  // Credentials are nobody's row: every key would park for a secret that ran out.
  if (answer.status === 401 || answer.status === 407) {
    return { type: 'not-sent', reason: `HTTP ${answer.status}: ${excerpt(answer.body)}` };
  }
  return rejected(answer);
}

/** Legacy's callers get these words as they are; beyond this many characters nobody reads them. */
const WORDS_MAX = 4_000;

function rejected({ status, body }: { readonly status: number; readonly body: string }) {
  return { type: 'rejected', status, words: storable(body.slice(0, WORDS_MAX)) } as const;
}

async function attempt<T>(read: () => Promise<T>): Promise<T | NotSeen> {
  try {
    return await read();
  } catch (error) {
    if (isBanyanError(error) && error.retryable) {
      const { retryAfterMs } = error.data;
      return {
        type: 'unavailable',
        reason: error.message,
        ...(typeof retryAfterMs === 'number' ? { retryAfterMs } : {}),
      };
    }
    if (isBanyanError(error) || error instanceof UnmappableRow) return { type: 'unreadable', reason: error.message };
    throw error;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
