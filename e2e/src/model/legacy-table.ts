import type { LegacyAnswer } from '@banyan/legacy';
import type { HttpRequest } from '@banyan/transformer';
import type { TallyRow } from './tally.js';

/** A request as it was written, with what it says of the row that it is for. */
export interface SentRequest extends HttpRequest {
  readonly ifMatch?: string;
}

/** Legacy: a table whose ids it assigns, and requests it was sent and has not carried out. */
export interface LegacyTable {
  readonly rows: readonly TallyRow[];
  readonly nextId: number;
  readonly late: readonly SentRequest[];
}

export function isWrite({ method }: HttpRequest): boolean {
  return method !== 'GET';
}

export interface Executed {
  readonly legacy: LegacyTable;
  readonly answer: LegacyAnswer;
}

/** Carries out one request of `/tallies`. A row's ETag says what is in it, and an If-Match is honoured. */
export function execute(legacy: LegacyTable, { method, path, body, ifMatch }: SentRequest): Executed {
  const { rows } = legacy;
  const url = new URL(path, 'http://legacy');
  const id = url.pathname.split('/')[2];
  if (method === 'POST') {
    const row = { ...(body as TallyRow), Id: String(legacy.nextId) };
    const answer = answered(201, row, etagOf(row));
    return { legacy: { ...legacy, rows: [...rows, row], nextId: legacy.nextId + 1 }, answer };
  }
  if (id === undefined) {
    const [page, size] = ['page', 'size'].map((name) => Number(url.searchParams.get(name)));
    const from = ((page ?? 1) - 1) * (size ?? 1);
    const answer = answered(200, rows.slice(from, from + (size ?? 1)), { 'x-total-count': String(rows.length) });
    return { legacy, answer };
  }
  const at = rows.findIndex((row) => row.Id === id);
  const there = rows[at];
  if (ifMatch !== undefined && (there === undefined || ifMatch !== etagOf(there).etag)) {
    return { legacy, answer: answered(412, 'another row') };
  }
  if (there === undefined) return { legacy, answer: answered(404, 'not found') };
  if (method === 'GET') return { legacy, answer: answered(200, there, etagOf(there)) };
  if (method === 'DELETE') return { legacy: { ...legacy, rows: rows.toSpliced(at, 1) }, answer: answered(204, '') };
  const row = { ...(body as TallyRow), Id: id };
  return { legacy: { ...legacy, rows: rows.with(at, row) }, answer: answered(200, row, etagOf(row)) };
}

function etagOf({ Ids }: TallyRow): { readonly etag: string } {
  return { etag: `"${Ids}"` };
}

function answered(status: number, body: unknown, headers: Record<string, string> = {}): LegacyAnswer {
  return { type: 'answered', status, headers, body: JSON.stringify(body) };
}
