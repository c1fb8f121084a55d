import { type Clock, systemClock } from '@banyan/core';
import { type LegacyRow, UnmappableRow } from '@banyan/transformer';
import { canonicalRows } from './canonical-rows.js';
import { strongETag } from './etag.js';
import { readJson, readList, unexpected } from './http-json.js';
import type { AnswerHeaders } from './legacy-answer.js';
import type { LegacyApi } from './legacy-api.js';
import type { IdPage, InvalidRow, LegacyReader, ReadableEntity, ReadRows } from './legacy-reader.js';
import { compareIds, overlappingPage } from './overlapping-page.js';

export interface HttpReaderOptions {
  /** Rows asked for one by one at the same time. Default 8. */
  readonly concurrency?: number;
  readonly clock?: Clock;
}

export interface HttpReader<R extends LegacyRow = LegacyRow> extends LegacyReader<R> {
  /** As `one`, with the row's strong ETag where legacy gives one. */
  tagged(legacyId: string): Promise<{ readonly row: R; readonly etag: string | undefined } | undefined>;
}

/** A 404 for one row is believed while the list beside it answered within this time, milliseconds. */
const LIST_TRUSTED_MS = 30_000;

/** Reads over legacy's HTTP API: pages by number with X-Total-Count, rows one by one. */
export function createHttpReader<R extends LegacyRow>(
  entity: ReadableEntity<R>,
  api: LegacyApi,
  options: HttpReaderOptions = {},
): HttpReader<R> {
  return new ReaderOverHttp(entity, api, options.concurrency ?? 8, options.clock ?? systemClock);
}

class ReaderOverHttp<R extends LegacyRow> implements HttpReader<R> {
  /** Where rows read last were in legacy's order; only a hint, checked at each use. */
  private readonly positions = new Map<string, number>();
  private listAnsweredAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly entity: ReadableEntity<R>,
    private readonly api: LegacyApi,
    private readonly concurrency: number,
    private readonly clock: Clock,
  ) {}

  async idsAfter(after: string | null, limit: number): Promise<IdPage<R>> {
    const size = Math.max(limit, 2);
    let offset = after === null ? 0 : (this.positions.get(after) ?? (await this.positionBehind(after, size)));
    for (;;) {
      const { page, size: pageSize } = overlappingPage(offset, size);
      const { read, total } = await this.page(page, pageSize);
      const start = (page - 1) * pageSize;
      const from = after === null ? 0 : firstBehind(read.ids, after);
      if (from === 0 && offset > 0 && start > 0) {
        // Rows in front of this page went and everything moved up: step back until a row at or before `after` is seen.
        offset = start;
        continue;
      }
      const last = start + read.ids.length >= total;
      if (from === read.ids.length && !last) {
        // Rows were added in front: all of this page is known already.
        offset = start + read.ids.length;
        continue;
      }
      return this.taken(read, from, start, last);
    }
  }

  async rows(ids: readonly string[]): Promise<ReadRows<R>> {
    const rows = new Map<string, R | undefined>();
    const invalid: InvalidRow[] = [];
    const queue = [...ids];
    const readNext = async (): Promise<void> => {
      for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
        try {
          rows.set(id, await this.one(id));
        } catch (error) {
          if (!(error instanceof UnmappableRow)) throw error;
          invalid.push({ id, error });
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(this.concurrency, ids.length) }, readNext));
    return { rows, invalid };
  }

  async one(legacyId: string): Promise<R | undefined> {
    return (await this.tagged(legacyId))?.row;
  }

  async tagged(legacyId: string): Promise<{ readonly row: R; readonly etag: string | undefined } | undefined> {
    const answer = await readJson(this.api, this.entity.reader.http.one(legacyId));
    if (answer !== undefined) {
      return { row: this.entity.reader.canonical(answer.json), etag: strongETag(answer.headers) };
    }
    // A wrong base URL, or a gateway in front of nothing, answers 404 for everything: absence counts only beside a list.
    if (this.clock.monotonic() - this.listAnsweredAt > LIST_TRUSTED_MS) await this.page(1, 1);
    return undefined;
  }

  async highWaterMark(): Promise<string | null> {
    for (let position = (await this.page(1, 1)).total; position > 0; ) {
      const { read, total } = await this.page(position, 1);
      const id = read.ids[0];
      if (id !== undefined) return id;
      // The last row went between the two requests.
      position = Math.min(position - 1, total);
    }
    return null;
  }

  private async page(page: number, size: number) {
    const path = this.entity.reader.http.page(page, size);
    const { rows, headers } = await readList(this.api, path);
    this.listAnsweredAt = this.clock.monotonic();
    return { read: canonicalRows(this.entity, rows), total: totalCount(path, headers) };
  }

  private async positionBehind(after: string, size: number): Promise<number> {
    let low = 0;
    let high = Math.ceil((await this.page(1, 1)).total / size);
    // The first page whose first id lies behind `after`; the one before it holds the place.
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      const first = (await this.page(middle + 1, size)).read.ids[0];
      if (first !== undefined && compareIds(first, after) <= 0) low = middle + 1;
      else high = middle;
    }
    return Math.max(low - 1, 0) * size + (low > 0 ? 1 : 0);
  }

  private taken(read: ReturnType<typeof canonicalRows<R>>, from: number, start: number, last: boolean): IdPage<R> {
    const ids = read.ids.slice(from);
    const end = ids.at(-1);
    if (end !== undefined) {
      this.positions.clear();
      this.positions.set(end, start + read.ids.length);
    }
    const wanted = new Set(ids);
    return {
      ids,
      last,
      read: {
        rows: new Map([...read.rows].filter(([id]) => wanted.has(id))),
        invalid: read.invalid.filter(({ id }) => wanted.has(id)),
      },
    };
  }
}

/** Index of the first id behind `after`; where `after` itself stands its place counts, not its text. */
function firstBehind(ids: readonly string[], after: string): number {
  const at = ids.indexOf(after);
  if (at >= 0) return at + 1;
  const behind = ids.findIndex((id) => compareIds(id, after) > 0);
  return behind < 0 ? ids.length : behind;
}

function totalCount(path: string, headers: AnswerHeaders): number {
  const total = Number(headers['x-total-count']);
  if (!Number.isInteger(total) || total < 0) throw unexpected(path, 'no header X-Total-Count');
  return total;
}
