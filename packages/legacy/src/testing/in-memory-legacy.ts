import type { HttpRequest, LegacyRow } from '@banyan/transformer';
import { classifyAnswer, type LegacyAnswer } from '../legacy-answer.js';
import type { LegacyApi, SendOptions } from '../legacy-api.js';

/** What happens to the next matching request. */
export type LegacyFault =
  | {
      readonly type: 'answer';
      readonly status: number;
      readonly body?: string;
      readonly headers?: Record<string, string>;
    }
  | { readonly type: 'refuse' }
  /** Executed, and nobody hears of it. */
  | { readonly type: 'drop-after-commit' }
  /** Nobody hears of it, and it is executed when `executeLate` is called. */
  | { readonly type: 'late' };

interface TableOptions {
  /** Legacy numbers the rows. */
  readonly assigned: boolean;
  /** Rows come with an ETag, a new one for each write, and If-Match is honoured. Default false. */
  readonly etags?: boolean;
}

interface Table extends TableOptions {
  readonly idColumn: string;
  readonly rows: Map<string, LegacyRow>;
  /** By id: which write of the table made the row what it is. */
  readonly writes: Map<string, number>;
}

interface Late {
  readonly request: HttpRequest;
  readonly headers: SendOptions['headers'];
}

/** A legacy system in memory behind the port `LegacyApi`: collections with paging, search, and faults on demand. */
export class InMemoryLegacy implements LegacyApi {
  /** Every request that was executed, in order. */
  readonly executed: HttpRequest[] = [];
  private readonly tables = new Map<string, Table>();
  private readonly faults: { matches: (request: HttpRequest) => boolean; fault: LegacyFault }[] = [];
  private readonly late: Late[] = [];
  private writes = 0;
  /** The id that the next row gets where legacy assigns them. */
  nextId = 1;

  /** @param path e.g. `/api/orders` */
  addTable(path: string, idColumn: string, options: TableOptions): this {
    this.tables.set(path, { ...options, idColumn, rows: new Map(), writes: new Map() });
    return this;
  }

  rows(path: string): readonly LegacyRow[] {
    return this.sorted(this.table(path));
  }

  /** Writes a row behind everybody's back. */
  put(path: string, row: LegacyRow): void {
    const table = this.table(path);
    this.write(table, String(row[table.idColumn]), row);
    if (table.assigned) this.nextId = Math.max(this.nextId, Number(row[table.idColumn]) + 1);
  }

  remove(path: string, id: string): void {
    this.table(path).rows.delete(id);
  }

  /** The next request that matches meets the fault, once. */
  failNext(method: HttpRequest['method'], fault: LegacyFault): void {
    this.faults.push({ matches: (request) => request.method === method, fault });
  }

  executeLate(): void {
    for (const { request, headers } of this.late.splice(0)) this.execute(request, headers);
  }

  async send(request: HttpRequest, options: SendOptions = {}): Promise<LegacyAnswer> {
    await Promise.resolve();
    const index = this.faults.findIndex(({ matches }) => matches(request));
    const fault = index < 0 ? undefined : this.faults.splice(index, 1)[0]?.fault;
    if (fault?.type === 'refuse') return { type: 'not-sent', reason: 'connection refused' };
    if (options.mayWrite?.() === false) return { type: 'not-sent', reason: 'the sender no longer holds its lease' };
    switch (fault?.type) {
      case 'answer':
        return classifyAnswer(fault.status, fault.headers ?? {}, fault.body ?? '', 0);
      case 'late':
        this.late.push({ request, headers: options.headers });
        return { type: 'unclear', reason: 'no answer' };
      case 'drop-after-commit':
        this.execute(request, options.headers);
        return { type: 'unclear', reason: 'connection reset' };
      case undefined:
        return this.execute(request, options.headers);
    }
  }

  async close(): Promise<void> {}

  private execute(request: HttpRequest, headers: SendOptions['headers'] = {}): LegacyAnswer {
    const url = new URL(request.path, 'http://legacy');
    const table = this.tables.get(url.pathname);
    if (table !== undefined) {
      this.executed.push(request);
      return request.method === 'POST'
        ? this.insert(table, request.body as LegacyRow)
        : this.list(table, url.searchParams);
    }
    const at = url.pathname.lastIndexOf('/');
    const of = this.tables.get(url.pathname.slice(0, at));
    const id = decodeURIComponent(url.pathname.slice(at + 1));
    const ifMatch = headers['if-match'];
    if (of?.etags && ifMatch !== undefined && ifMatch !== etagOf(of, id).etag) return answered(412);
    this.executed.push(request);
    if (of === undefined || !of.rows.has(id)) return answered(404, '<html>Not Found</html>');
    if (request.method === 'DELETE') {
      of.rows.delete(id);
      return answered(204);
    }
    if (request.method === 'PUT') this.write(of, id, request.body as LegacyRow);
    return answered(200, of.rows.get(id), etagOf(of, id));
  }

  private write(table: Table, id: string, row: LegacyRow): void {
    this.writes += 1;
    table.rows.set(id, row);
    table.writes.set(id, this.writes);
  }

  private insert(table: Table, body: LegacyRow): LegacyAnswer {
    const id = table.assigned ? this.nextId++ : body[table.idColumn];
    if (table.rows.has(String(id))) return classifyAnswer(500, {}, 'duplicate key', 0);
    const row = { ...body, [table.idColumn]: id ?? null };
    this.write(table, String(id), row);
    return answered(201, row, etagOf(table, String(id)));
  }

  private list(table: Table, params: URLSearchParams): LegacyAnswer {
    const page = Number(params.get('page') ?? 1);
    const size = Number(params.get('size') ?? 1000);
    const filters = [...params].filter(([name]) => name !== 'page' && name !== 'size');
    const found = this.sorted(table).filter((row) => filters.every(([name, value]) => String(row[name]) === value));
    return answered(200, found.slice((page - 1) * size, page * size), { 'x-total-count': String(found.length) });
  }

  private sorted(table: Table): LegacyRow[] {
    const rows = [...table.rows.values()];
    const idOf = (row: LegacyRow) => row[table.idColumn] as string | number;
    return rows.sort((a, b) => (idOf(a) < idOf(b) ? -1 : 1));
  }

  private table(path: string): Table {
    const table = this.tables.get(path);
    if (table === undefined) throw new Error(`no table ${path}`);
    return table;
  }
}

function etagOf({ etags, rows, writes }: Table, id: string): Record<string, string> {
  return etags && rows.has(id) ? { etag: `"${writes.get(id)}"` } : {};
}

function answered(status: number, body: unknown = '', headers: Record<string, string> = {}): LegacyAnswer {
  return { type: 'answered', status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}
