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

interface Table {
  readonly idColumn: string;
  readonly assigned: boolean;
  readonly rows: Map<string, LegacyRow>;
}

/** A legacy system in memory behind the port `LegacyApi`: collections with paging, search, and faults on demand. */
export class InMemoryLegacy implements LegacyApi {
  /** Every request that was executed, in order. */
  readonly executed: HttpRequest[] = [];
  private readonly tables = new Map<string, Table>();
  private readonly faults: { matches: (request: HttpRequest) => boolean; fault: LegacyFault }[] = [];
  private readonly late: HttpRequest[] = [];
  /** The id that the next row gets where legacy assigns them. */
  nextId = 1;

  /** @param path e.g. `/api/orders` */
  addTable(path: string, idColumn: string, options: { assigned: boolean }): this {
    this.tables.set(path, { idColumn, assigned: options.assigned, rows: new Map() });
    return this;
  }

  rows(path: string): readonly LegacyRow[] {
    return this.sorted(this.table(path));
  }

  /** Writes a row behind everybody's back. */
  put(path: string, row: LegacyRow): void {
    const table = this.table(path);
    table.rows.set(String(row[table.idColumn]), row);
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
    for (const request of this.late.splice(0)) this.execute(request);
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
        this.late.push(request);
        return { type: 'unclear', reason: 'no answer' };
      case 'drop-after-commit':
        this.execute(request);
        return { type: 'unclear', reason: 'connection reset' };
      case undefined:
        return this.execute(request);
    }
  }

  async close(): Promise<void> {}

  private execute(request: HttpRequest): LegacyAnswer {
    this.executed.push(request);
    const url = new URL(request.path, 'http://legacy');
    const table = this.tables.get(url.pathname);
    if (table !== undefined) {
      return request.method === 'POST'
        ? this.insert(table, request.body as LegacyRow)
        : this.list(table, url.searchParams);
    }
    const at = url.pathname.lastIndexOf('/');
    const rows = this.tables.get(url.pathname.slice(0, at))?.rows;
    const id = decodeURIComponent(url.pathname.slice(at + 1));
    const row = rows?.get(id);
    if (rows === undefined || row === undefined) return answered(404, '<html>Not Found</html>');
    if (request.method === 'DELETE') {
      rows.delete(id);
      return answered(204);
    }
    if (request.method === 'PUT') rows.set(id, request.body as LegacyRow);
    return answered(200, rows.get(id));
  }

  private insert(table: Table, body: LegacyRow): LegacyAnswer {
    const id = table.assigned ? this.nextId++ : body[table.idColumn];
    if (table.rows.has(String(id))) return classifyAnswer(500, {}, 'duplicate key', 0);
    const row = { ...body, [table.idColumn]: id ?? null };
    table.rows.set(String(id), row);
    return answered(201, row);
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

function answered(status: number, body: unknown = '', headers: Record<string, string> = {}): LegacyAnswer {
  return { type: 'answered', status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) };
}
